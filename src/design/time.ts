import { type ImageSet, imageBytes } from "../data/images.ts";
import type { Model } from "../model/model.ts";
import { Session } from "../runtime/session.ts";

/** Rounds, and about how long a model runs in each, milliseconds. */
const ROUNDS = 25;
const SLICE = 8;

/**
 * Microseconds of an inference, pixels in and words out, one at a time, in this thread: for each model the median over
 * rounds, in each of which every model has a turn, one after another, the first of them another each time.
 */
export function timeModels(models: readonly Model[], set: ImageSet): readonly number[] {
  const sessions = models.map((model) => Session.fromModel(model));
  const size = imageBytes(set);
  const pass = (n: number, count: number) => {
    const started = performance.now();
    for (let i = 0; i < count; i++) {
      const at = i % set.count;
      sessions[n].runSync({ input: set.images.subarray(at * size, (at + 1) * size) });
    }
    return performance.now() - started;
  };
  const counts = models.map((_, n) => {
    let count = 8;
    while (pass(n, count) < SLICE && count < 1e6) count *= 2;
    return count;
  });
  const times = models.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const n of models.keys()) {
      const turn = (n + round) % models.length;
      times[turn].push((1000 * pass(turn, counts[turn])) / counts[turn]);
    }
  }
  for (const session of sessions) session.release();
  return times.map((list) => list.sort((a, b) => a - b)[ROUNDS >> 1]);
}
