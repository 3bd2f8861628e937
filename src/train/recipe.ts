import { readFileSync } from "node:fs";
import { OptionError } from "../errors.ts";
import { parseConfig, type TrainConfig } from "./config.ts";
import type { LayerConfig } from "./layers.ts";

/** Recipes that come with the project, in `models/`. */
export const SHIPPED_RECIPES = ["mnist-mlp", "mnist-cnn", "fashion-cnn", "cifar10-cnn"] as const;

/**
 * Reads a recipe by the name of a shipped one or from a file.
 *
 * @throws OptionError if there is no such file, or naming what does not hold in it
 */
export function readRecipe(source: string): TrainConfig {
  const shipped = SHIPPED_RECIPES.some((name) => name === source);
  const file = shipped ? new URL(`../../models/${source}.json`, import.meta.url) : source;
  try {
    return parseConfig(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const got = error instanceof Error ? error.message : error;
    if (error instanceof OptionError) throw new OptionError(`${source}: ${got}`, error.fields);
    const expected = `a recipe in JSON or one of ${SHIPPED_RECIPES.join(", ")}`;
    throw new OptionError(`${source}: expected ${expected}, got ${got}`, { option: "config" });
  }
}

/** The recipe that `circulant train` follows unless it is given one: the digits of MNIST in 30,720 weights. */
export const MNIST_MLP: TrainConfig = {
  input: { shape: [28, 28, 1], mean: 0.1307, deviation: 0.3081 },
  layers: [
    { op: "flatten" },
    { op: "dense", out: 1024, k: 64, norm: false, activation: "relu" },
    { op: "dense", out: 1024, k: 64, norm: false, activation: "relu" },
    { op: "dense", out: 10, k: 16, norm: false, activation: "identity" },
  ],
  labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  batch: 128,
  epochs: 300,
  rate: 0.005,
  warmup: 0.1,
  decay: 0.003,
  smoothing: 0.03,
  average: 0.999,
  distillation: { weight: 0, temperature: 4 },
  augmentation: { shift: 2, rotation: 10, scale: 0.1, shear: 0.1, elastic: 2.5, fade: 0.5, flip: false, cutout: 0 },
  validation: 5000,
  seed: 1,
};

/**
 * The same network and recipe without blocks: the baseline that a block-circulant network is held against.
 *
 * A network without norm gets a quarter of the rate: a word of a block collects the gradients of k places, so that a
 * step of the same size follows a single image far less than it does in a dense layer. With norm the rate stays: what
 * a step adds to all outputs of a layer alike is normalised away.
 */
export function dense(config: TrainConfig): TrainConfig {
  const rate = hasNorm(config.layers) ? config.rate : config.rate / 4;
  return { ...config, rate, layers: config.layers.map(withoutBlocks) };
}

function hasNorm(layers: readonly LayerConfig[]): boolean {
  return layers.some((layer) =>
    layer.op === "residual" ? hasNorm([...layer.layers, ...layer.shortcut]) : "norm" in layer && layer.norm,
  );
}

function withoutBlocks(layer: LayerConfig): LayerConfig {
  if (layer.op === "residual") {
    return { ...layer, layers: layer.layers.map(withoutBlocks), shortcut: layer.shortcut.map(withoutBlocks) };
  }
  return layer.op === "dense" || layer.op === "conv2d" ? { ...layer, k: 1 } : layer;
}
