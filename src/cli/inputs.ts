import { type ImageSet, imageBytes } from "../data/images.ts";
import { ShapeError } from "../errors.ts";
import { pixelWords } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";

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

/** `count` images, or all of them if there are fewer, from the whole of the set; as views. */
export function spreadImages(set: ImageSet, count: number): readonly Uint8Array[] {
  const size = imageBytes(set);
  const taken = Math.min(count, set.count);
  return Array.from({ length: taken }, (_, n) => {
    const at = Math.floor((n * set.count) / taken) * size;
    return set.images.subarray(at, at + size);
  });
}
