import { log2BlockSize } from "../fft/order.ts";
import { blockGrid } from "../layers/dense.ts";
import { type Window, windowGrid } from "../layers/window.ts";
import type { EngineOperation } from "./program.ts";

/** One side of an operation in blocks: a row of blocks for each pixel, or one row for a vector. */
export interface BlockRows {
  readonly rows: number;
  /** Blocks of a row. */
  readonly blocks: number;
  /** Words of a row in the activation memory; the rest of its last block is zero, or left out. */
  readonly words: number;
  /** Locations of all blocks in the spectrum memory. */
  readonly locations: number;
}

/** The sizes of an operation that works on spectra. */
export interface SpectralSize {
  readonly log2K: number;
  /** Complex words of a block in the spectrum memory. */
  readonly locations: number;
  readonly input: BlockRows;
  readonly output: BlockRows;
  /** Location of the first output block. */
  readonly productBase: number;
}

/** A vector as a picture: one pixel under one window of one tap. */
const WHOLE: Window = { height: 1, width: 1, kernel: [1, 1], stride: 1, pad: 0 };

/** The sizes of dense, conv2d and bare transforms; undefined for what has no spectra. */
export function spectralSize(operation: EngineOperation): SpectralSize | undefined {
  if (!("k" in operation)) return undefined;
  const log2K = log2BlockSize(operation.k);
  const locations = Math.max(1, operation.k / 2);
  const side = (rows: number, blocks: number, words: number): BlockRows => {
    return { rows, blocks, words, locations: rows * blocks * locations };
  };
  if ("schedule" in operation) {
    const row = side(1, operation.blocks, operation.blocks * operation.k);
    return { log2K, locations, input: row, output: row, productBase: 0 };
  }
  const { p, q } = blockGrid(operation);
  const window = windowOf(operation);
  const { rows, columns } = windowGrid(window);
  const input = side(window.height * window.width, q, operation.in);
  return {
    log2K,
    locations,
    input,
    output: side(rows * columns, p, operation.out),
    productBase: input.locations,
  };
}

/** The window that an operation slides over its input; a vector is a picture of one pixel. */
export function windowOf(operation: EngineOperation): Window {
  return "kernel" in operation ? operation : WHOLE;
}

/** Taps of a window. */
export function tapsOf(operation: EngineOperation): number {
  const [rows, columns] = windowOf(operation).kernel;
  return rows * columns;
}

/** Words of the weight memory, each of `lanes` complex weights, that an operation takes. */
export function weightWords(operation: EngineOperation, lanes: number): number {
  if (operation.op === "depthwise") return Math.ceil((tapsOf(operation) * operation.channels) / (2 * lanes));
  const size = spectralSize(operation);
  if (size === undefined || !("weights" in operation)) return 0;
  return Math.ceil(size.output.blocks / lanes) * size.locations * tapsOf(operation) * size.input.blocks;
}
