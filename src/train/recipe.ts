import type { TrainConfig } from "./config.ts";

/** The recipe that `circulant train` follows unless it is given one: the digits of MNIST in 30,720 weights. */
export const MNIST_MLP: TrainConfig = {
  input: { shape: [28, 28], mean: 0.1307, deviation: 0.3081 },
  layers: [
    { out: 1024, k: 64, activation: "relu" },
    { out: 1024, k: 64, activation: "relu" },
    { out: 10, k: 16, activation: "identity" },
  ],
  labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  batch: 128,
  epochs: 300,
  rate: 0.005,
  warmup: 0.1,
  decay: 0.003,
  smoothing: 0.03,
  average: 0.999,
  augmentation: { shift: 2, rotation: 10, scale: 0.1, shear: 0.1, elastic: 2.5, fade: 0.5 },
  validation: 5000,
  seed: 1,
};

/**
 * The same network and recipe without blocks: the baseline that a block-circulant network is held against. It has a
 * quarter of the rate: a word of a block collects the gradients of k places, so that a step of the same size follows
 * a single image far less than it does in a dense layer.
 */
export function dense(config: TrainConfig): TrainConfig {
  return { ...config, rate: config.rate / 4, layers: config.layers.map((layer) => ({ ...layer, k: 1 })) };
}
