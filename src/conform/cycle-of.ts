import type { Difference } from "./compare.ts";
import type { TracedTensor } from "./trace.ts";

/** Tensors with bits of cycles in place of their words: `bits` low ones in one, those above in the other. */
export interface CycleTensors {
  readonly low: readonly TracedTensor[];
  readonly high: readonly TracedTensor[];
  readonly bits: number;
}

/** The cycle in which a datapath wrote the word of a difference. */
export function cycleOf({ low, high, bits }: CycleTensors, difference: Difference): number {
  const { operation, tensor, stage, block, index } = difference;
  const part = (tensors: readonly TracedTensor[]) => {
    const found = tensors.find((it) => it.operation === operation && it.tensor === tensor && it.stage === stage);
    return (found?.words[block * found.k + index] ?? 0) & (2 ** bits - 1);
  };
  return part(high) * 2 ** bits + part(low);
}
