import { isScaled, type Schedule, scaledStages } from "../fft/schedule.ts";
import { rfft, type StageObserver } from "../fft/transform.ts";

/** A transform of the reference. */
type Transform = (x: Int16Array, schedule: Schedule, observe?: StageObserver) => Int16Array;

/** What blocks became under a schedule. */
export interface StageRun {
  /** One tensor for each given one, of the same length. */
  readonly words: readonly Int16Array[];
  /** The largest magnitude after stage t is entry t - 1. */
  readonly peaks: readonly number[];
}

/** Transforms every block of k words of every tensor and notes how large the words are after each stage. */
export function runStages(
  transform: Transform,
  tensors: readonly Int16Array[],
  k: number,
  schedule: Schedule,
): StageRun {
  const peaks: number[] = new Array(Math.log2(k)).fill(0);
  const observe: StageObserver = (stage, block) => {
    let peak = peaks[stage - 1];
    for (let i = 0; i < block.length; i++) {
      const magnitude = block[i] < 0 ? -block[i] : block[i];
      if (magnitude > peak) peak = magnitude;
    }
    peaks[stage - 1] = peak;
  };
  const words = tensors.map((tensor) => {
    const result = new Int16Array(tensor.length);
    for (let at = 0; at < tensor.length; at += k) {
      result.set(transform(tensor.subarray(at, at + k), schedule, observe), at);
    }
    return result;
  });
  return { words, peaks };
}

/** The order in which a transform computes its stages. */
export function stageOrder(transform: Transform, stages: number): readonly number[] {
  const forward = Array.from({ length: stages }, (_, i) => i + 1);
  return transform === rfft ? forward : forward.reverse();
}

/**
 * The schedule that halves as few of the given stages and as late as it can: in their order, a stage is halved only if
 * its words would exceed the limit otherwise. A halved stage drops a bit of everything before it, so no schedule that
 * fits has less truncation.
 */
export function leastSchedule(
  transform: Transform,
  stages: readonly number[],
  tensors: readonly Int16Array[],
  k: number,
  limit: number,
): Schedule {
  let schedule = 0;
  for (const stage of stages) {
    if (runStages(transform, tensors, k, schedule).peaks[stage - 1] > limit) schedule |= 1 << (stage - 1);
  }
  return schedule;
}

/** Halves the last computed of the unhalved stages until `count` are halved. */
export function withHalved(transform: Transform, schedule: Schedule, k: number, count: number): Schedule {
  let result = schedule;
  for (const stage of [...stageOrder(transform, Math.log2(k))].reverse()) {
    if (scaledStages(result) >= count) break;
    if (!isScaled(result, stage)) result |= 1 << (stage - 1);
  }
  return result;
}

/** Schedules to compare with the least one: one stage more, and as many stages halved, the first or the last. */
export function neighbours(transform: Transform, least: Schedule, k: number): readonly Schedule[] {
  const stages = Math.log2(k);
  const count = scaledStages(least);
  const lowest = (1 << count) - 1;
  return [...new Set([least, withHalved(transform, least, k, count + 1), lowest, lowest << (stages - count)])];
}
