import type { Model } from "../model/model.ts";
import { largestWeight } from "../model/narrow.ts";

/**
 * The model with the weights of one operation rounded to as many bits, in the format that they have: the sums are those
 * of narrower words and a smaller shift.
 */
export function narrowOne(model: Model, name: string, bits: number): Model {
  const operations = model.operations.map((operation) => {
    if (operation.name !== name || !("weights" in operation)) return operation;
    const peak = operation.weights.reduce((most, word) => Math.max(most, Math.abs(word)), 0);
    let dropped = 0;
    while (peak > largestWeight(bits) * 2 ** dropped) dropped++;
    return { ...operation, weights: operation.weights.map((word) => rounded(word, 2 ** dropped)) };
  });
  return { ...model, operations };
}

/** Rounded half away from zero, as the compiler rounds. */
function rounded(word: number, step: number): number {
  return Math.sign(word) * Math.floor(Math.abs(word) / step + 0.5) * step;
}
