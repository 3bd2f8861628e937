import { OverflowError } from "../errors.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import type { DepthwiseLayer } from "../layers/depthwise.ts";
import type { Operation } from "../layers/operation.ts";
import type { ModelOperation } from "./model.ts";

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

/** What the bound of a product follows from; a convolution has R x S taps, a dense layer one. */
export type Product = Pick<DenseLayer, "in" | "out" | "k" | "shift" | "weights"> & {
  readonly kernel?: readonly number[];
};

/**
 * The largest bound of a product's accumulators over all inputs: of every block row and bin
 * sum (|Wr| + |Wi|) * 32768 + 2^(shift - 1) over all taps and input blocks.
 *
 * @see docs/arithmetic.md, section 7
 */
export function accumulatorBound(layer: Product): AccumulatorBound {
  const { p, q } = blockGrid(layer);
  const { k, weights, kernel = [1, 1] } = layer;
  const taps = kernel[0] * kernel[1];
  let worst = { block: 0, bin: 0, sum: 0 };
  for (let block = 0; block < p; block++) {
    for (let bin = 0; bin <= k >> 1; bin++) {
      const isReal = bin === 0 || bin === k >> 1;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        for (let j = 0; j < q; j++) {
          const at = ((tap * p + block) * q + j) * k;
          sum += Math.abs(weights[at + bin]) + (isReal ? 0 : Math.abs(weights[at + k - bin]));
        }
      }
      if (sum > worst.sum) worst = { block, bin, sum };
    }
  }
  return { block: worst.block, bin: worst.bin, bound: boundOf(worst.sum, layer.shift) };
}

/** `accumulatorBound` of a product whose magnitudes `sumsOf` sums for a block row: bins 0 .. k/2. */
export function boundFromSums(layer: Product, sumsOf: (block: number) => ArrayLike<number>): AccumulatorBound {
  const { p } = blockGrid(layer);
  let worst = { block: 0, bin: 0, sum: 0 };
  for (let block = 0; block < p; block++) {
    const sums = sumsOf(block);
    for (let bin = 0; bin < sums.length; bin++) {
      const sum = sums[bin];
      if (sum > worst.sum) worst = { block, bin, sum };
    }
  }
  return { block: worst.block, bin: worst.bin, bound: boundOf(worst.sum, layer.shift) };
}

/** The same for a depthwise convolution; `block` is the channel. */
export function depthwiseBound({ channels, shift, weights }: DepthwiseLayer): AccumulatorBound {
  let worst = { block: 0, sum: 0 };
  for (let block = 0; block < channels; block++) {
    let sum = 0;
    for (let at = block; at < weights.length; at += channels) sum += Math.abs(weights[at]);
    if (sum > worst.sum) worst = { block, sum };
  }
  return { block: worst.block, bin: 0, bound: boundOf(worst.sum, shift) };
}

/** Whether no input can make an accumulator of the operation wrap; the sums of a pool cannot. */
export function holds(operation: Operation): boolean {
  if (!("weights" in operation)) return true;
  const { bound } = operation.op === "depthwise" ? depthwiseBound(operation) : accumulatorBound(operation);
  return bound < ACCUMULATOR_LIMIT;
}

/**
 * Proves that no input can make an accumulator of the operation wrap.
 *
 * @param boundOfProduct another realisation of `accumulatorBound`
 * @returns the largest bound; undefined for an operation without weights
 * @throws OverflowError with the layer, block row and bin of the largest bound if it is 2^31 or more
 */
export function proveNoWrap(
  operation: ModelOperation,
  boundOfProduct = accumulatorBound,
): AccumulatorBound | undefined {
  if (!("weights" in operation)) return undefined;
  const worst = operation.op === "depthwise" ? depthwiseBound(operation) : boundOfProduct(operation);
  if (worst.bound >= ACCUMULATOR_LIMIT) {
    throw new OverflowError(
      `accumulator of layer ${operation.name}, block row ${worst.block}, bin ${worst.bin}: expected a bound below ` +
        `${ACCUMULATOR_LIMIT}, got ${worst.bound}; store its weights with fewer fractional bits`,
      { layer: operation.name, ...worst },
    );
  }
  return worst;
}

function boundOf(sum: number, shift: number): number {
  return sum * MAX_WORD + (shift === 0 ? 0 : 2 ** (shift - 1));
}
