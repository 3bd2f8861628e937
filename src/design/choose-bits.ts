import { packedBytes } from "../model/narrow.ts";
import type { TrainConfig } from "../train/config.ts";
import { blankModel } from "./blank.ts";
import type { Bits, Results } from "./job.ts";
import { frontier } from "./knapsack.ts";

/**
 * For each tolerance the bits of fewest bytes whose losses, as they were measured one layer at a time, add no more than
 * this share of the loss with 16 bits; each choice once.
 */
export function chooseBits(
  recipe: TrainConfig,
  { full, narrow }: Results["bits"],
  tolerances: readonly number[],
): readonly Bits[] {
  const layers = blankModel(recipe).operations.filter((operation) => "weights" in operation);
  const choices = layers.map(({ name, weights }) => {
    const fewer = Object.entries(narrow[name]).map(([bits, { loss }]) => ({ bits: Number(bits), loss }));
    const all = [...fewer, { bits: 16, loss: full.loss }];
    return all.map(({ bits, loss }) => ({
      bits,
      cost: packedBytes(weights.length, bits),
      loss: Math.max(0, loss - full.loss),
    }));
  });
  const front = frontier(choices);
  const found = tolerances.map((tolerance) => {
    const fitting = front.find(({ loss }) => loss <= tolerance * full.loss) ?? front[front.length - 1];
    return Object.fromEntries(layers.map(({ name }, i) => [name, choices[i][fitting.picks[i]].bits]));
  });
  const unique = new Map(found.map((bits) => [JSON.stringify(bits), bits]));
  return [...unique.values()];
}
