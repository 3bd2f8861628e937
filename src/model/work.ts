import { blockGrid } from "../layers/dense.ts";
import type { Operation } from "../layers/operation.ts";
import { windowGrid } from "../layers/window.ts";

/**
 * Products, sums or comparisons of words that an operation computes, the most over all realisations: what its time is in
 * the measure of. A transform of k words has k products for each of log2 k stages, a product of spectra 2k.
 */
export function workOf(operation: Operation): number {
  switch (operation.op) {
    case "dense": {
      const { p, q } = blockGrid(operation);
      return blockWork(operation.k, p, q, { taps: 1, inputs: 1, outputs: 1 }) + operation.out;
    }
    case "conv2d": {
      const { p, q } = blockGrid(operation);
      const { height, width, kernel, out } = operation;
      const outputs = windows(operation);
      const counts = { taps: kernel[0] * kernel[1], inputs: height * width, outputs };
      return blockWork(operation.k, p, q, counts) + outputs * out;
    }
    case "add":
      return operation.words;
    case "flatten":
      return 0;
    default:
      return windows(operation) * operation.channels * (operation.kernel[0] * operation.kernel[1] + 1);
  }
}

interface Counts {
  readonly taps: number;
  /** Pixels, each transformed once, and windows, each with its products. */
  readonly inputs: number;
  readonly outputs: number;
}

function blockWork(k: number, p: number, q: number, { taps, inputs, outputs }: Counts): number {
  const transform = k * Math.log2(k);
  return (inputs * q + outputs * p) * transform + outputs * taps * p * q * 2 * k;
}

function windows(operation: Parameters<typeof windowGrid>[0]): number {
  const { rows, columns } = windowGrid(operation);
  return rows * columns;
}
