import { windowGrid } from "../layers/window.ts";
import { type EngineOperation, type EngineProgram, wordsOf } from "./program.ts";
import { spectralSize, tapsOf, windowOf } from "./size.ts";

/** Cycles to start and empty the units of an operation: a few for each stage of a transform. */
const TURNS = 512;

/** Cycles that the engine surely needs no more than for the operations of one vector. */
export function mostCycles({ steps }: EngineProgram, lanes: number): number {
  return steps.reduce((sum, { operation }) => sum + TURNS + cyclesOf(operation, lanes), 0);
}

function cyclesOf(operation: EngineOperation, lanes: number): number {
  if (operation.op === "flatten") return 0;
  const size = spectralSize(operation);
  if (size === undefined) return wordsOf(operation).output * Math.max(2, tapsOf(operation));
  const { input, output, locations, log2K } = size;
  const { rows, columns } = windowGrid(windowOf(operation));
  const groups = rows * columns * Math.ceil(output.blocks / lanes);
  const products = groups * locations * Math.max(lanes, tapsOf(operation) * input.blocks);
  return (input.locations + output.locations) * (2 + log2K) + products;
}
