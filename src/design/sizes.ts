import type { Model, ModelOperation } from "../model/model.ts";
import { packedBytes, WORD_BITS } from "../model/narrow.ts";
import { tensorsOf } from "../model/tensors.ts";

/** Bits of an operation's weights in the model file. */
export function bitsOfWeights(operation: ModelOperation): number {
  return "weights" in operation ? operation.weights.length * (operation.weightBits ?? WORD_BITS) : 0;
}

/** Bytes of the tensors of a model in its file, without the header. */
export function tensorBytes({ operations }: Pick<Model, "operations">): number {
  return operations.flatMap(tensorsOf).reduce((sum, { words, bits }) => sum + packedBytes(words.length, bits), 0);
}
