import { ModelFileError } from "../errors.ts";
import { checkFields, fieldError, METADATA_FIELDS, show, TENSOR_FIELDS } from "./fields.ts";
import { ALIGNMENT, DIGEST_OFFSET, encodeHeader, NO_DIGEST, placeTensors, type TensorPlace } from "./header.ts";
import { type Limits, limitsOf } from "./limits.ts";
import type { Model, ModelOperation } from "./model.ts";
import { largestWeight, strayBit, unpackWords, WORD_BITS } from "./narrow.ts";
import { readProgram } from "./program.ts";
import { accumulatorBound, proveNoWrap } from "./prove.ts";
import { type Compress, sha256, sha256With } from "./sha256.ts";
import { withTensors } from "./tensors.ts";
import { workOf } from "./work.ts";

/** Characters that may be the arguments of one call. */
const SHORT_TEXT = 4096;

/** Levels of brackets: the header has 3, the program 4. */
const MAX_DEPTH = 4;

/**
 * Reads a model file. Everything is checked before any of it is used: sizes against the limits, every field, the
 * graph with its shapes, formats and memory plan, the digest, and that no accumulator can wrap. Only the one encoding
 * that `writeModel` makes is read.
 *
 * The tensors are views of `bytes` where it is even-aligned, and copies otherwise: leave it as it is while the model
 * is in use.
 *
 * @throws ModelFileError if the bytes are no such file, with the field and, where known, the offset
 * @throws OptionError if a limit does not hold
 * @throws OverflowError if an accumulator of the model could wrap
 * @see docs/model-file.md
 */
export function readModel(bytes: Uint8Array, limits: Partial<Limits> = {}): Model {
  return readModelWith({ digestOf, accumulatorBound }, bytes, limits);
}

/** What the reader does to every byte and every weight. */
export interface Checks {
  /** The digest that a model file of these bytes must state. */
  digestOf(bytes: Uint8Array): string;
  /** As `accumulatorBound` of src/model/prove.ts. */
  accumulatorBound: typeof accumulatorBound;
}

/** `readModel` with other realisations of its checks, which give the same results. */
export function readModelWith(checks: Checks, bytes: Uint8Array, limits: Partial<Limits>): Model {
  const { bytes: maxBytes, headerBytes, operations, tensorWords, work } = limitsOf(limits);
  const dataStart = readDataStart(bytes, maxBytes, headerBytes);
  const { __metadata__: metadata, ...tensors } = parseObject(headerText(bytes, dataStart), "header");
  checkFields(METADATA_FIELDS, metadata, "__metadata__");
  const program = readProgram(parseObject(metadata.program, "program"), operations, tensorWords);
  checkWork(program, work);
  const places = placeTensors(program.operations);
  checkTensors(tensors, places);
  const dataEnd = dataStart + (places.at(-1)?.end ?? 0);
  if (bytes.length !== dataEnd) throw fieldError("size", `${dataEnd} bytes by the header`, bytes.length, dataEnd);
  checkDigest(checks.digestOf(bytes), metadata.sha256);
  const words = new Map(places.map((place) => [place.name, wordsOf(bytes, dataStart, place)]));
  const model: Model = {
    ...program,
    operations: program.operations.map((operation) =>
      withTensors(operation, (tensor) => words.get(`${operation.name}.${tensor}`) ?? new Int16Array(0)),
    ),
  };
  checkCanonical(bytes, encodeHeader(model, metadata.sha256));
  for (const operation of model.operations) {
    checkWeights(operation);
    proveNoWrap(operation, checks.accumulatorBound);
  }
  return model;
}

/** Checks the sizes and returns where the data start. */
function readDataStart(bytes: Uint8Array, maxBytes: number, maxHeaderBytes: number): number {
  if (bytes.length > maxBytes) throw fieldError("size", `at most ${maxBytes} bytes, the caller's limit`, bytes.length);
  checkForText(bytes);
  if (bytes.length < ALIGNMENT) throw fieldError("size", `at least ${ALIGNMENT} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > maxHeaderBytes) {
    throw fieldError("header length", `at most ${maxHeaderBytes} bytes, the caller's limit`, length, 0);
  }
  if (length > bytes.length - 8) {
    throw fieldError("header length", `at most ${bytes.length - 8}, the rest of the file`, length, 0, "is it cut?");
  }
  if ((8 + length) % ALIGNMENT !== 0) {
    throw fieldError("header length", `8 less than a multiple of ${ALIGNMENT}`, length, 0);
  }
  return 8 + length;
}

/** What is often found in a model's place, by how it begins; no model's length has such bytes. */
const TEXTS: readonly (readonly [string, string])[] = [
  ["<", "an HTML or XML page; check the address, a server may have answered with an error page"],
  ["version https://git-lfs", "a Git LFS pointer; fetch the file itself with git lfs pull"],
  ["{", "JSON text; give the model file, not a report or a server's answer"],
  ["[", "JSON text; give the model file, not a report or a server's answer"],
];

function checkForText(bytes: Uint8Array): void {
  if (bytes.subarray(0, 8).some((byte) => byte === 0)) return;
  const start = String.fromCharCode(...bytes.subarray(0, 64)).trimStart();
  for (const [prefix, found] of TEXTS) {
    if (!start.startsWith(prefix)) continue;
    throw new ModelFileError(`model file: expected a safetensors file, got ${found}`, { field: "size", offset: 0 });
  }
}

