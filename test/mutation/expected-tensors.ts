import { irfft, rfft } from "../../src/fft/transform.ts";
import { perform } from "../../src/layers/operation.ts";
import type { ModelOperation } from "../../src/model/model.ts";

/** A tensor as the contract lists it, made without the code that is checked. */
export interface ExpectedTensor {
  readonly name: string;
  readonly k: number;
  readonly words: readonly number[];
}

/** Every tensor of a network in the order in which it is made; with or without the stages between. */
export function expectedTensors(
  operations: readonly ModelOperation[],
  x: Int16Array,
  withStages: boolean,
): ExpectedTensor[] {
  const values = [x];
  return operations.flatMap((operation, number) => {
    const inputs = operation.inputs.map((input) => values[input]);
    const trace = perform(operation, inputs);
    values.push(trace.outputs);
    const list: ExpectedTensor[] = [];
    const put = (tensor: string, stage: number, k: number, words: ArrayLike<number> | undefined) => {
      if (words) list.push({ name: `${number} ${tensor} ${stage}`, k, words: Array.from(words) });
    };
    if (!("k" in operation)) {
      const channels = "channels" in operation ? operation.channels : 1;
      put("accumulators", 0, 1, trace.accumulators);
      put("products", 0, 1, trace.products);
      put("outputs", 0, channels, trace.outputs);
      return list;
    }
    const { k } = operation;
    const log2K = Math.log2(k);
    const columns = k * Math.ceil(operation.in / k);
    const rows = Array.from({ length: inputs[0].length / operation.in }, (_, row) => {
      return [
        ...inputs[0].slice(row * operation.in, (row + 1) * operation.in),
        ...new Array(columns - operation.in).fill(0),
      ];
    });
    const forward = stagesOf(rows.flat(), k, (block, keep) => rfft(block, operation.forward, keep));
    const inverse = stagesOf([...(trace.products ?? [])], k, (block, keep) => irfft(block, operation.inverse, keep));
    const between = withStages ? log2K - 1 : 0;
    for (let stage = 1; stage <= between; stage++) put("spectra", stage, k, forward.get(stage));
    put("spectra", log2K, k, trace.spectra);
    put("accumulators", 0, k, trace.accumulators);
    put("products", 0, k, trace.products);
    for (let stage = log2K; withStages && stage > 1; stage--) put("transforms", stage, k, inverse.get(stage));
    put("transforms", k === 1 ? 0 : 1, k, trace.transforms);
    put("outputs", 0, operation.op === "conv2d" ? operation.out : k, trace.outputs);
    return list;
  });
}

function stagesOf(
  words: readonly number[],
  k: number,
  transform: (block: Int16Array, keep: (stage: number, after: Int16Array) => void) => void,
): Map<number, number[]> {
  const stages = new Map<number, number[]>();
  for (let at = 0; k > 1 && at < words.length; at += k) {
    transform(Int16Array.from(words.slice(at, at + k)), (stage, after) => {
      stages.set(stage, [...(stages.get(stage) ?? []), ...after]);
    });
  }
  return stages;
}
