import { flag, invalid, list, real, record, text, whole } from "./fields.ts";
import { type LayerConfig, parseLayers } from "./layers.ts";
import type { Shape } from "./network.ts";
import { layOut } from "./parameters.ts";
import { shapeAfter } from "./shape.ts";

/** How an image is changed at random before it is shown; all 0 and false shows it as it is. */
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
  /** Whether half of the images are mirrored, left to right. */
  readonly flip: boolean;
  /** Side in pixels of a square that is set to the input's mean, anywhere in the image; 0 sets none. */
  readonly cutout: number;
}

/** What is learnt from a teacher, a trained network that answers the same images (Hinton et al., 2015). */
export interface Distillation {
  /** Share of the loss that the teacher's answers make up; 0 trains without a teacher. */
  readonly weight: number;
  /** What both networks' logits are divided by before they are compared. */
  readonly temperature: number;
}

/** A training recipe: the network and how to train it. Plain data, the content of a recipe file. */
export interface TrainConfig {
  readonly input: { readonly shape: Shape; readonly mean: number; readonly deviation: number };
  readonly layers: readonly LayerConfig[];
  /** Names of the classes, as many as the last layer has outputs. */
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
  readonly distillation: Distillation;
  readonly augmentation: Augmentation;
  /** Images at the end of the training set held out for validation; 0 trains on all. */
  readonly validation: number;
  readonly seed: number;
}

/** Shards of a batch: each is summed on its own and then all in order, whatever the number of workers. */
export const SHARDS = 4;

/** Most parameters: with moments, gradients and spectra they must fit the 4 GiB of a thread's kernels. */
const MOST_PARAMETERS = 2 ** 26;

/** Most words of an input. */
const MOST_INPUT = 2 ** 24;

const FIELDS = [
  ...["input", "layers", "labels", "batch", "epochs", "rate", "warmup", "decay", "smoothing", "average"],
  ...["distillation", "augmentation", "validation", "seed"],
];

/**
 * Checks a recipe, as parsed from JSON; it may name its schema in `$schema`, which is left out of the result.
 *
 * @throws OptionError naming the field that is missing, unknown or out of range
 */
export function parseConfig(value: unknown): TrainConfig {
  const root = record(value, "recipe", [...FIELDS, "$schema"]);
  if (root.$schema !== undefined) text(root.$schema, "$schema");
  const input = parseInput(root.input);
  const layers = parseLayers(root.layers, "layers");
  const classes = countClasses(layers, input.shape);
  const labels = list(root.labels, "labels").map((label, index) => parseLabel(label, `labels[${index}]`));
  if (labels.length !== classes) throw invalid("labels", `${classes} names, one a class`, labels.length);
  const batch = whole(root.batch, "batch", 32, 65536);
  if (batch % 32 !== 0) throw invalid("batch", "a multiple of 32", batch);
  const { words } = layOut({ input, layers });
  if (words > MOST_PARAMETERS) throw invalid("layers", `at most ${MOST_PARAMETERS} parameters`, words);
  return {
    input,
    layers,
    labels,
    batch,
    epochs: whole(root.epochs, "epochs", 1, 100_000),
    rate: real(root.rate, "rate", 0, 10),
    warmup: real(root.warmup, "warmup", 0, 1),
    decay: real(root.decay, "decay", 0, 100),
    smoothing: real(root.smoothing, "smoothing", 0, 0.99),
    average: real(root.average, "average", 0, 0.999999),
    distillation: parseDistillation(root.distillation),
    augmentation: parseAugmentation(root.augmentation),
    validation: whole(root.validation, "validation", 0, 2 ** 31),
    seed: whole(root.seed, "seed", 0, 2 ** 32 - 1),
  };
}

/** A model file takes no others. */
function parseLabel(value: unknown, name: string): string {
  const label = text(value, name);
  if (label.length <= 2048 && /^[^\p{C}]*$/u.test(label)) return label;
  throw invalid(name, "at most 2048 characters, none a control character", label.slice(0, 40));
}

function parseInput(value: unknown): TrainConfig["input"] {
  const input = record(value, "input", ["shape", "mean", "deviation"]);
  const sides = list(input.shape, "input.shape").map((side, axis) => whole(side, `input.shape[${axis}]`, 1, 4096));
  if (sides.length !== 3) throw invalid("input.shape", "height, width and channels", input.shape);
  const [height, width, channels] = sides;
  if (height * width * channels > MOST_INPUT) throw invalid("input.shape", `at most ${MOST_INPUT} words`, sides);
  return {
    shape: [height, width, channels],
    mean: real(input.mean, "input.mean", 0, 1),
    deviation: real(input.deviation, "input.deviation", 1e-6, 1e6),
  };
}

function countClasses(layers: readonly LayerConfig[], input: Shape): number {
  if (layers.length === 0) throw invalid("layers", "at least one layer", layers);
  const [height, width, classes] = shapeAfter(layers, input);
  if (height !== 1 || width !== 1 || classes < 2 || classes > 256) {
    const got = `${height} x ${width} x ${classes}`;
    throw invalid(`layers[${layers.length - 1}]`, "an output of 1 x 1 x 2 to 256 classes", got);
  }
  return classes;
}

function parseDistillation(value: unknown): Distillation {
  const fields = record(value, "distillation", ["weight", "temperature"]);
  return {
    weight: real(fields.weight, "distillation.weight", 0, 1),
    temperature: real(fields.temperature, "distillation.temperature", 0.1, 100),
  };
}

function parseAugmentation(value: unknown): Augmentation {
  const names = ["shift", "rotation", "scale", "shear", "elastic", "fade", "flip", "cutout"];
  const fields = record(value, "augmentation", names);
  return {
    shift: real(fields.shift, "augmentation.shift", 0, 100),
    rotation: real(fields.rotation, "augmentation.rotation", 0, 180),
    scale: real(fields.scale, "augmentation.scale", 0, 0.9),
    shear: real(fields.shear, "augmentation.shear", 0, 0.9),
    elastic: real(fields.elastic, "augmentation.elastic", 0, 100),
    fade: real(fields.fade, "augmentation.fade", 0, 1),
    flip: flag(fields.flip, "augmentation.flip"),
    cutout: whole(fields.cutout, "augmentation.cutout", 0, 4096),
  };
}
