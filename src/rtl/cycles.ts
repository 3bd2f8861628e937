import { windowGrid } from "../layers/window.ts";
import { type EngineOperation, type EngineProgram, wordsOf } from "./program.ts";
import { type SpectralSize, spectralSize, tapsOf, windowOf } from "./size.ts";

/** The states of rtl/sequencer.v, by their numbers. */
export const PHASES = [
  "fetch",
  "decode",
  "receive",
  "load",
  "forward",
  "multiply",
  "inverse",
  "unload",
  "slide",
  "sum",
  "transmit",
] as const;

export type Phase = (typeof PHASES)[number];

export interface PhaseCycles {
  readonly phase: Phase;
  /** Cycles that the sequencer stays in the state. */
  readonly cycles: number;
}

export interface EngineCycles {
  /** The phases of each operation in their order; the first operation receives the vector, the last sends its result. */
  readonly operations: readonly (readonly PhaseCycles[])[];
  /** Cycles from one vector to the next: those of all phases. */
  readonly steady: number;
  /** Cycles from that of the first beat of a vector in to that of the last beat of its result out. */
  readonly total: number;
}

/** A unit starts in the first cycle of its state and is busy from the next on; one more sees it idle. */
const START = 1;
const IDLE = 1;

/** Cycles in which a unit is busy after the last step of its loops. */
const DRAIN = {
  /** The write. */
  receive: 1,
  /** The word of the memory; the write. */
  load: 2,
  /** Of each stage: the word of the memory, four of the butterfly; one that sees the last of them gone. */
  stage: 6,
  /** The word of the memory, the product, the sum; the write. Before it the sums of a location leave, one a cycle. */
  multiply: 4,
  /** The word of the memory. */
  unload: 1,
  /** The word of the memory, the product, the sum, the mean. */
  slide: 4,
  /** The word of the memory. */
  sum: 1,
  /** Of the words that unload, slide and sum make: the bias, its sum, three of the activation. */
  finish: 5,
  /** The word of the memory; the queue. */
  transmit: 2,
} as const;

/** Of a vector: fetch, decode and the start of receive before its first beat, that beat itself, one after its last. */
const OUTSIDE = 1 + 1 + START + 1 + IDLE;

/**
 * The cycles that rtl/circulant_engine.v with `lanes` complex multipliers takes for vectors whose beats are offered and
 * taken without a pause: equal to the simulation, cycle for cycle. The result of vector n, from 0 up, has left after
 * `total` + n `steady` cycles. No other parameter changes them.
 */
export function engineCycles({ steps, input, output }: EngineProgram, lanes: number): EngineCycles {
  const operations = steps.map(({ operation }, number) => [
    { phase: "fetch", cycles: 1 } as const,
    { phase: "decode", cycles: 1 } as const,
    ...(number === 0 ? [unit("receive", input.words + DRAIN.receive)] : []),
    ...unitsOf(operation, lanes),
    ...(number === steps.length - 1 ? [unit("transmit", output.words + DRAIN.transmit)] : []),
  ]);
  const steady = operations.flat().reduce((sum, { cycles }) => sum + cycles, 0);
  return { operations, steady, total: steady - OUTSIDE };
}

function unit(phase: Phase, busy: number): PhaseCycles {
  return { phase, cycles: START + busy + IDLE };
}

function unitsOf(operation: EngineOperation, lanes: number): readonly PhaseCycles[] {
  if (operation.op === "flatten") return [];
  const size = spectralSize(operation);
  if (size !== undefined) return spectralUnits(operation, size, lanes);
  const words = wordsOf(operation).output;
  if (operation.op === "add") return [unit("sum", 2 * words + DRAIN.sum + DRAIN.finish)];
  return [unit("slide", words * tapsOf(operation) + DRAIN.slide + DRAIN.finish)];
}

/** Locations are loaded and unloaded one a cycle, those of a spectrum from or to its two words in two. */
function spectralUnits(operation: EngineOperation, size: SpectralSize, lanes: number): readonly PhaseCycles[] {
  const { input, output, log2K } = size;
  const { op } = operation;
  const ofSpectra = log2K === 0 ? 1 : 2;
  const load = unit("load", input.locations * (op === "irfft" ? ofSpectra : 1) + DRAIN.load);
  const forward = unit("forward", transformBusy(input.locations, log2K));
  const multiply = unit("multiply", multiplyBusy(operation, size, lanes));
  const inverse = unit("inverse", transformBusy(output.locations, log2K));
  const unloaded = output.locations * (op === "rfft" ? ofSpectra : 1);
  const unload = unit("unload", unloaded + DRAIN.unload + DRAIN.finish);
  if (op === "rfft") return [load, forward, unload];
  if (op === "irfft") return [load, inverse, unload];
  return [load, forward, multiply, inverse, unload];
}

/** Stages 2 .. log2 k, each a butterfly for every two locations; stage 1 is in load and unload. */
function transformBusy(locations: number, log2K: number): number {
  return Math.max(0, log2K - 1) * (locations / 2 + DRAIN.stage);
}

/**
 * A location of a group of output blocks takes its products, but at least a cycle for each sum of the one before. The last
 * location waits for none after it: its sums leave as soon as they stand.
 */
function multiplyBusy(operation: EngineOperation, { input, output, locations }: SpectralSize, lanes: number): number {
  const { rows, columns } = windowGrid(windowOf(operation));
  const products = tapsOf(operation) * input.blocks;
  const groups = Math.ceil(output.blocks / lanes);
  const lastLanes = output.blocks - (groups - 1) * lanes;
  const ofWindow = locations * ((groups - 1) * Math.max(products, lanes) + Math.max(products, lastLanes));
  const lastWait = Math.max(products, lastLanes) - products;
  return rows * columns * ofWindow - lastWait + lastLanes + DRAIN.multiply;
}
