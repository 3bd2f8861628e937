import { log2BlockSize } from "../fft/order.ts";
import type { Schedule } from "../fft/schedule.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";

/** What the engine does in one pass over its units: a layer, or the transforms of a row of blocks alone. */
export type EngineOperation =
  | ({ readonly op: "dense" } & DenseLayer)
  | { readonly op: "rfft" | "irfft"; readonly k: number; readonly blocks: number; readonly schedule: Schedule };

/** The operations of a network, in order; each reads the words that the one before wrote. */
export type EngineProgram = readonly EngineOperation[];

/** The program of a compiled network. */
export function networkProgram(layers: readonly DenseLayer[]): EngineProgram {
  return layers.map((layer) => ({ op: "dense", ...layer }));
}

/** The sizes of an operation that the engine's memories must hold. */
export interface OperationSize {
  readonly log2K: number;
  /** Complex words of a block in the spectrum memory. */
  readonly locations: number;
  readonly inputBlocks: number;
  readonly outputBlocks: number;
  readonly inputWords: number;
  readonly outputWords: number;
  /** Location of the first output block. */
  readonly productBase: number;
}

export function operationSize(operation: EngineOperation): OperationSize {
  const log2K = log2BlockSize(operation.k);
  const locations = Math.max(1, operation.k / 2);
  if (operation.op === "dense") {
    const { p, q } = blockGrid(operation);
    return {
      log2K,
      locations,
      inputBlocks: q,
      outputBlocks: p,
      inputWords: operation.in,
      outputWords: operation.out,
      productBase: q * locations,
    };
  }
  const words = operation.blocks * operation.k;
  return {
    log2K,
    locations,
    inputBlocks: operation.blocks,
    outputBlocks: operation.blocks,
    inputWords: words,
    outputWords: words,
    productBase: 0,
  };
}
