import { ModelFileError } from "../errors.ts";
import { K_MAX } from "../fft/twiddles.ts";
import { NUMERICS_VERSION } from "./model.ts";

/** The version of the layout of the file; a reader refuses every other. */
export const FORMAT_VERSION = 1;

/** One field of the header: what it means, what it may hold, and the check that both sides use. */
export interface Field<T> {
  readonly means: string;
  readonly expects: string;
  readonly accepts: (value: unknown) => value is T;
  /** What to do about a value that does not hold. */
  readonly remedy?: string;
}

type Table = Readonly<Record<string, Field<unknown>>>;

/** The record that a table of fields describes. */
export type Values<F extends Table> = { -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

const UPDATE = "update circulant or compile the network again";

function isInteger(low: number, high: number): (value: unknown) => value is number {
  return (value): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= low && value <= high;
}

function isPowerOfTwo(high: number): (value: unknown) => value is number {
  const isPossible = isInteger(1, high);
  return (value): value is number => isPossible(value) && (value & (value - 1)) === 0;
}

function isText(pattern: RegExp): (value: unknown) => value is string {
  return (value): value is string => typeof value === "string" && value.length <= 2048 && pattern.test(value);
}

function isOneOf<const T>(...choices: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => choices.some((choice) => choice === value);
}

function isList<T>(item: (value: unknown) => value is T, least: number, most: number) {
  return (value: unknown): value is readonly T[] =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isString = (value: unknown): value is string => typeof value === "string";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isWord = isInteger(-32768, 32767);
const isFractionBits = isInteger(-31, 31);
const isCount = isInteger(1, 2 ** 30);

/** Fields of `__metadata__`, all strings, in the order of the file. */
export const METADATA_FIELDS = {
  format: { means: "whose file it is", expects: '"circulant"', accepts: isOneOf("circulant") },
  version: {
    means: "version of this layout",
    expects: `"${FORMAT_VERSION}"`,
    accepts: isOneOf(String(FORMAT_VERSION)),
    remedy: UPDATE,
  },
  numerics: {
    means: "version of the arithmetic that the words are made for",
    expects: `"${NUMERICS_VERSION}"`,
    accepts: isOneOf(String(NUMERICS_VERSION)),
    remedy: UPDATE,
  },
  sha256: {
    means: "SHA-256 of the whole file with these 64 digits replaced by zeros",
    expects: "64 lower-case hexadecimal digits",
    accepts: isText(/^[0-9a-f]{64}$/),
  },
  program: { means: "the network: the JSON text of the next table", expects: "JSON text", accepts: isString },
} satisfies Table;

/** Fields of the program. */
export const PROGRAM_FIELDS = {
  input: { means: "how real inputs become words", expects: "an object", accepts: isObject },
  layers: {
    means: "the layers, first to last",
    expects: "a list of 1 to 65536 objects",
    accepts: isList(isObject, 1, 65536),
  },
  labels: {
    means: "names of the outputs, or none",
    expects: "a list of strings",
    accepts: isList(isText(/^[^\p{C}]*$/u), 0, 2 ** 20),
  },
} satisfies Table;

/** Fields of the program's input. */
export const INPUT_FIELDS = {
  shape: { means: "sides of the input", expects: "1 to 8 positive integers", accepts: isList(isCount, 1, 8) },
  fractionBits: {
    means: "real value = word / 2^fractionBits",
    expects: "an integer from -31 to 31",
    accepts: isFractionBits,
  },
  mean: {
    means: "real value of a pixel v = (v / 255 - mean) / deviation",
    expects: "a finite number",
    accepts: isNumber,
  },
  deviation: {
    means: "as above",
    expects: "a finite number above 0",
    accepts: (value: unknown): value is number => isNumber(value) && value > 0,
  },
} satisfies Table;

/** Fields of one of the program's layers. */
export const LAYER_FIELDS = {
  name: {
    means: "name of the layer and, before a dot, of its tensors",
    expects: "a letter, then up to 63 letters, digits, _ or -",
    accepts: isText(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/),
  },
  op: { means: "kind of layer: a block-circulant product", expects: '"dense"', accepts: isOneOf("dense") },
  in: { means: "input words", expects: "a positive integer", accepts: isCount },
  out: { means: "output words", expects: "a positive integer", accepts: isCount },
  k: {
    means: "block size",
    expects: "a power of two from 1 to 2048",
    accepts: isPowerOfTwo(K_MAX),
  },
  forward: {
    means: "halved stages of the input transforms, stage 1 first",
    expects: "a digit 0 or 1 for each stage",
    accepts: isText(/^[01]{0,11}$/),
  },
  inverse: {
    means: "halved stages of the output transforms, stage 1 first",
    expects: "a digit 0 or 1 for each stage",
    accepts: isText(/^[01]{0,11}$/),
  },
  shift: { means: "right shift of the accumulators", expects: "an integer from 0 to 31", accepts: isInteger(0, 31) },
  activation: {
    means: "what is applied to each word after the bias",
    expects: '"identity", "relu", "clip" or "table"',
    accepts: isOneOf("identity", "relu", "clip", "table"),
  },
  bounds: {
    means: "lowest and highest word of a clip; absent for every other activation",
    expects: "[lo, hi] with -32768 <= lo <= hi <= 32767",
    accepts: (value: unknown): value is readonly number[] | undefined =>
      value === undefined || (isList(isWord, 2, 2)(value) && value[0] <= value[1]),
  },
  fractionBits: {
    means: "fractional bits of the input, weight and output words",
    expects: "3 integers from -31 to 31",
    accepts: isList(isFractionBits, 3, 3),
  },
} satisfies Table;

/** Fields of a tensor, as safetensors has them. */
export const TENSOR_FIELDS = {
  dtype: { means: "type of the words, little-endian", expects: '"I16"', accepts: isOneOf("I16") },
  shape: { means: "sides of the tensor", expects: "1 to 3 positive integers", accepts: isList(isCount, 1, 3) },
  data_offsets: {
    means: "first byte and byte after the last, from the end of the header",
    expects: "2 integers",
    accepts: isList(isInteger(0, Number.MAX_SAFE_INTEGER), 2, 2),
  },
} satisfies Table;

/**
 * Checks a parsed JSON value against a table.
 *
 * @param where the path of the record, as in "program.layers[0]"
 * @throws ModelFileError if it is no object, has a field that is not in the table, or a value that does not hold
 */
export function checkFields<F extends Table>(fields: F, value: unknown, where: string): asserts value is Values<F> {
  if (!isObject(value)) throw fieldError(where, "an object", value);
  const known = Object.keys(fields);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw fieldError(where, `only the fields ${known.join(", ")}`, key);
  }
  const values = new Map<string, unknown>(Object.entries(value));
  for (const [key, { accepts, expects, remedy }] of Object.entries<Field<unknown>>(fields)) {
    const got = values.get(key);
    if (!accepts(got)) throw fieldError(`${where}.${key}`, expects, got, undefined, remedy);
  }
}

/** The record with its fields in the table's order; absent ones left out. */
export function inOrder<F extends Table>(fields: F, values: Values<F>): object {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, values[key]]));
}

/** The error of a field that does not hold. */
export function fieldError(
  field: string,
  expected: string,
  got: unknown,
  offset?: number,
  remedy?: string,
): ModelFileError {
  const message = `model file: ${field}: expected ${expected}, got ${show(got)}${remedy ? `; ${remedy}` : ""}`;
  return new ModelFileError(message, { field, ...(offset === undefined ? {} : { offset }) });
}

/** A JSON value as short text. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
