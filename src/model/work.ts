import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import type { Operation } from "../layers/operation.ts";
import { type Window, windowGrid } from "../layers/window.ts";

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
      const { height, width, out } = operation;
      const outputs = windows(operation);
      const counts = { taps: taps(operation), inputs: height * width, outputs };
      return blockWork(operation.k, p, q, counts) + outputs * out;
    }
    case "add":
      return operation.words;
    case "flatten":
      return 0;
    default:
      return windows(operation) * operation.channels * (taps(operation) + 1);
  }
}

/**
 * Products and sums of the operation without blocks: two for each weight of each window, those over the padding too.
 * The measure of rates that are called dense-equivalent; 0 for an operation without weights.
 */
export function denseWork(operation: Operation): number {
  switch (operation.op) {
    case "dense":
      return 2 * operation.in * operation.out;
    case "conv2d":
      return 2 * windows(operation) * taps(operation) * operation.in * operation.out;
    case "depthwise":
      return 2 * windows(operation) * taps(operation) * operation.channels;
    default:
      return 0;
  }
}

/**
 * Products and sums of the operation as it is, by the usual count: 2.5 k log2 k for the transform of k real words, 4 for
 * the sum of the products of two real bins, 8 for that of a complex one. Sums and comparisons of pools and additions
 * count; biases, activations and roundings do not.
 */
export function realWork(operation: Operation): number {
  switch (operation.op) {
    case "dense":
      return spectralWork(operation, { taps: 1, inputs: 1, outputs: 1 });
    case "conv2d": {
      const { height, width } = operation;
      return spectralWork(operation, { taps: taps(operation), inputs: height * width, outputs: windows(operation) });
    }
    case "depthwise":
      return denseWork(operation);
    case "add":
      return operation.words;
    case "flatten":
      return 0;
    default:
      return windows(operation) * taps(operation) * operation.channels;
  }
}

function spectralWork(layer: Pick<DenseLayer, "in" | "out" | "k">, { taps, inputs, outputs }: Counts): number {
  const { k } = layer;
  const { p, q } = blockGrid(layer);
  const product = k === 1 ? 2 : 4 + 8 * (k / 2 - 1);
  return (inputs * q + outputs * p) * 2.5 * k * Math.log2(k) + outputs * taps * p * q * product;
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

function taps({ kernel: [rows, columns] }: Window): number {
  return rows * columns;
}
