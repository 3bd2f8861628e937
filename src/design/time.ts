import { type ImageSet, imageBytes } from "../data/images.ts";
import type { Model, ModelOperation } from "../model/model.ts";
import { Session } from "../runtime/session.ts";

/** Rounds, and about how long a network runs in each, milliseconds. */
const ROUNDS = 61;
const SLICE = 5;

/**
 * Microseconds of an inference, pixels in and words out, one at a time, in this thread: for each network the tenth
 * percentile over rounds, in each of which every network has a turn, the first of them another each time. Models that differ in words
 * alone run the same steps in the kernels, and have one time.
 */
export function timeModels(models: readonly Model[], set: ImageSet): readonly number[] {
  const names = models.map(({ operations }) => JSON.stringify(operations.map(stepsOf)));
  const networks = [...new Set(names)];
  const times = timeEach(
    networks.map((name) => models[names.indexOf(name)]),
    set,
  );
  return names.map((name) => times[networks.indexOf(name)]);
}

/** What of an operation the kernels' steps follow from. */
function stepsOf(operation: ModelOperation): object {
  const sizes = ["op", "inputs", "in", "out", "k", "channels", "words", "height", "width", "kernel", "stride", "pad"];
  return sizes.map((name) => Reflect.get(operation, name) ?? null);
}

function timeEach(models: readonly Model[], set: ImageSet): readonly number[] {
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
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(ROUNDS / 10)]);
}
