import { parseConfig, type TrainConfig } from "../train/config.ts";
import type { LayerConfig } from "../train/layers.ts";

/** How to fine-tune; what is absent is chosen by the recipe that the network was trained with. */
export interface FinetuneSettings {
  readonly epochs: number;
  /** Learning rate at its peak. */
  readonly rate: number;
  readonly seed?: number;
  /** Images held out at the end of the training set. */
  readonly validation?: number;
}

/**
 * The recipe of fine-tuning: the network without norms, which are folded into it; the images as at the end of the
 * training before; the truth for its only teacher; no weight decay, which would shrink what a norm does not restore.
 *
 * @throws OptionError naming a setting that does not hold
 */
export function finetuneRecipe(config: TrainConfig, settings: FinetuneSettings): TrainConfig {
  const { augmentation, distillation } = config;
  const { fade, shift, rotation, scale, shear, elastic } = augmentation;
  const faded = { shift, rotation, scale, shear, elastic };
  const last = Object.fromEntries(Object.entries(faded).map(([name, most]) => [name, most * (1 - fade)]));
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return parseConfig({
    ...config,
    layers: config.layers.map(withoutNorm),
    decay: 0,
    augmentation: { ...augmentation, ...last, fade: 0 },
    distillation: { ...distillation, weight: 0 },
    ...given,
  });
}

function withoutNorm(layer: LayerConfig): LayerConfig {
  if (layer.op === "residual") {
    return { ...layer, layers: layer.layers.map(withoutNorm), shortcut: layer.shortcut.map(withoutNorm) };
  }
  return "norm" in layer ? { ...layer, norm: false } : layer;
}
