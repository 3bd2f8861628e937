import { blankModel } from "./blank.ts";
import { type Blocks, blockLayers, blocksName, withBlocks } from "./blocks.ts";
import type { Axis, DesignConfig } from "./config.ts";
import { axisCost } from "./cost.ts";
import { frontier, type Selection } from "./knapsack.ts";

/** Loss that a layer adds with each of its block sizes, all else being as in the start network. */
export type Sensitivity = Readonly<Record<string, Readonly<Record<number, number>>>>;

/**
 * The shapes to train: the recipe's own; from the front of least added loss for every axis, which the knapsack over
 * layers finds, selections spread over its costs; then neighbours of these by the loss they add.
 */
export function chooseShapes(config: DesignConfig, sensitivity: Sensitivity): readonly Blocks[] {
  const layers = blockLayers(config.recipe);
  const options = layers.map(({ name }) => config.blocks[name]);
  const lossOf = (blocks: Blocks) => layers.reduce((sum, { name }, i) => sum + (sensitivity[name][blocks[i]] ?? 0), 0);
  const chosen = new Map<string, Blocks>();
  const add = (blocks: Blocks) => {
    if (chosen.size < config.search.shapes) chosen.set(blocksName(blocks), blocks);
  };
  const own = layers.map(({ k }) => k);
  if (own.every((k, i) => options[i].includes(k))) add(own);
  const fronts = config.search.axes.map((axis) =>
    frontOf(config, axis, sensitivity).map(({ picks }) => picks.map((pick, i) => options[i][pick])),
  );
  const each = Math.ceil((config.search.shapes - chosen.size) / fronts.length);
  for (let n = 0; n < each; n++) for (const front of fronts) if (n < front.length) add(spreadOver(front, each)[n]);
  for (let size = -1; size !== chosen.size && chosen.size < config.search.shapes; ) {
    size = chosen.size;
    const near = [...chosen.values()].flatMap((blocks) => neighbours(blocks, options));
    near.sort((a, b) => lossOf(a) - lossOf(b) || (blocksName(a) < blocksName(b) ? -1 : 1));
    for (const blocks of near) add(blocks);
  }
  return [...chosen.values()];
}

function frontOf(config: DesignConfig, axis: Axis, sensitivity: Sensitivity): readonly Selection[] {
  const layers = blockLayers(config.recipe);
  const { engines } = config;
  const base = layers.map(({ name }) => config.blocks[name][0]);
  const costOf = (blocks: Blocks) => axisCost(axis, blankModel(withBlocks(config.recipe, blocks)), engines);
  const fixed = costOf(base);
  const items = layers.map(({ name }, i) =>
    config.blocks[name].map((k) => ({
      cost: costOf(base.with(i, k)) - fixed + (i === 0 ? fixed : 0),
      loss: Math.max(0, sensitivity[name][k]),
    })),
  );
  return frontier(items);
}

/** `count` of a list, evenly, its ends among them; the list itself if it is no longer. */
export function spreadOver<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  if (count === 1) return [list[list.length >> 1]];
  return Array.from({ length: count }, (_, n) => list[Math.round((n * (list.length - 1)) / (count - 1))]);
}

/** The shapes that differ by one step in one layer. */
function neighbours(blocks: Blocks, options: readonly (readonly number[])[]): Blocks[] {
  return blocks.flatMap((k, i) => {
    const at = options[i].indexOf(k);
    return [options[i][at - 1], options[i][at + 1]]
      .filter((other) => other !== undefined)
      .map((other) => blocks.with(i, other));
  });
}
