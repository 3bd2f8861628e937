import { afterAll, describe, expect, it } from "vitest";
import { irfft, rfft } from "../../../src/fft/transform.ts";
import {
  locationInRow,
  rowsPerBlock,
  stageTwiddles,
  wordInRow,
  wordsOfLocation,
} from "../../../src/rtl/pipeline/order.ts";
import { pipelineSources } from "../../../src/rtl/pipeline/sources.ts";
import type { Design, Simulation } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { createRandom, EDGE_WORDS } from "../../contract/random.ts";

const ADDRESS_WIDTH = 12;

function design(inverse: number, log2Paths: number, log2KMax: number, sources = pipelineSources()): Design {
  const row = 32 << log2Paths;
  const unit = `${inverse ? "g_inverse" : "g_forward"}.u_transform`;
  const stages = Array.from({ length: Math.max(0, log2KMax - log2Paths - 1) }, (_, i) => log2Paths + 2 + i);
  return {
    sources,
    top: "transform_bench",
    parameters: { INVERSE: inverse, LOG2_PATHS: log2Paths, LOG2_K_MAX: log2KMax, ADDRESS_WIDTH },
    memories: [
      { path: "u_inputs.mem", width: row, depth: 1 << ADDRESS_WIDTH },
      { path: "u_outputs.mem", width: row, depth: 1 << ADDRESS_WIDTH },
      ...stages.map((stage) => ({
        path: `${unit}.g_stage[${stage}].g_delayed.u_twiddles.u_words.mem`,
        width: row / 2,
        depth: 1 << (stage - 1 - log2Paths),
      })),
    ],
    trace: [],
    outputs: ["latency_o"],
  };
}

/** Blocks in natural order as rows of words, or in halfcomplex order as rows of locations. */
function toRows(words: Int16Array, log2K: number, log2Paths: number, spectra: boolean): Uint32Array {
  const k = 2 ** log2K;
  const paths = 2 ** log2Paths;
  const rows = rowsPerBlock(k, paths);
  const halves = new Uint16Array((words.length / k) * rows * 2 * paths);
  eachWord(words.length / k, log2K, log2Paths, spectra, (at, place) => {
    halves[place] = words[at];
  });
  return new Uint32Array(halves.buffer);
}

function fromRows(limbs: Uint32Array, count: number, log2K: number, log2Paths: number, spectra: boolean): Int16Array {
  const words = new Int16Array(count * 2 ** log2K);
  const halves = new Int16Array(limbs.buffer, limbs.byteOffset, limbs.length * 2);
  eachWord(count, log2K, log2Paths, spectra, (at, place) => {
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
  const paths = 2 ** log2Paths;
  const rows = rowsPerBlock(k, paths);
  for (let block = 0; block < blocks; block++) {
    for (let row = 0; row < rows; row++) {
      const base = (block * rows + row) * 2 * paths;
      if (spectra) {
        for (let path = 0; path < paths; path++) {
          const location = locationInRow(log2K, log2Paths, row, path);
          if (location < 0) continue;
          const { re, im } = wordsOfLocation(k, location);
          visit(block * k + re, base + 2 * path);
          if (im >= 0) visit(block * k + im, base + 2 * path + 1);
        }
      } else {
        for (let m = 0; m < 2 * paths; m++) {
          const word = wordInRow(log2K, log2Paths, row, m);
          if (word >= 0) visit(block * k + word, base + m);
        }
      }
    }
  }
}

const open: Simulation[] = [];
afterAll(() => {
  for (const simulation of open) simulation.dispose();
});

describe.each([
  { log2Paths: 1, log2KMax: 11 },
  { log2Paths: 2, log2KMax: 11 },
  { log2Paths: 3, log2KMax: 11 },
  { log2Paths: 2, log2KMax: 6 },
])("streaming transforms of $log2Paths path bits, largest block 2^$log2KMax", ({ log2Paths, log2KMax }) => {
  it.each([0, 1])("make the words of the reference (inverse: %i)", async (inverse) => {
    const simulation = await openSimulation("wasm", design(inverse, log2Paths, log2KMax));
    open.push(simulation);
    const random = createRandom(20261125 + inverse);
    const unit = `${inverse ? "g_inverse" : "g_forward"}.u_transform`;
    const load = Array.from({ length: log2KMax - log2Paths - 1 }, (_, i) => ({
      path: `${unit}.g_stage[${log2Paths + 2 + i}].g_delayed.u_twiddles.u_words.mem`,
      words: stageTwiddles(log2Paths + 2 + i, log2Paths),
    }));
    for (let log2K = 0; log2K <= log2KMax; log2K++) {
      for (const stallSeed of [0, 7 + log2K]) {
        const k = 2 ** log2K;
        const blocks = Math.min(24, 2 ** (ADDRESS_WIDTH + 1 + log2Paths - log2K));
        const rows = rowsPerBlock(k, 2 ** log2Paths);
        const schedules = [random(2 ** log2K), random(2 ** log2K)];
        const words = Int16Array.from({ length: blocks * k }, () =>
          random(4) === 0 ? EDGE_WORDS[random(EDGE_WORDS.length)] : random(65536) - 32768,
        );
        const result = await simulation.run({
          inputs: {
            log2_k_i: log2K,
            schedule_0_i: schedules[0],
            schedule_1_i: schedules[1],
            rows_i: blocks * rows,
            rows_per_block_i: rows,
            stall_seed_i: stallSeed,
          },
          load: [...load.splice(0), { path: "u_inputs.mem", words: toRows(words, log2K, log2Paths, inverse === 1) }],
          read: [{ path: "u_outputs.mem", offset: 0, count: blocks * rows }],
          maxCycles: 8 * blocks * rows + 2000,
        });
        const made = fromRows(result.memories[0], blocks, log2K, log2Paths, inverse === 0);
        const expected = new Int16Array(blocks * k);
        for (let block = 0; block < blocks; block++) {
          const x = words.subarray(block * k, (block + 1) * k);
          const schedule = schedules[block & 1];
          expected.set(inverse ? irfft(x, schedule) : rfft(x, schedule), block * k);
        }
        const at = expected.findIndex((word, i) => word !== made[i]);
        expect(`log2 k ${log2K}, stalls ${stallSeed}: first difference ${at}`).toBe(
          `log2 k ${log2K}, stalls ${stallSeed}: first difference -1`,
        );
      }
    }
  });
});
