import type { Answers } from "../train/evaluate.ts";
import { blankModel } from "./blank.ts";
import { type Blocks, withBlocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import { axisCost } from "./cost.ts";
import { ranks } from "./pareto.ts";

/** A shape that has been trained in a rung. */
export interface Trained {
  readonly blocks: Blocks;
  readonly after: Answers;
}

/**
 * The shapes that go on: front after front of error and costs; within a front those that meet the accuracy that is asked
 * for first, then the nearest to it. They keep their order.
 */
export function surviving<T extends Trained>(config: DesignConfig, trained: readonly T[], keep: number): readonly T[] {
  const { engines } = config;
  const rank = ranks(
    trained.map(({ blocks, after }) => {
      const model = blankModel(withBlocks(config.recipe, blocks));
      return [1 - after.accuracy, ...config.search.axes.map((axis) => axisCost(axis, model, engines))];
    }),
  );
  const missed = ({ after }: Trained) => Math.max(0, config.target.accuracy - after.accuracy);
  const order = [...trained.keys()].sort(
    (a, b) => rank[a] - rank[b] || missed(trained[a]) - missed(trained[b]) || a - b,
  );
  const kept = new Set(order.slice(0, keep));
  return trained.filter((_, n) => kept.has(n));
}
