import type { Model } from "../model/model.ts";

/** Bytes of the weights that the same network would have in dense float32, biases not counted. */
export function denseWeightBytes({ layers }: Pick<Model, "layers">): number {
  return layers.reduce((bytes, layer) => bytes + 4 * layer.in * layer.out, 0);
}
