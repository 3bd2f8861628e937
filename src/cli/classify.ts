import { createHash } from "node:crypto";
import { type ImageSet, imageBytes } from "../data/images.ts";
import { ShapeError } from "../errors.ts";
import { indexOfLargest } from "../layers/largest.ts";
import { volume } from "../model/shape.ts";
import type { Session } from "../runtime/session.ts";

/** What a session made of a labelled set. */
export interface Classification {
  /** 0 .. 1. */
  readonly accuracy: number;
  readonly count: number;
  /** Class with the largest output word of each image; the first of equals. */
  readonly answers: Uint8Array;
  /** SHA-256, hexadecimal, of the output words of all images in order, int16 little endian. */
  readonly digest: string;
  /** Median over passes of the time of a pass divided by its images, after warm-up. */
  readonly microsecondsPerInference: number;
}

/** Images that a timed pass runs, and the least time for which passes are made. */
const PASS_IMAGES = 500;
const TIMED_MILLISECONDS = 300;

/**
 * Classifies every image of a set, then times passes over its first images: pixels in, words out, one at a time.
 *
 * @throws ShapeError if the model does not read images of this size or has fewer outputs than the set has classes
 */
export function classify(session: Session, set: ImageSet): Classification {
  const size = imageBytes(set);
  const words = volume(session.inputs[0].dims);
  const classes = volume(session.outputs[0].dims);
  if (size !== words) {
    throw new ShapeError(
      `images: expected ${words} pixels for this model, got ${set.height} x ${set.width} x ${set.channels}`,
    );
  }
  const largest = set.labels.reduce((most, label) => Math.max(most, label), 0);
  if (largest >= classes) throw new ShapeError(`labels: expected 0 to ${classes - 1} for this model, got ${largest}`);
  const answers = new Uint8Array(set.count);
  const hash = createHash("sha256");
  let right = 0;
  for (let i = 0; i < set.count; i++) {
    const { words: output } = session.runSync({ input: set.images.subarray(i * size, (i + 1) * size) });
    const { data } = output;
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    answers[i] = indexOfLargest(data);
    if (answers[i] === set.labels[i]) right++;
  }
  const microsecondsPerInference = time(session, set, size);
  const digest = hash.digest("hex");
  return { accuracy: right / set.count, count: set.count, answers, digest, microsecondsPerInference };
}

function time(session: Session, set: ImageSet, size: number): number {
  const count = Math.min(PASS_IMAGES, set.count);
  const pass = () => {
    for (let i = 0; i < count; i++) session.runSync({ input: set.images.subarray(i * size, (i + 1) * size) });
  };
  const times: number[] = [];
  pass();
  for (const end = performance.now() + TIMED_MILLISECONDS; times.length < 5 || performance.now() < end; ) {
    const started = performance.now();
    pass();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return (1000 * times[times.length >> 1]) / count;
}
