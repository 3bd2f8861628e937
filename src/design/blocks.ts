import type { TrainConfig } from "../train/config.ts";
import type { LayerConfig } from "../train/layers.ts";
import { layOut } from "../train/parameters.ts";

/** A layer whose block size is chosen: dense or conv2d. */
export interface BlockLayer {
  /** As its operation is named in the compiled model. */
  readonly name: string;
  readonly in: number;
  readonly out: number;
  /** By the recipe. */
  readonly k: number;
}

/** Block sizes of all such layers, in their order. */
export type Blocks = readonly number[];

/** The layers of a recipe that have blocks, in the order of the network. */
export function blockLayers(recipe: Pick<TrainConfig, "input" | "layers">): readonly BlockLayer[] {
  return layOut(recipe).nodes.flatMap((node) => {
    if (node.op !== "dense" && node.op !== "conv2d") return [];
    return [{ name: node.name, in: node.in, out: node.out, k: node.k }];
  });
}

/** The recipe with other block sizes. */
export function withBlocks(recipe: TrainConfig, blocks: Blocks): TrainConfig {
  let next = 0;
  const place = (layer: LayerConfig): LayerConfig => {
    if (layer.op === "residual") {
      const layers = layer.layers.map(place);
      return { ...layer, layers, shortcut: layer.shortcut.map(place) };
    }
    return layer.op === "dense" || layer.op === "conv2d" ? { ...layer, k: blocks[next++] } : layer;
  };
  return { ...recipe, layers: recipe.layers.map(place) };
}

/** Blocks as people write them. */
export function blocksName(blocks: Blocks): string {
  return blocks.join("-");
}
