import { blockGrid } from "../layers/dense.ts";
import type { WeightedOperation } from "../model/model.ts";
import { ACCUMULATOR_LIMIT } from "../model/prove.ts";

/** The largest magnitude of a word that a weight meets. */
const MAX_WORD = 32768;

/**
 * Keeps the proof that no accumulator wraps: the words of every sum whose largest value is too large shrink by one
 * factor, towards zero.
 *
 * @param weights words of the operation, changed in place
 * @returns how many sums were shrunk
 * @see `proveNoWrap`
 */
export function holdBound(operation: WeightedOperation, weights: Int16Array): number {
  const half = operation.shift === 0 ? 0 : 2 ** (operation.shift - 1);
  const most = Math.ceil((ACCUMULATOR_LIMIT - half) / MAX_WORD) - 1;
  let held = 0;
  forEachSum(operation, (places) => {
    const sum = places.reduce((total, at) => total + Math.abs(weights[at]), 0);
    if (sum <= most) return;
    for (const at of places) weights[at] = Math.trunc((weights[at] * most) / sum);
    held++;
  });
  return held;
}

/** The places of the weights that meet in an accumulator: of a block row and a bin, or of a channel. */
function forEachSum(operation: WeightedOperation, visit: (places: readonly number[]) => void): void {
  if (operation.op === "depthwise") {
    const { channels, weights } = operation;
    for (let c = 0; c < channels; c++) {
      visit(Array.from({ length: weights.length / channels }, (_, tap) => tap * channels + c));
    }
    return;
  }
  const { k } = operation;
  const { p, q } = blockGrid(operation);
  const taps = operation.op === "conv2d" ? operation.kernel[0] * operation.kernel[1] : 1;
  for (let block = 0; block < p; block++) {
    for (let bin = 0; bin <= k >> 1; bin++) {
      const places: number[] = [];
      for (let n = 0; n < taps * q; n++) {
        const at = ((Math.floor(n / q) * p + block) * q + (n % q)) * k;
        places.push(at + bin);
        if (bin > 0 && bin < k >> 1) places.push(at + k - bin);
      }
      visit(places);
    }
  }
}
