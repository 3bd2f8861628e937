import { irfft, rfft, type StageObserver } from "../fft/transform.ts";
import { blockGrid, type DenseLayer, type DenseTrace, dense } from "../layers/dense.ts";
import type { OperationTrace } from "../rtl/trace.ts";

export type TensorName = "spectra" | "accumulators" | "products" | "transforms" | "outputs";

/** One tensor that a realisation made on its way through a layer. */
export interface TracedTensor {
  /** Number of the layer, from 0. */
  readonly layer: number;
  readonly tensor: TensorName;
  /** Stage of the transform after which the words stood so; 0 for tensors that are no transform. */
  readonly stage: number;
  /** Words of a block. */
  readonly k: number;
  readonly words: Int16Array | Int32Array;
}

/** Every tensor of the reference, with the words after each stage of each transform. */
export function traceReference(layers: readonly DenseLayer[], x: Int16Array): TracedTensor[] {
  const tensors: TracedTensor[] = [];
  let input = x;
  layers.forEach((layer, number) => {
    const trace = dense(layer, input);
    const { q } = blockGrid(layer);
    const padded = new Int16Array(q * layer.k);
    padded.set(input);
    const forward = stagesOf(padded, layer.k, (block, observe) => rfft(block, layer.forward, observe));
    const inverse = stagesOf(trace.products, layer.k, (block, observe) => irfft(block, layer.inverse, observe));
    const all = layerTensors(number, layer.k, trace);
    const stages = Math.log2(layer.k);
    tensors.push(
      ...forward.slice(0, -1).map((words, i) => transformTensor(number, "spectra", i + 1, layer.k, words)),
      ...all.slice(0, 3),
      ...inverse.slice(0, -1).map((words, i) => transformTensor(number, "transforms", stages - i, layer.k, words)),
      ...all.slice(3),
    );
    input = trace.outputs;
  });
  return tensors;
}

/** The tensors of one layer of a realisation that shows whole transforms. */
export function layerTensors(layer: number, k: number, trace: DenseTrace): TracedTensor[] {
  const stages = Math.log2(k);
  return [
    transformTensor(layer, "spectra", stages, k, trace.spectra),
    { layer, tensor: "accumulators", stage: 0, k, words: trace.accumulators },
    { layer, tensor: "products", stage: 0, k, words: trace.products },
    transformTensor(layer, "transforms", Math.min(1, stages), k, trace.transforms),
    { layer, tensor: "outputs", stage: 0, k, words: trace.outputs },
  ];
}

/** The tensors of the datapath, which shows the words after each stage. */
export function traceRtl(layers: readonly DenseLayer[], operations: readonly OperationTrace[]): TracedTensor[] {
  return operations.flatMap((operation, number) => {
    const { k, out } = layers[number];
    const stages = Math.log2(k);
    const { forwardStages, inverseStages } = operation;
    const all = layerTensors(number, k, {
      ...operation,
      spectra: forwardStages[forwardStages.length - 1],
      outputs: operation.outputs.subarray(0, out),
    });
    return [
      ...forwardStages.slice(0, -1).map((words, i) => transformTensor(number, "spectra", i + 1, k, words)),
      ...all.slice(0, 3),
      ...inverseStages.map((words, i) => transformTensor(number, "transforms", stages - i, k, words)),
      ...all.slice(3),
    ];
  });
}

function transformTensor(
  layer: number,
  tensor: TensorName,
  stage: number,
  k: number,
  words: Int16Array | Int32Array,
): TracedTensor {
  return { layer, tensor, stage, k, words };
}

/** The words of all blocks after each stage, in the order in which the stages run. */
function stagesOf(
  words: Int16Array,
  k: number,
  transform: (block: Int16Array, observe: StageObserver) => void,
): Int16Array[] {
  const stages: Int16Array[] = [];
  for (let at = 0; at < words.length; at += k) {
    let order = 0;
    transform(words.subarray(at, at + k), (_, block) => {
      stages[order] ??= new Int16Array(words.length);
      stages[order++].set(block, at);
    });
  }
  return stages;
}
