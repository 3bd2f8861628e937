// Words of a fixed sequence and models made of them, for benchmarks.
import { planMemory } from "../dist/model/memory.js";

let state = 1;
/** A word, -range .. range. */
export function word(range) {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return ((state >>> 8) % (2 * range + 1)) - range;
}

export const words = (length, range) => Int16Array.from({ length }, () => word(range));

/** A model of one layer of blocks, `inputs` and `out` multiples of k. */
export function layerModel(inputs, out, k) {
  const format = { input: 12, weight: 12, output: 12 };
  const sides = { in: inputs, out, k, forward: k - 1, inverse: 0, shift: 12, activation: { kind: "relu" } };
  const weights = words((inputs * out) / k, 2000);
  const operations = [{ op: "dense", name: "dense", inputs: [0], ...sides, weights, bias: words(out, 500), format }];
  const input = { shape: [1, 1, inputs], fractionBits: 12, mean: 0, deviation: 1 };
  return { input, operations, labels: [], memory: planMemory(operations, [inputs, out]) };
}