function headerText(bytes: Uint8Array, dataStart: number): string {
  const header = bytes.subarray(8, dataStart);
  // the first TextDecoder of a program takes some engines milliseconds, and spread arguments 100 KB
  if (header.length <= SHORT_TEXT && header.every((byte) => byte < 0x80)) {
    return String.fromCharCode.apply(undefined, header as unknown as number[]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw fieldError("header", "UTF-8 text", "other bytes", 8);
  }
}

function parseObject(text: string, field: string): Record<string, unknown> {
  checkDepth(text, field);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fieldError(field, "JSON", text.slice(0, 40), 8);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fieldError(field, "an object", value, 8);
  }
  return { ...value };
}

/** Bounds the nesting before the parser, which may recurse, sees it. */
function checkDepth(text: string, field: string): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === "{" || c === "[")) depth++;
    else if (!quoted && (c === "}" || c === "]")) depth--;
    if (depth > MAX_DEPTH) throw fieldError(field, `at most ${MAX_DEPTH} levels of brackets`, depth, 8);
  }
}

/** A window of many taps is work without a byte of weights. */
function checkWork({ operations }: Model, most: number): void {
  const work = operations.reduce((sum, operation) => sum + workOf(operation), 0);
  if (work > most) throw fieldError("program.operations", `work of at most ${most}, the caller's limit`, work);
}

/** Checks that exactly the expected tensors are there, each in its place, and fill the file. */
function checkTensors(tensors: Record<string, unknown>, places: readonly TensorPlace[]): void {
  const expected = new Set(places.map(({ name }) => name));
  for (const name of Object.keys(tensors)) {
    if (!expected.has(name)) throw fieldError("header", "only the tensors of its program", name);
  }
  const found = new Map<string, unknown>(Object.entries(tensors));
  for (const place of places) {
    const value = found.get(place.name);
    checkFields(TENSOR_FIELDS, value, place.name);
    if (value.dtype !== place.dtype) {
      throw fieldError(`${place.name}.dtype`, `${show(place.dtype)} by its operation`, value.dtype, 8);
    }
    if (String(value.shape) !== String(place.shape)) {
      throw fieldError(`${place.name}.shape`, `${show(place.shape)} by its operation`, value.shape, 8);
    }
    if (value.data_offsets[0] !== place.start || value.data_offsets[1] !== place.end) {
      throw fieldError(`${place.name}.data_offsets`, `${show([place.start, place.end])}`, value.data_offsets, 8);
    }
  }
}

/** The digest that a model file of these bytes must state. */
export function digestOf(bytes: Uint8Array): string {
  return sha256(...digestedParts(bytes));
}

/** `digestOf` with another realisation of the inner loop of SHA-256. */
export function digestWith(compress: Compress, bytes: Uint8Array): string {
  return sha256With(compress, digestedParts(bytes));
}

function digestedParts(bytes: Uint8Array): Uint8Array[] {
  const zeros = new TextEncoder().encode(NO_DIGEST);
  return [bytes.subarray(0, DIGEST_OFFSET), zeros, bytes.subarray(DIGEST_OFFSET + zeros.length)];
}

function checkDigest(actual: string, digest: string): void {
  if (actual === digest) return;
  const remedy = "it was altered or damaged, fetch it again";
  throw fieldError("__metadata__.sha256", `${digest} of its bytes`, actual, DIGEST_OFFSET, remedy);
}

/** The one encoding has no second spelling: no other order, spaces, escapes, numbers, no key twice. */
function checkCanonical(bytes: Uint8Array, header: Uint8Array): void {
  const offset = header.findIndex((byte, i) => byte !== bytes[i]);
  if (offset >= 0) {
    throw fieldError("header", "the one encoding that circulant writes", `another from byte ${offset} on`, offset);
  }
}

/** The words of a tensor; narrow ones are made as wide as all others are. */
function wordsOf(bytes: Uint8Array, dataStart: number, { name, words, bits, start, end }: TensorPlace): Int16Array {
  if (bits === WORD_BITS) return wordsAt(bytes, dataStart + start, end - start);
  const packed = bytes.subarray(dataStart + start, dataStart + end);
  const stray = strayBit(packed, bits, words);
  if (stray >= 0) throw fieldError(name, "zeros after its last word", "other bits", dataStart + start + (stray >> 3));
  return unpackWords(packed, bits, words);
}

/** Words of the file: a view where it can be one, else a copy. */
function wordsAt(bytes: Uint8Array, offset: number, length: number): Int16Array {
  const at = bytes.byteOffset + offset;
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (at % 2 === 0 && isLittleEndian) return new Int16Array(bytes.buffer, at, length / 2);
  const view = new DataView(bytes.buffer, at, length);
  return Int16Array.from({ length: length / 2 }, (_, i) => view.getInt16(2 * i, true));
}

/** The kernels negate weights, so that -32768 is not one, nor the least word of fewer bits. */
function checkWeights(operation: ModelOperation): void {
  const most = largestWeight(operation.weightBits ?? WORD_BITS);
  const at = "weights" in operation ? operation.weights.indexOf(-most - 1) : -1;
  if (at >= 0) throw fieldError(`${operation.name}.weight[${at}]`, `a word from -${most} to ${most}`, -most - 1);
}
