import { irfft, rfft, type StageObserver } from "../fft/transform.ts";
import { blockGrid } from "../layers/dense.ts";
import { type OperationTrace, perform } from "../layers/operation.ts";
import { padRows } from "../layers/spectral.ts";
import type { ModelOperation } from "../model/model.ts";
import type { EngineTrace } from "../rtl/trace.ts";

export type TensorName = "spectra" | "accumulators" | "products" | "transforms" | "outputs";

/** One tensor that a realisation made on its way through an operation. */
export interface TracedTensor {
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly tensor: TensorName;
  /** Stage of the transform after which the words stood so; 0 for tensors that are no transform. */
  readonly stage: number;
  /** Words of a block: a circulant one, or for the outputs of windows the channels of a pixel; 1 where there is none. */
  readonly k: number;
  readonly words: Int16Array | Int32Array;
}

/**
 * Every tensor of the reference.
 *
 * @param withStages also the words after each stage of each transform
 */
export function traceReference(
  operations: readonly ModelOperation[],
  x: Int16Array,
  withStages: boolean,
): TracedTensor[] {
  const tensors: TracedTensor[] = [];
  const values = [x];
  for (const [number, operation] of operations.entries()) {
    const inputs = operation.inputs.map((input) => values[input]);
    const trace = perform(operation, inputs);
    const stages = withStages ? stagesOf(operation, inputs[0], trace) : undefined;
    tensors.push(...operationTensors(number, operation, trace, stages));
    values.push(trace.outputs);
  }
  return tensors;
}

/** The words of all blocks after each stage but the last, in the order in which the stages run. */
interface Stages {
  readonly forward: readonly Int16Array[];
  readonly inverse: readonly Int16Array[];
}

/**
 * The tensors of one operation of a realisation, in the order in which it makes them.
 *
 * @param stages for one that shows the words after each stage of its transforms
 */
export function operationTensors(
  number: number,
  operation: ModelOperation,
  trace: OperationTrace,
  stages?: Stages,
): TracedTensor[] {
  const k = "k" in operation ? operation.k : 1;
  const log2K = Math.log2(k);
  const tensors: TracedTensor[] = [];
  const push = (tensor: TensorName, stage: number, words: TracedTensor["words"] | undefined, size = k) => {
    if (words) tensors.push({ operation: number, tensor, stage, k: size, words });
  };
  for (const [i, words] of (stages?.forward ?? []).entries()) push("spectra", i + 1, words);
  push("spectra", log2K, trace.spectra);
  push("accumulators", 0, trace.accumulators);
  push("products", 0, trace.products);
  for (const [i, words] of (stages?.inverse ?? []).entries()) push("transforms", log2K - i, words);
  push("transforms", Math.min(1, log2K), trace.transforms);
  push("outputs", 0, trace.outputs, outputBlock(operation));
  return tensors;
}

/** The tensors of the datapath, which shows the words after each stage. */
export function traceRtl(operations: readonly ModelOperation[], traces: readonly EngineTrace[]): TracedTensor[] {
  return traces.flatMap((trace, number) => {
    const stages = { forward: trace.forwardStages.slice(0, -1), inverse: trace.inverseStages };
    return operationTensors(number, operations[number], trace, stages);
  });
}

/** Channels of an output pixel where there are pixels, else words of a block. */
function outputBlock(operation: ModelOperation): number {
  if (operation.op === "conv2d") return operation.out;
  if ("channels" in operation) return operation.channels;
  return "k" in operation ? operation.k : 1;
}

function stagesOf(operation: ModelOperation, x: Int16Array, trace: OperationTrace): Stages | undefined {
  if (!("k" in operation) || operation.k === 1) return undefined;
  const { k, forward, inverse } = operation;
  const padded = padRows(x, operation.in, blockGrid(operation).q * k);
  const products = trace.products ?? new Int16Array(0);
  return {
    forward: observe(padded, k, (block, observer) => rfft(block, forward, observer)),
    inverse: observe(products, k, (block, observer) => irfft(block, inverse, observer)),
  };
}

function observe(
  words: Int16Array,
  k: number,
  transform: (block: Int16Array, observer: StageObserver) => void,
): Int16Array[] {
  const stages: Int16Array[] = [];
  for (let at = 0; at < words.length; at += k) {
    let order = 0;
    transform(words.subarray(at, at + k), (_, block) => {
      stages[order] ??= new Int16Array(words.length);
      stages[order++].set(block, at);
    });
  }
  return stages.slice(0, -1);
}
