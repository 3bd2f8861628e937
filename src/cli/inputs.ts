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
