import type { Model } from "../model/model.ts";
import { tensorTypes } from "../model/program.ts";
import type { TensorInfo, TensorOf } from "./tensor.ts";

/** What a run makes, in arrays of the caller's own. */
export interface Results {
  /** Real values of the last tensor's words. */
  readonly output: TensorOf<"float32">;
  /** The words themselves; real value = word / 2^fractionBits. */
  readonly words: TensorOf<"int16"> & { readonly fractionBits: number };
}

/** What a model reads and writes. */
export interface ModelSides {
  readonly input: TensorInfo;
  readonly output: TensorInfo;
}

export function sidesOf(model: Model): ModelSides {
  const { input } = model;
  const types = tensorTypes(model);
  const { shape, fractionBits } = types[types.length - 1];
  return {
    input: { name: "input", dims: input.shape, fractionBits: input.fractionBits },
    output: { name: "output", dims: isVector(shape) ? shape.slice(2) : shape, fractionBits },
  };
}

function isVector([height, width]: readonly number[]): boolean {
  return height === 1 && width === 1;
}

/**
 * What a run made as a caller gets it.
 *
 * @param count number of items, undefined for one without a batch side
 */
export function resultsOf(
  words: Int16Array,
  reals: Float32Array,
  count: number | undefined,
  { dims: side, fractionBits }: TensorInfo,
): Results {
  const dims = count === undefined ? side : [count, ...side];
  return { output: { type: "float32", data: reals, dims }, words: { type: "int16", data: words, dims, fractionBits } };
}

/** The real values of words. */
export function realsOf(words: Int16Array, fractionBits: number): Float32Array {
  const reals = new Float32Array(words.length);
  const unit = 2 ** -fractionBits;
  for (let i = 0; i < words.length; i++) reals[i] = words[i] * unit;
  return reals;
}
