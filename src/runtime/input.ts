import { InputError, ShapeError } from "../errors.ts";
import type { InputFormat } from "../model/model.ts";
import { type Tensor, typeName } from "./tensor.ts";

/** Real values, pixels or raw words: a flat array, or with its shape. */
export type InputData = Tensor | Tensor["data"];

/** An input of one item or of a batch, checked against the model. */
export interface Batch {
  /** Undefined for a single item without a batch side. */
  readonly count: number | undefined;
  /** Writes item i as words of the model's input format. @throws InputError on a NaN */
  readonly write: (i: number, words: Int16Array) => void;
}

/** The word of a real value, scale = 2^fractionBits: floor(value * scale + 1/2), saturated. NaN stays NaN. */
export function quantise(value: number, scale: number): number {
  return Math.min(Math.max(Math.floor(value * scale + 0.5), -32768), 32767);
}

/** The words of the 256 values of a pixel, in plain IEEE double arithmetic. */
export function pixelWords({ mean, deviation, fractionBits }: InputFormat): Int16Array {
  return Int16Array.from({ length: 256 }, (_, v) => quantise((v / 255 - mean) / deviation, 2 ** fractionBits));
}

/**
 * What a caller feeds, as items.
 *
 * @param pixels what `pixelWords` made
 * @throws InputError  if the data are of a type that cannot be run
 * @throws ShapeError if they are not one or more whole items, or dims do not fit
 */
export function readInput(input: InputData, format: InputFormat, pixels: Int16Array): Batch {
  const { data, dims } = isTensor(input) ? input : { data: input, dims: undefined };
  const words = format.shape.reduce((product, side) => product * side, 1);
  const writer = createWriter(data, words, format, pixels);
  return {
    count: dims ? countByDims(dims, data.length, format.shape) : countByLength(data.length, words),
    write: writer,
  };
}

function isTensor(input: InputData): input is Tensor {
  return typeof input === "object" && input !== null && "data" in input && "dims" in input;
}

function createWriter(data: Tensor["data"], words: number, format: InputFormat, pixels: Int16Array): Batch["write"] {
  switch (typeName(data)) {
    case "Int16Array":
      return (i, to) => to.set(data.subarray(i * words, (i + 1) * words));
    case "Uint8Array":
    case "Uint8ClampedArray":
      return (i, to) => writePixels(data, i * words, pixels, to);
    case "Float32Array":
      return (i, to) => writeReals(data, i * words, 2 ** format.fractionBits, to);
    default:
      throw new InputError(`input: expected a Float32Array, Uint8Array or Int16Array, got ${typeName(data)}`);
  }
}

function writePixels(data: Tensor["data"], first: number, pixels: Int16Array, to: Int16Array): void {
  for (let at = 0; at < to.length; at++) to[at] = pixels[data[first + at]];
}

function writeReals(data: Tensor["data"], first: number, scale: number, to: Int16Array): void {
  for (let at = 0; at < to.length; at++) {
    const word = Math.floor(data[first + at] * scale + 0.5);
    to[at] = word >= -32768 && word <= 32767 ? word : saturate(word, first + at);
  }
}

function saturate(word: number, index: number): number {
  if (Number.isNaN(word)) throw new InputError(`input[${index}]: expected a number, got NaN`, { index });
  return word < 0 ? -32768 : 32767;
}

function countByLength(length: number, words: number): number | undefined {
  if (length === words) return undefined;
  if (length === 0 || length % words !== 0) {
    throw new ShapeError(`input: expected ${words} numbers or a multiple of it, got ${length}`, { words, length });
  }
  return length / words;
}

function countByDims(dims: readonly number[], length: number, shape: readonly number[]): number | undefined {
  const isBatch = dims.length === shape.length + 1;
  const sides = isBatch ? dims.slice(1) : dims;
  const fits = sides.length === shape.length && sides.every((side, i) => side === shape[i]);
  const volume = dims.reduce((product, side) => product * side, 1);
  if (!fits || (isBatch && !(Number.isInteger(dims[0]) && dims[0] > 0))) {
    throw new ShapeError(`input dims: expected [${shape}] or [n,${shape}], got [${dims}]`, { dims: [...dims] });
  }
  if (volume !== length) throw new ShapeError(`input data: expected ${volume} numbers by dims, got ${length}`);
  return isBatch ? dims[0] : undefined;
}
