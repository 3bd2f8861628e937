import { OverflowError } from "../errors.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";

/** Where the sum of the largest possible products of a layer is largest. */
export interface AccumulatorBound {
  /** Block row, 0 .. p - 1. */
  readonly block: number;
  /** Frequency bin, 0 .. k/2. */
  readonly bin: number;
  /** No partial sum of the accumulator, with the rounding of `requant` added, exceeds this in magnitude. */
  readonly bound: number;
}

/** The largest magnitude of a spectrum word. */
const MAX_WORD = 32768;

/** Accumulators below this bound cannot wrap. */
export const ACCUMULATOR_LIMIT = 2 ** 31;

/**
 * The largest bound of a layer's accumulators over all inputs: of every block row and bin
 * sum_j (|Wr| + |Wi|) * 32768 + 2^(shift - 1).
 *
 * @see docs/arithmetic.md, section 7
 */
export function accumulatorBound(layer: Pick<DenseLayer, "in" | "out" | "k" | "shift" | "weights">): AccumulatorBound {
  const { p, q } = blockGrid(layer);
  const { k, weights } = layer;
  let worst = { block: 0, bin: 0, sum: 0 };
  for (let block = 0; block < p; block++) {
    for (let bin = 0; bin <= k >> 1; bin++) {
      const isReal = bin === 0 || bin === k >> 1;
      let sum = 0;
      for (let j = 0; j < q; j++) {
        const at = (block * q + j) * k;
        sum += Math.abs(weights[at + bin]) + (isReal ? 0 : Math.abs(weights[at + k - bin]));
      }
      if (sum > worst.sum) worst = { block, bin, sum };
    }
  }
  const rounding = layer.shift === 0 ? 0 : 2 ** (layer.shift - 1);
  return { block: worst.block, bin: worst.bin, bound: worst.sum * MAX_WORD + rounding };
}

/**
 * Proves that no input can make an accumulator of the layer wrap.
 *
 * @throws OverflowError with the layer, block row and bin of the largest bound if it is 2^31 or more
 */
export function proveNoWrap(layer: DenseLayer & { readonly name: string }): AccumulatorBound {
  const worst = accumulatorBound(layer);
  if (worst.bound >= ACCUMULATOR_LIMIT) {
    throw new OverflowError(
      `accumulator of layer ${layer.name}, block row ${worst.block}, bin ${worst.bin}: expected a bound below ` +
        `${ACCUMULATOR_LIMIT}, got ${worst.bound}; store its weights with fewer fractional bits`,
      { layer: layer.name, ...worst },
    );
  }
  return worst;
}
