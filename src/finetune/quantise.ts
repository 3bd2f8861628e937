import { makeExact } from "../compile/exact.ts";
import { quantiseWords } from "../compile/signal.ts";
import type { Model, ModelOperation } from "../model/model.ts";
import { largestWeight, WORD_BITS } from "../model/narrow.ts";
import type { FloatNetwork } from "../train/network.ts";
import { holdBound } from "./hold.ts";

/** A model and how many sums were shrunk so that no accumulator can wrap. */
export interface Quantised {
  readonly model: Model;
  readonly held: number;
}

/**
 * A float network in the formats, schedules and shifts of a compiled model: what the compiler's quantise pass makes of
 * it, then `holdBound`.
 *
 * @param network without norms
 */
export function quantiseNetwork(network: FloatNetwork, formats: Model): Quantised {
  const shapes = [network.input.shape, ...network.operations.map(({ output }) => output)];
  let held = 0;
  const operations = formats.operations.map((operation, i): ModelOperation => {
    const source = makeExact(network.operations[i], shapes[operation.inputs[0]]);
    if (!("bias" in source && "bias" in operation)) return operation;
    const { format } = operation;
    const values = source.op === "depthwise" ? source.weights : source.spectra;
    const weights = quantiseWords(values, format.weight, largestWeight(operation.weightBits ?? WORD_BITS));
    held += holdBound(operation, weights);
    return { ...operation, weights, bias: quantiseWords(source.bias, format.output) };
  });
  return { model: { ...formats, operations }, held };
}
