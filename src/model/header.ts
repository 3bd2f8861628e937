import { FORMAT_VERSION, inOrder, METADATA_FIELDS, TENSOR_FIELDS } from "./fields.ts";
import { type Model, type ModelOperation, NUMERICS_VERSION } from "./model.ts";
import { writeProgram } from "./program.ts";
import { volume } from "./shape.ts";
import { tensorsOf } from "./tensors.ts";

/** Digits that stand for the digest while it is computed. */
export const NO_DIGEST = "0".repeat(64);

/** The data start at a multiple of this many bytes. */
export const ALIGNMENT = 64;

/** The first byte of the digest, the same in every file of this version. */
export const DIGEST_OFFSET =
  8 +
  `{"__metadata__":{"format":"circulant","version":"${FORMAT_VERSION}","numerics":"${NUMERICS_VERSION}","sha256":"`
    .length;

/** A tensor's place in the file. */
export interface TensorPlace {
  /** As in "hidden.weight". */
  readonly name: string;
  readonly shape: readonly number[];
  /** First byte and byte after the last, from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/** The tensors of the operations in the order of the file: weight, bias and, for a table activation, table. */
export function placeTensors(operations: readonly ModelOperation[]): readonly TensorPlace[] {
  let end = 0;
  return operations.flatMap((operation) =>
    tensorsOf(operation).map(({ tensor, shape }) => {
      const start = end;
      end += 2 * volume(shape);
      return { name: `${operation.name}.${tensor}`, shape, start, end };
    }),
  );
}

/**
 * The one encoding of everything before the data: the length, the JSON and the spaces after it.
 *
 * @param digest 64 hexadecimal digits
 */
export function encodeHeader(model: Model, digest: string): Uint8Array {
  const metadata = inOrder(METADATA_FIELDS, {
    format: "circulant",
    version: String(FORMAT_VERSION),
    numerics: String(NUMERICS_VERSION),
    sha256: digest,
    program: JSON.stringify(writeProgram(model)),
  });
  const tensors = placeTensors(model.operations).map(({ name, shape, start, end }) => [
    name,
    inOrder(TENSOR_FIELDS, { dtype: "I16", shape, data_offsets: [start, end] }),
  ]);
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) }));
  const header = new Uint8Array(Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return header;
}
