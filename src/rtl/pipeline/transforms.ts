import type { Schedule } from "../../fft/schedule.ts";
import type { Design, SimulationOptions, SimulatorName } from "../simulate/design.ts";
import { openSimulation } from "../simulate/open.ts";
import type { VerilogSource } from "../sources.ts";
import { twiddleMemories } from "./images.ts";
import { locationInRow, rowsPerBlock, wordInRow, wordsOfLocation } from "./order.ts";
import { pipelineSources } from "./sources.ts";

export interface TransformOptions extends SimulationOptions {
  readonly simulator?: SimulatorName;
  readonly sources?: readonly VerilogSource[];
  readonly log2Paths?: number;
  readonly log2KMax?: number;
  /** What is simulated in place of {@link transformDesign}, such as a netlist, whose memories hold the twiddles. */
  readonly design?: Design;
}

export interface TransformResult {
  readonly words: Int16Array;
  /** Cycles from the first row in to the first row out. */
  readonly latency: number;
}

/** A streaming transform of the engine, simulated by itself. */
export interface Transforms {
  /**
   * Transforms blocks of 2^log2K words: natural order to halfcomplex, or back.
   *
   * @param schedules of the blocks with even and with odd numbers
   * @param stallSeed not 0: pauses at random between blocks
   */
  run(
    words: Int16Array,
    log2K: number,
    schedules: readonly [Schedule, Schedule],
    stallSeed?: number,
  ): Promise<TransformResult>;
  dispose(): void;
}

/** log2 of the rows of a run. */
const ROWS_WIDTH = 12;

/** Name of the transform in the bench of {@link transformDesign}. */
export function transformInstance(inverse: boolean): string {
  return `${inverse ? "g_inverse" : "g_forward"}.u_transform`;
}

function twiddleWords(inverse: boolean, { log2Paths = 2, log2KMax = 11 }: TransformOptions) {
  return twiddleMemories({ LOG2_PATHS: log2Paths, LOG2_K_MAX: log2KMax }).map(({ stage, limbs, depth, words }) => ({
    path: `${transformInstance(inverse)}.g_stage[${stage}].g_delayed.u_twiddles.u_words.mem`,
    width: 32 * limbs,
    depth,
    words,
  }));
}

/** The bench around a transform as the simulators take it. */
export function transformDesign(inverse: boolean, options: TransformOptions = {}): Design {
  const { log2Paths = 2, log2KMax = 11, sources = pipelineSources() } = options;
  const rowsMemory = (path: string) => ({ path, width: 32 << log2Paths, depth: 1 << ROWS_WIDTH });
  return {
    sources,
    top: "transform_bench",
    parameters: {
      INVERSE: Number(inverse),
      LOG2_PATHS: log2Paths,
      LOG2_K_MAX: log2KMax,
      ADDRESS_WIDTH: ROWS_WIDTH,
    },
    memories: [
      rowsMemory("u_inputs.mem"),
      rowsMemory("u_outputs.mem"),
      ...twiddleWords(inverse, options).map(({ path, width, depth }) => ({ path, width, depth })),
    ],
    trace: [],
    outputs: ["latency_o"],
  };
}

export async function openTransforms(inverse: boolean, options: TransformOptions = {}): Promise<Transforms> {
  const { simulator = "wasm", log2Paths = 2, design = transformDesign(inverse, options) } = options;
  const simulation = await openSimulation(simulator, design, options);
  let pending = twiddleWords(inverse, options)
    .filter(({ path }) => design.memories.some((memory) => memory.path === path))
    .map(({ path, words }) => ({ path, words }));
  return {
    async run(words, log2K, [even, odd], stallSeed = 0) {
      const rowsOfBlock = rowsPerBlock(2 ** log2K, 2 ** log2Paths);
      const blocks = words.length / 2 ** log2K;
      const rows = blocks * rowsOfBlock;
      const { memories, outputs } = await simulation.run({
        inputs: {
          log2_k_i: log2K,
          schedule_0_i: even,
          schedule_1_i: odd,
          rows_i: rows,
          rows_per_block_i: rowsOfBlock,
          stall_seed_i: stallSeed,
        },
        load: [...pending, { path: "u_inputs.mem", words: toRows(words, log2K, log2Paths, inverse) }],
        read: [{ path: "u_outputs.mem", offset: 0, count: rows }],
        maxCycles: 8 * rows + 2000,
      });
      pending = [];
      return { words: fromRows(memories[0], blocks, log2K, log2Paths, !inverse), latency: outputs.latency_o };
    },
    dispose: () => simulation.dispose(),
  };
}

/** Blocks in natural order as rows of words, or in halfcomplex order as rows of locations. */
function toRows(words: Int16Array, log2K: number, log2Paths: number, spectra: boolean): Uint32Array {
  const blocks = words.length / 2 ** log2K;
  const halves = new Uint16Array(blocks * rowsPerBlock(2 ** log2K, 2 ** log2Paths) * 2 ** (log2Paths + 1));
  eachWord(blocks, log2K, log2Paths, spectra, (at, place) => {
    halves[place] = words[at];
  });
  return new Uint32Array(halves.buffer);
}

function fromRows(limbs: Uint32Array, blocks: number, log2K: number, log2Paths: number, spectra: boolean): Int16Array {
  const words = new Int16Array(blocks * 2 ** log2K);
  const halves = new Int16Array(limbs.buffer, limbs.byteOffset, limbs.length * 2);
  eachWord(blocks, log2K, log2Paths, spectra, (at, place) => {
    words[at] = halves[place];
  });
  return words;
}

function eachWord(
  blocks: number,
  log2K: number,
  log2Paths: number,
  spectra: boolean,
  visit: (word: number, place: number) => void,
): void {
  const k = 2 ** log2K;
  const rowWords = 2 ** (log2Paths + 1);
  const rows = rowsPerBlock(k, 2 ** log2Paths);
  for (let at = 0; at < blocks * rows; at++) {
    const first = Math.floor(at / rows) * k;
    const row = at % rows;
    for (let place = 0; place < rowWords; place++) {
      const word = spectra ? wordOfPath(log2K, log2Paths, row, place) : wordInRow(log2K, log2Paths, row, place);
      if (word >= 0) visit(first + word, at * rowWords + place);
    }
  }
}

function wordOfPath(log2K: number, log2Paths: number, row: number, place: number): number {
  const location = locationInRow(log2K, log2Paths, row, place >> 1);
  if (location < 0) return -1;
  const { re, im } = wordsOfLocation(2 ** log2K, location);
  return place & 1 ? im : re;
}
