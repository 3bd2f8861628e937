import { fieldError } from "./fields.ts";
import { DIGEST_OFFSET, encodeHeader, NO_DIGEST } from "./header.ts";
import type { Model, ModelOperation } from "./model.ts";
import { largestWeight, packWords } from "./narrow.ts";
import { readModel } from "./read.ts";
import { sha256 } from "./sha256.ts";
import { volume } from "./shape.ts";
import { tensorsOf } from "./tensors.ts";

/**
 * The model as the bytes of a model file: a safetensors file that carries its program, its versions and its digest.
 * A model has one encoding; what is written has been read back.
 *
 * @throws ModelFileError if the model does not hold: a shape, a format, a word out of range
 * @throws OverflowError if an accumulator could wrap
 * @see docs/model-file.md
 */
export function writeModel(model: Model): Uint8Array {
  for (const operation of model.operations) checkLengths(operation);
  const header = encodeHeader(model, NO_DIGEST);
  const tensors = model.operations.flatMap(tensorsOf).map(({ words, bits }) => packWords(words, bits));
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.length, 0);
  const file = new Uint8Array(header.length + bytes);
  file.set(header);
  let at = header.length;
  for (const tensor of tensors) {
    file.set(tensor, at);
    at += tensor.length;
  }
  file.set(new TextEncoder().encode(sha256(file)), DIGEST_OFFSET);
  const sizes = { bytes: file.length, headerBytes: header.length, operations: 65536, tensorWords: 2 ** 30 };
  const { operations } = readModel(file, { ...sizes, work: Number.POSITIVE_INFINITY });
  for (const [i, operation] of model.operations.entries()) checkDerived(operation, operations[i]);
  return file;
}

/** What the file cannot show once it is written: tensors of other lengths, schedules of more stages. */
function checkLengths(operation: ModelOperation): void {
  for (const { tensor, shape, words } of tensorsOf(operation)) {
    const expected = volume(shape);
    if (words.length !== expected) throw fieldError(`${operation.name}.${tensor}`, `${expected} words`, words.length);
  }
  checkNarrow(operation);
  if (!("k" in operation)) return;
  for (const key of ["forward", "inverse"] as const) {
    const most = operation.k - 1;
    if (operation[key] > most)
      throw fieldError(`${operation.name}.${key}`, `a schedule from 0 to ${most}`, operation[key]);
  }
}

/** A word that is wider than its bits would be read as another. */
function checkNarrow(operation: ModelOperation): void {
  const { name, weightBits } = operation;
  if (weightBits === undefined || !("weights" in operation)) return;
  const most = largestWeight(weightBits);
  const at = operation.weights.findIndex((word) => Math.abs(word) > most);
  if (at >= 0) throw fieldError(`${name}.weight[${at}]`, `a word from -${most} to ${most}`, operation.weights[at]);
}

/** The file does not hold what follows from its graph; a model that has it otherwise would be read as another. */
function checkDerived(operation: ModelOperation, read: ModelOperation): void {
  const actual = derivedOf(operation);
  for (const [key, expected] of Object.entries(derivedOf(read))) {
    if (actual[key] !== expected) throw fieldError(`${read.name}.${key}`, `${expected} by its graph`, actual[key]);
  }
}

function derivedOf(operation: ModelOperation): Record<string, unknown> {
  const sizes = ["in", "channels", "height", "width", "words"].map((key) => [key, Reflect.get(operation, key)]);
  const { input, weight, output } = operation.format;
  return { ...Object.fromEntries(sizes), input, weight, output };
}
