import { createHash } from "node:crypto";
import { type ImageSet, imageBytes } from "../data/images.ts";
import { indexOfLargest } from "../layers/largest.ts";
import type { Model } from "../model/model.ts";
import { tensorTypes } from "../model/program.ts";
import { Session } from "../runtime/session.ts";
import type { Answers } from "../train/evaluate.ts";

/** What the SIMD kernels make of a labelled set. */
export interface Deployed extends Answers {
  /** SHA-256, hexadecimal, of the output words of all images in order, int16 little endian. */
  readonly digest: string;
}

/** Runs a model on every image of a set: the outputs' words, as real values, are logits. */
export function answer(model: Model, set: ImageSet): Deployed {
  using session = Session.fromModel(model);
  const size = imageBytes(set);
  const unit = 2 ** -(tensorTypes(model).at(-1)?.fractionBits ?? 0);
  const hash = createHash("sha256");
  let loss = 0;
  let right = 0;
  for (let n = 0; n < set.count; n++) {
    const { data } = session.runSync({ input: set.images.subarray(n * size, (n + 1) * size) }).words;
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (indexOfLargest(data) === set.labels[n]) right++;
    loss += crossEntropy(data, unit, set.labels[n]);
  }
  return { loss: loss / set.count, accuracy: right / set.count, digest: hash.digest("hex") };
}

function crossEntropy(words: Int16Array, unit: number, label: number): number {
  const top = words.reduce((most, word) => Math.max(most, word), -32768);
  const sum = words.reduce((total, word) => total + Math.exp((word - top) * unit), 0);
  return Math.log(sum) - (words[label] - top) * unit;
}
