import { FORMAT_VERSION, inOrder, METADATA_FIELDS, NARROW_VERSION, TENSOR_FIELDS } from "./fields.ts";
import { type Model, type ModelOperation, NUMERICS_VERSION } from "./model.ts";
import { packedBytes, WORD_BITS } from "./narrow.ts";
import { writeProgram } from "./program.ts";
import { volume } from "./shape.ts";
import { tensorsOf } from "./tensors.ts";

/** Digits that stand for the digest while it is computed. */
export const NO_DIGEST = "0".repeat(64);

/** The data start at a multiple of this many bytes. */
export const ALIGNMENT = 64;

/** The first byte of the digest, the same in every file. */
export const DIGEST_OFFSET =
  8 +
  `{"__metadata__":{"format":"circulant","version":"${FORMAT_VERSION}","numerics":"${NUMERICS_VERSION}","sha256":"`
    .length;

/** A tensor's place in the file. */
export interface TensorPlace {
  /** As in "hidden.weight". */
  readonly name: string;
  readonly dtype: "I16" | "U8";
  readonly shape: readonly number[];
  /** Words, and bits of a word. */
  readonly words: number;
  readonly bits: number;
  /** First byte and byte after the last, from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/** The tensors of the operations in the order of the file: weight, bias and, for a table activation, table. */
export function placeTensors(operations: readonly ModelOperation[]): readonly TensorPlace[] {
  let end = 0;
  return operations.flatMap((operation) =>
    tensorsOf(operation).map(({ tensor, shape, bits }) => {
      const words = volume(shape);
      const bytes = packedBytes(words, bits);
      const start = end;
      end += bytes;
      const stored = bits === WORD_BITS ? { dtype: "I16" as const, shape } : { dtype: "U8" as const, shape: [bytes] };
      return { name: `${operation.name}.${tensor}`, ...stored, words, bits, start, end };
    }),
  );
}

/** The version of the layout that a model needs: older readers know what they cannot read. */
function versionOf({ operations }: Model): "2" | "3" {
  return operations.some(({ weightBits }) => weightBits !== undefined) ? NARROW_VERSION : FORMAT_VERSION;
}

/**
 * The one encoding of everything before the data: the length, the JSON and the spaces after it.
 *
 * @param digest 64 hexadecimal digits
 */
export function encodeHeader(model: Model, digest: string): Uint8Array {
  const metadata = inOrder(METADATA_FIELDS, {
    format: "circulant",
    version: versionOf(model),
    numerics: String(NUMERICS_VERSION),
    sha256: digest,
    program: JSON.stringify(writeProgram(model)),
  });
  const tensors = placeTensors(model.operations).map(({ name, dtype, shape, start, end }) => [
    name,
    inOrder(TENSOR_FIELDS, { dtype, shape, data_offsets: [start, end] }),
  ]);
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) }));
  const header = new Uint8Array(Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return header;
}
