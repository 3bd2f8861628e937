import { foldNorm } from "../compile/fold.ts";
import { quantise } from "../compile/signal.ts";
import { ShapeError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import type { FloatNetwork } from "../train/network.ts";

/**
 * The float network whose words a compiled model has: norms are a part of weights and biases, and biases hold what the
 * compiler's correction found.
 *
 * @param network what the model was compiled from
 * @throws ShapeError if the model has other operations
 */
export function masterOf(network: FloatNetwork, model: Model): FloatNetwork {
  checkOperations(network, model);
  const operations = network.operations.map((operation, i) => {
    const made = model.operations[i];
    if (!("bias" in operation && "bias" in made)) return operation;
    const { norm: _, ...plain } = operation;
    const folded = foldNorm(operation);
    const bits = made.format.output;
    const bias = folded.bias.map((value, n) => value + (made.bias[n] - quantise(value, bits)) * 2 ** -bits);
    return { ...plain, weights: Float32Array.from(folded.weights), bias: Float32Array.from(bias) };
  });
  return { ...network, operations };
}

function checkOperations(network: FloatNetwork, model: Model): void {
  const [expected, got] = [network, model].map(({ operations }) => operations.map(({ name }) => name).join(", "));
  if (got !== expected) throw new ShapeError(`model: expected the checkpoint's operations ${expected}, got ${got}`);
}
