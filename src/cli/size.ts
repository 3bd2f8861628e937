import type { Model, ModelOperation } from "../model/model.ts";
import { volume } from "../model/shape.ts";

/** Weights of the operation without blocks: one for every input and output, of every tap. */
export function denseWeights(operation: ModelOperation): number {
  switch (operation.op) {
    case "dense":
      return operation.in * operation.out;
    case "conv2d":
      return volume(operation.kernel) * operation.in * operation.out;
    case "depthwise":
      return operation.weights.length;
    default:
      return 0;
  }
}

/** Bytes of the weights that the same network would have in dense float32, biases not counted. */
export function denseWeightBytes({ operations }: Pick<Model, "operations">): number {
  return operations.reduce((bytes, operation) => bytes + 4 * denseWeights(operation), 0);
}
