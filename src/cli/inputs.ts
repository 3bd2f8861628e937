import type { ImageSet, Split } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { DataError, ShapeError } from "../errors.ts";
import { pixelWords } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { TrainConfig } from "../train/config.ts";
import type { FloatNetwork } from "../train/network.ts";

/** Images to calibrate on: each has many windows for a convolution. */
const CALIBRATION = { vectors: 500, pictures: 128 };

/**
 * The first `count` images as the words that the model reads.
 *
 * @throws ShapeError if the images are not of the model's size
 */
export function pixelInputs(model: Model, images: Uint8Array, count: number): Int16Array[] {
  const size = volume(model.input.shape);
  if (images.length < count * size) {
    throw new ShapeError(`images: expected ${count} of ${size} pixels, got ${images.length} pixels`);
  }
  const words = pixelWords(model.input);
  return Array.from({ length: count }, (_, i) =>
    Int16Array.from(images.subarray(i * size, (i + 1) * size), (pixel) => words[pixel]),
  );
}

/** Images to calibrate a network on unless told. */
export function calibrationCount({ operations }: FloatNetwork): number {
  const slides = operations.some(({ op }) => op === "conv2d" || op === "depthwise");
  return slides ? CALIBRATION.pictures : CALIBRATION.vectors;
}

/**
 * A part of the data, for a recipe or a model: images of its size, and classes of its names where both name them.
 *
 * @throws DataError if they are others
 */
export function readLabelled(directory: string, split: Split, { input, labels }: Reader): ImageSet {
  const set = readImageSet(directory, split, labels.length || undefined);
  checkSize(set, input.shape);
  const names = set.classNames?.join(", ");
  if (labels.length === 0 || names === undefined || names === labels.join(", ")) return set;
  throw new DataError(`${directory}: expected the labels ${labels.join(", ")}, got classes ${names}`, {
    file: directory,
  });
}

/** Of a recipe or a model: what it reads, and the names of its classes, or none. */
type Reader = Pick<TrainConfig, "labels"> & { readonly input: Pick<TrainConfig["input"], "shape"> };

/** @throws DataError if images are not of the size that a recipe or a model reads, whatever their number of bytes */
export function checkSize({ height, width, channels }: ImageSet, shape: readonly number[]): void {
  const [expected, got] = [shape, [height, width, channels]].map((sides) => sides.join(" x "));
  if (expected === got) return;
  throw new DataError(`images: expected ${expected} as in the input.shape of recipe or model, got ${got}`, { got });
}
