import type { Model, ModelOperation } from "../model/model.ts";
import { packedBytes, WORD_BITS } from "../model/narrow.ts";
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

/** Bytes of an operation's weights in the model file. */
export function weightBytes(operation: ModelOperation): number {
  return "weights" in operation ? packedBytes(operation.weights.length, operation.weightBits ?? WORD_BITS) : 0;
}

/** Sizes in bytes and what they are of the same network in dense float32, biases not counted. */
export interface ModelSize {
  readonly fileBytes: number;
  readonly weightBytes: number;
  readonly denseWeightBytes: number;
  /** Weights against weights, each a number, whatever its bits. */
  readonly parameterCompression: number;
  readonly weightCompression: number;
  readonly fileCompression: number;
}

/** The size of a model whose file has `fileBytes` bytes. */
export function sizeOf({ operations }: Pick<Model, "operations">, fileBytes: number): ModelSize {
  const sum = (count: (operation: ModelOperation) => number) =>
    operations.reduce((total, operation) => total + count(operation), 0);
  const weights = sum((operation) => ("weights" in operation ? operation.weights.length : 0));
  const [stored, denseWeightBytes] = [sum(weightBytes), 4 * sum(denseWeights)];
  return {
    fileBytes,
    weightBytes: stored,
    denseWeightBytes,
    parameterCompression: denseWeightBytes / 4 / weights,
    weightCompression: denseWeightBytes / stored,
    fileCompression: denseWeightBytes / fileBytes,
  };
}
