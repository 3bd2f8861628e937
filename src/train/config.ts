import { OptionError } from "../errors.ts";
import type { Activation } from "./network.ts";

/** A layer of the network to train. */
export interface LayerConfig {
  readonly out: number;
  /** Block size, a power of two from 1 to 2048; 1 trains a dense layer. */
  readonly k: number;
  readonly activation: Activation;
}

/** How far an image is moved at random before it is shown; all 0 shows it as it is. */
export interface Augmentation {
  /** Largest shift, pixels either way. */
  readonly shift: number;
  /** Largest rotation, degrees either way. */
  readonly rotation: number;
  /** Largest change of scale, a fraction either way, each axis on its own. */
  readonly scale: number;
  /** Largest shear, a fraction either way. */
  readonly shear: number;
  /** Deviation of the smooth displacement's control points, pixels. */
  readonly elastic: number;
  /** Share of all these that is gone by the last epoch; they shrink evenly from the first. */
  readonly fade: number;
}

/** A training recipe: the network and how to train it. Plain data, the content of a recipe file. */
export interface TrainConfig {
  readonly input: { readonly shape: readonly [number, number]; readonly mean: number; readonly deviation: number };
  readonly layers: readonly LayerConfig[];
  /** Names of the classes, as many as the last layer's `out`. */
  readonly labels: readonly string[];
  /** Images a step, a multiple of 32. */
  readonly batch: number;
  readonly epochs: number;
  /** Learning rate at its peak. */
  readonly rate: number;
  /** Share of all steps in which the rate rises to its peak; then it falls to 0 along a cosine. */
  readonly warmup: number;
  /** AdamW weight decay, times the rate a step. */
  readonly decay: number;
  /** Share of the target spread evenly over the classes. */
  readonly smoothing: number;
  /** Share that the running average of the parameters keeps a step; the average is the result. */
  readonly average: number;
  readonly augmentation: Augmentation;
  /** Images at the end of the training set held out for validation; 0 trains on all. */
  readonly validation: number;
  readonly seed: number;
}

/** Block sizes that the kernels take. */
export const LARGEST_BLOCK = 2048;

/** Shards of a batch: each is summed on its own and then all in order, whatever the number of workers. */
export const SHARDS = 4;

/**
 * Checks a recipe, as parsed from JSON.
 *
 * @throws OptionError naming the field that is missing, unknown or out of range
 */
export function parseConfig(value: unknown): TrainConfig {
  const root = record(value, "recipe", [
    ...["input", "layers", "labels", "batch", "epochs", "rate", "warmup", "decay", "smoothing", "average"],
    ...["augmentation", "validation", "seed"],
  ]);
  const input = record(root.input, "input", ["shape", "mean", "deviation"]);
  const shape = list(input.shape, "input.shape").map((side, axis) => whole(side, `input.shape[${axis}]`, 1, 4096));
  if (shape.length !== 2) throw invalid("input.shape", "height and width", input.shape);
  const layers = list(root.layers, "layers").map(parseLayer);
  if (layers.length === 0) throw invalid("layers", "at least one layer", root.layers);
  const classes = layers[layers.length - 1].out;
  if (classes > 256) throw invalid(`layers[${layers.length - 1}].out`, "2 to 256 classes", classes);
  const labels = list(root.labels, "labels").map((label, index) => text(label, `labels[${index}]`));
  if (labels.length !== classes) throw invalid("labels", `${classes} names, one a class`, labels.length);
  const batch = whole(root.batch, "batch", 32, 65536);
  if (batch % 32 !== 0) throw invalid("batch", "a multiple of 32", batch);
  return {
    input: {
      shape: [shape[0], shape[1]],
      mean: real(input.mean, "input.mean", 0, 1),
      deviation: real(input.deviation, "input.deviation", 1e-6, 1e6),
    },
    layers,
    labels,
    batch,
    epochs: whole(root.epochs, "epochs", 1, 100_000),
    rate: real(root.rate, "rate", 0, 10),
    warmup: real(root.warmup, "warmup", 0, 1),
    decay: real(root.decay, "decay", 0, 100),
    smoothing: real(root.smoothing, "smoothing", 0, 0.99),
    average: real(root.average, "average", 0, 0.999999),
    augmentation: parseAugmentation(root.augmentation),
    validation: whole(root.validation, "validation", 0, 2 ** 31),
    seed: whole(root.seed, "seed", 0, 2 ** 32 - 1),
  };
}

function parseLayer(value: unknown, index: number): LayerConfig {
  const name = `layers[${index}]`;
  const layer = record(value, name, ["out", "k", "activation"]);
  const k = whole(layer.k, `${name}.k`, 1, LARGEST_BLOCK);
  if ((k & (k - 1)) !== 0) throw invalid(`${name}.k`, "a power of two", k);
  const { activation } = layer;
  if (activation !== "relu" && activation !== "identity") {
    throw invalid(`${name}.activation`, '"relu" or "identity"', activation);
  }
  return { out: whole(layer.out, `${name}.out`, 1, 65536), k, activation };
}

function parseAugmentation(value: unknown): Augmentation {
  const fields = record(value, "augmentation", ["shift", "rotation", "scale", "shear", "elastic", "fade"]);
  return {
    shift: real(fields.shift, "augmentation.shift", 0, 100),
    rotation: real(fields.rotation, "augmentation.rotation", 0, 180),
    scale: real(fields.scale, "augmentation.scale", 0, 0.9),
    shear: real(fields.shear, "augmentation.shear", 0, 0.9),
    elastic: real(fields.elastic, "augmentation.elastic", 0, 100),
    fade: real(fields.fade, "augmentation.fade", 0, 1),
  };
}

function record(value: unknown, name: string, fields: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name, "an object", value);
  for (const field of Object.keys(value)) {
    if (!fields.includes(field)) throw invalid(`${name}.${field}`, `one of ${fields.join(", ")}`, "an unknown field");
  }
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(name, "an array", value);
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw invalid(name, "a string", value);
  return value;
}

function whole(value: unknown, name: string, least: number, most: number): number {
  if (!Number.isInteger(value)) throw invalid(name, `a whole number from ${least} to ${most}`, value);
  return real(value, name, least, most);
}

function real(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw invalid(name, `a number from ${least} to ${most}`, value);
  }
  return value;
}

function invalid(option: string, expected: string, got: unknown): OptionError {
  return new OptionError(`${option}: expected ${expected}, got ${JSON.stringify(got) ?? "nothing"}`, { option, got });
}
