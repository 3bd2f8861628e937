import { InputError, ShapeError } from "../errors.ts";
import type { InputFormat } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { Backend } from "./backend.ts";
import { type Tensor, typeName } from "./tensor.ts";

/** Real values, pixels or raw words: a flat array, or with its shape. */
export type InputData = Tensor | Tensor["data"];

/** Inputs by name; a model has one, `input`. */
export interface Feeds {
  readonly input: InputData;
}

/** An input of one item or of a batch, checked against the model. */
export interface Batch {
  /** The numbers of all items, one after another. */
  readonly data: Tensor["data"];
  /** Undefined for a single item without a batch side. */
  readonly count: number | undefined;
  /** Writes item i as words to the backend's input. @throws InputError on a NaN */
  readonly load: (backend: Backend, i: number) => void;
}

/**
 * What a caller feeds, as items.
 *
 * @throws InputError if there are no data, or of a type that cannot be run
 * @throws ShapeError if they are not one or more whole items, or dims do not fit
 */
export function readFeeds(feeds: Feeds, format: InputFormat): Batch {
  if (feeds?.input === undefined) throw new InputError("feeds: expected { input }, got none of that name");
  return readInput(feeds.input, format);
}

function readInput(input: InputData, format: InputFormat): Batch {
  const { data, dims } = isTensor(input) ? input : { data: input, dims: undefined };
  const words = volume(format.shape);
  const load = createLoad(data, words, 2 ** format.fractionBits);
  return {
    data,
    count: dims !== undefined ? countByDims(dims, data.length, format.shape) : countByLength(data.length, words),
    load,
  };
}

function isTensor(input: InputData): input is Tensor {
  return typeof input === "object" && input !== null && "data" in input && "dims" in input;
}

function createLoad(data: Tensor["data"], words: number, scale: number): Batch["load"] {
  if (isPixels(data)) return (backend, i) => backend.setPixels(itemOf(data, i, words));
  if (isReals(data)) {
    return (backend, i) => {
      const isValid = backend.setReals(itemOf(data, i, words), scale);
      if (!isValid) refuseNaN(data, i * words);
    };
  }
  if (isWords(data)) return ({ input }, i) => input.set(itemOf(data, i, words));
  throw new InputError(`input: expected a Float32Array, Uint8Array or Int16Array, got ${typeName(data)}`);
}

/** The numbers of item i. A view costs as much as a small layer, so that a single item is fed as it came. */
function itemOf<Data extends Tensor["data"]>(data: Data, i: number, words: number): Data {
  return data.length === words ? data : (data.subarray(i * words, (i + 1) * words) as Data);
}

/** The name of a typed array's type, in every realm. */
const arrayType = (data: unknown) => (ArrayBuffer.isView(data) ? (data as Int16Array)[Symbol.toStringTag] : undefined);
const isPixels = (data: unknown): data is Uint8Array | Uint8ClampedArray => {
  const type: string | undefined = arrayType(data);
  return type === "Uint8Array" || type === "Uint8ClampedArray";
};
const isReals = (data: unknown): data is Float32Array => (arrayType(data) as string | undefined) === "Float32Array";
const isWords = (data: unknown): data is Int16Array => arrayType(data) === "Int16Array";

function refuseNaN(data: Float32Array, first: number): never {
  throw notANumber(first + data.subarray(first).findIndex(Number.isNaN));
}

/** @param index of the NaN in all that was fed */
export function notANumber(index: number): InputError {
  return new InputError(`input[${index}]: expected a number, got NaN`, { index });
}

function countByLength(length: number, words: number): number | undefined {
  if (length === words) return undefined;
  if (length === 0 || length % words !== 0) {
    throw new ShapeError(`input: expected ${words} numbers or a multiple of it, got ${length}`, { words, length });
  }
  return length / words;
}

function countByDims(dims: readonly number[], length: number, shape: readonly number[]): number | undefined {
  if (!Array.isArray(dims)) {
    throw new InputError(`input dims: expected an array, [${shape}] or [n,${shape}], got ${typeName(dims)}`);
  }
  const isBatch = dims.length === shape.length + 1;
  const sides = isBatch ? dims.slice(1) : dims;
  const fits = sides.length === shape.length && sides.every((side, i) => side === shape[i]);
  const numbers = volume(dims);
  if (!fits || (isBatch && !(Number.isInteger(dims[0]) && dims[0] > 0))) {
    throw new ShapeError(`input dims: expected [${shape}] or [n,${shape}], got [${dims}]`, { dims: [...dims] });
  }
  if (numbers !== length) throw new ShapeError(`input data: expected ${numbers} numbers by dims, got ${length}`);
  return isBatch ? dims[0] : undefined;
}
