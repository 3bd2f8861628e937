import { formatSchedule } from "../fft/schedule.ts";
import { TABLE_WORDS } from "../layers/activation.ts";
import { blockGrid } from "../layers/dense.ts";
import {
  FORMAT_VERSION,
  INPUT_FIELDS,
  inOrder,
  LAYER_FIELDS,
  METADATA_FIELDS,
  PROGRAM_FIELDS,
  TENSOR_FIELDS,
} from "./fields.ts";
import { type Model, type ModelLayer, NUMERICS_VERSION } from "./model.ts";

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

/** What the places of a layer's tensors follow from. */
type LayerShape = Pick<ModelLayer, "name" | "in" | "out" | "k"> & { readonly activation: { readonly kind: string } };

/** The tensors of the layers in the order of the file: weight, bias and, for a table activation, table. */
export function placeTensors(layers: readonly LayerShape[]): readonly TensorPlace[] {
  let end = 0;
  return layers.flatMap((layer) => {
    const { p, q } = blockGrid(layer);
    const shapes: (readonly [string, readonly number[]])[] = [
      ["weight", [p, q, layer.k]],
      ["bias", [layer.out]],
    ];
    if (layer.activation.kind === "table") shapes.push(["table", [TABLE_WORDS]]);
    return shapes.map(([tensor, shape]) => {
      const start = end;
      end += 2 * shape.reduce((words, side) => words * side, 1);
      return { name: `${layer.name}.${tensor}`, shape, start, end };
    });
  });
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
    program: JSON.stringify(program(model)),
  });
  const tensors = placeTensors(model.layers).map(({ name, shape, start, end }) => [
    name,
    inOrder(TENSOR_FIELDS, { dtype: "I16", shape, data_offsets: [start, end] }),
  ]);
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) }));
  const header = new Uint8Array(Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return header;
}

function program(model: Model): object {
  return inOrder(PROGRAM_FIELDS, {
    input: inOrder(INPUT_FIELDS, model.input),
    layers: model.layers.map(programLayer),
    labels: model.labels,
  });
}

function programLayer(layer: ModelLayer): object {
  const { name, in: inputs, out, k, shift, activation, format } = layer;
  const stages = Math.log2(k);
  return inOrder(LAYER_FIELDS, {
    name,
    op: "dense",
    in: inputs,
    out,
    k,
    forward: formatSchedule(layer.forward, stages),
    inverse: formatSchedule(layer.inverse, stages),
    shift,
    activation: activation.kind,
    bounds: activation.kind === "clip" ? [activation.lo, activation.hi] : undefined,
    fractionBits: [format.input, format.weight, format.output],
  });
}
