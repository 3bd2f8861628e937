import { ModelFileError } from "../errors.ts";
import { K_MAX } from "../fft/twiddles.ts";
import { NUMERICS_VERSION } from "./model.ts";
import { LEAST_WEIGHT_BITS, WORD_BITS } from "./narrow.ts";

/** The version of the layout of a file with words of 16 bits, and of one with narrower weights. A reader refuses others. */
export const FORMAT_VERSION = "2";
export const NARROW_VERSION = "3";

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
    expects: `"${FORMAT_VERSION}" or "${NARROW_VERSION}"`,
    accepts: isOneOf(FORMAT_VERSION, NARROW_VERSION),
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
  operations: {
    means: "the operations in an order in which they can run; operation i writes tensor i + 1, tensor 0 is the input",
    expects: "a list of 1 to 65536 objects",
    accepts: isList(isObject, 1, 65536),
  },
  memory: { means: "the place of every tensor", expects: "an object", accepts: isObject },
  labels: {
    means: "names of the outputs, or none",
    expects: "a list of strings",
    accepts: isList(isText(/^[^\p{C}]*$/u), 0, 2 ** 20),
  },
} satisfies Table;

/** Fields of the program's input. */
export const INPUT_FIELDS = {
  shape: {
    means: "height, width, channels; [1, 1, n] for a vector",
    expects: "3 positive integers",
    accepts: (value: unknown): value is readonly [number, number, number] => isList(isCount, 3, 3)(value),
  },
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

/** Fields of the memory plan. */
export const MEMORY_FIELDS = {
  words: { means: "int16 words of the arena that holds the tensors", expects: "a positive integer", accepts: isCount },
  offsets: {
    means: "first word of each tensor, tensor 0 first; tensors that are needed at once share no word",
    expects: "a multiple of 8 for each tensor",
    accepts: isList((value): value is number => isInteger(0, 2 ** 30)(value) && value % 8 === 0, 2, 65537),
  },
} satisfies Table;

/** Fields of every operation. */
const COMMON_FIELDS = {
  name: {
    means: "name of the operation and, before a dot, of its tensors",
    expects: "a letter, then up to 63 letters, digits, _ or -",
    accepts: isText(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/),
  },
  op: {
    means: "what it does",
    expects: '"dense", "conv2d", "depthwise", "maxpool", "avgpool", "add" or "flatten"',
    accepts: isOneOf("dense", "conv2d", "depthwise", "maxpool", "avgpool", "add", "flatten"),
  },
  inputs: {
    means: "numbers of the tensors it reads",
    expects: "1 or 2 integers from 0",
    accepts: isList(isInteger(0, 65536), 1, 2),
  },
} satisfies Table;

const ACTIVATION_FIELDS = {
  activation: {
    means: "what is applied to each word after the bias or sum",
    expects: '"identity", "relu", "clip" or "table"',
    accepts: isOneOf("identity", "relu", "clip", "table"),
  },
  bounds: {
    means: "lowest and highest word of a clip; absent for every other activation",
    expects: "[lo, hi] with -32768 <= lo <= hi <= 32767",
    accepts: (value: unknown): value is readonly number[] | undefined =>
      value === undefined || (isList(isWord, 2, 2)(value) && value[0] <= value[1]),
  },
} satisfies Table;

const WINDOW_FIELDS = {
  kernel: {
    means: "rows and columns of the window",
    expects: "2 integers from 1 to 255",
    accepts: (value: unknown): value is readonly [number, number] => isList(isInteger(1, 255), 2, 2)(value),
  },
  stride: {
    means: "pixels from one window to the next",
    expects: "an integer from 1 to 255",
    accepts: isInteger(1, 255),
  },
  pad: {
    means: "pixels around the picture that windows cover: zeros, or for a maximum nothing",
    expects: "an integer from 0 to 254, less than both sides of the window",
    accepts: isInteger(0, 254),
  },
} satisfies Table;

const SHIFT_FIELDS = {
  shift: { means: "right shift of the accumulators", expects: "an integer from 0 to 31", accepts: isInteger(0, 31) },
  fractionBits: {
    means: "fractional bits of the input, weight and output words",
    expects: "3 integers from -31 to 31",
    accepts: isList(isFractionBits, 3, 3),
  },
  weightBits: {
    means: "bits of a weight in this file; 16 if absent",
    expects: `an integer from ${LEAST_WEIGHT_BITS} to ${WORD_BITS - 1}, or absent`,
    accepts: (value: unknown): value is number | undefined =>
      value === undefined || isInteger(LEAST_WEIGHT_BITS, WORD_BITS - 1)(value),
  },
} satisfies Table;

const SPECTRAL_FIELDS = {
  out: { means: "output words or channels", expects: "a positive integer", accepts: isCount },
  k: { means: "block size", expects: "a power of two from 1 to 2048", accepts: isPowerOfTwo(K_MAX) },
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
} satisfies Table;

/** Fields of an operation, by what it does. */
export const OPERATION_FIELDS = {
  dense: { ...COMMON_FIELDS, ...SPECTRAL_FIELDS, ...SHIFT_FIELDS, ...ACTIVATION_FIELDS },
  conv2d: { ...COMMON_FIELDS, ...SPECTRAL_FIELDS, ...WINDOW_FIELDS, ...SHIFT_FIELDS, ...ACTIVATION_FIELDS },
  depthwise: { ...COMMON_FIELDS, ...WINDOW_FIELDS, ...SHIFT_FIELDS, ...ACTIVATION_FIELDS },
  maxpool: { ...COMMON_FIELDS, ...WINDOW_FIELDS },
  avgpool: { ...COMMON_FIELDS, ...WINDOW_FIELDS },
  add: {
    ...COMMON_FIELDS,
    shifts: {
      means: "right shift of each operand before the sum, left if negative",
      expects: "2 integers from -15 to 15",
      accepts: (value: unknown): value is readonly [number, number] => isList(isInteger(-15, 15), 2, 2)(value),
    },
    ...ACTIVATION_FIELDS,
  },
  flatten: { ...COMMON_FIELDS },
} satisfies Record<string, Table>;

/** Fields of a tensor, as safetensors has them. */
export const TENSOR_FIELDS = {
  dtype: {
    means: "words, little-endian, or the bytes of narrower weights",
    expects: '"I16" or "U8"',
    accepts: isOneOf("I16", "U8"),
  },
  shape: { means: "sides of the tensor", expects: "1 to 5 positive integers", accepts: isList(isCount, 1, 5) },
  data_offsets: {
    means: "first byte and byte after the last, from the end of the header",
    expects: "2 integers",
    accepts: isList(isInteger(0, Number.MAX_SAFE_INTEGER), 2, 2),
  },
} satisfies Table;

/**
 * Checks a parsed JSON value against a table.
 *
 * @param where the path of the record, as in "program.operations[0]"
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
