import { perform } from "../../src/layers/operation.ts";
import { quantiseInput } from "../../src/model/input.ts";
import type { Model } from "../../src/model/model.ts";

/** The output of a model for a real input, by the reference. */
export function run(model: Model, x: Float32Array): Int16Array {
  const tensors = [quantiseInput(model.input, x)];
  for (const operation of model.operations) {
    const inputs = operation.inputs.map((tensor) => tensors[tensor]);
    tensors.push(perform(operation, inputs).outputs);
  }
  return tensors[model.operations.length];
}
