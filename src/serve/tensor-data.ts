import { InputError, ShapeError } from "../errors.ts";
import { volume } from "../model/shape.ts";
import type { Numbers } from "./served-model.ts";
import { show } from "./show.ts";

/** The protocol's data types that a model takes, and what holds them. */
export const INPUT_TYPES = { FP32: Float32Array, INT16: Int16Array, UINT8: Uint8Array } as const;
export type InputType = keyof typeof INPUT_TYPES;

/** Least and largest number of the integer types. */
const RANGES = { INT16: [-32768, 32767], UINT8: [0, 255] } as const;

/** @throws InputError if a model does not take the type */
export function inputType(datatype: unknown): InputType {
  if (typeof datatype === "string" && Object.hasOwn(INPUT_TYPES, datatype)) return datatype as InputType;
  throw new InputError(`input datatype: expected ${Object.keys(INPUT_TYPES).join(", ")}, got ${show(datatype)}`);
}

/**
 * Items of a tensor whose sides are `shape`, if it is one item or a batch: [..dims], [n, ..dims] or [n, their product].
 *
 * @returns undefined for one item without a batch side
 * @throws ShapeError if it is neither
 */
export function itemsOf(shape: unknown, dims: readonly number[]): number | undefined {
  if (isShape(shape)) {
    if (String(shape) === String(dims)) return undefined;
    const [count, ...sides] = shape;
    if (String(sides) === String(dims) || (sides.length === 1 && sides[0] === volume(dims))) return count;
  }
  throw new ShapeError(`input shape: expected [n,${dims}], [n,${volume(dims)}] or [${dims}], got ${show(shape)}`);
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side > 0);
}

/**
 * Numbers of a JSON tensor, row by row; nested as its shape, or flat.
 *
 * @throws ShapeError if they are not as many or not so nested
 * @throws InputError if one is no number of the type
 */
export function numbersFromJson(data: unknown, type: InputType, shape: readonly number[]): Numbers {
  if (!Array.isArray(data)) throw new InputError(`input data: expected an array, got ${show(data)}`);
  const length = volume(shape);
  const flat: unknown[] = Array.isArray(data[0]) ? [] : data;
  if (flat !== data) flatten(data, shape, 0, flat);
  if (flat.length !== length) {
    throw new ShapeError(`input data: expected ${length} numbers by its shape, got ${flat.length}`);
  }
  const numbers = new INPUT_TYPES[type](length);
  const [least, largest] = type === "FP32" ? [0, 0] : RANGES[type];
  for (let i = 0; i < length; i++) {
    const value = flat[i];
    if (typeof value !== "number") throw new InputError(`input data[${i}]: expected a number, got ${show(value)}`);
    if (type !== "FP32" && !(Number.isInteger(value) && value >= least && value <= largest)) {
      throw new InputError(`input data[${i}]: expected an integer from ${least} to ${largest}, got ${value}`);
    }
    numbers[i] = value;
  }
  return numbers;
}

function flatten(data: readonly unknown[], shape: readonly number[], level: number, flat: unknown[]): void {
  if (data.length !== shape[level]) {
    throw new ShapeError(`input data: expected arrays nested as [${shape}], got ${data.length} at level ${level}`);
  }
  for (const part of data) {
    if (Array.isArray(part) !== level + 1 < shape.length) {
      throw new ShapeError(`input data: expected arrays nested as [${shape}], got ${show(part)} at level ${level + 1}`);
    }
    if (Array.isArray(part)) flatten(part, shape, level + 1, flat);
    else flat.push(part);
  }
}

/**
 * Numbers of a binary tensor, little endian, in an array of their own.
 *
 * @throws ShapeError if they are not as many
 * @throws InputError if one is NaN
 */
export function numbersFromBytes(bytes: Uint8Array<ArrayBuffer>, type: InputType, length: number): Numbers {
  const Type = INPUT_TYPES[type];
  const expected = length * Type.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) {
    throw new ShapeError(`input data: expected ${expected} bytes, ${length} numbers of ${type}, got ${bytes.length}`);
  }
  const numbers = new Type(bytes.slice().buffer);
  if (type === "FP32") {
    for (let i = 0; i < length; i++) {
      if (Number.isNaN(numbers[i])) throw new InputError(`input data[${i}]: expected a number, got NaN`);
    }
  }
  return numbers;
}
