import { describe, expect, it } from "vitest";
import { REFERENCE } from "../../src/conform/realisation.ts";
import { instantiate } from "../../src/runtime/kernels.ts";
import { expectSame } from "./compare.ts";
import { createRandom, DRAWS, EDGE_WORDS, randomWords } from "./random.ts";
import { REALISATIONS, readKernels } from "./realisations.ts";

const BLOCK_SIZES = Array.from({ length: 12 }, (_, log2) => 2 ** log2);
const SEED = 20261123;

/** All schedules of small blocks; the two extremes and some random ones of large blocks. */
function schedules(k: number): number[] {
  if (k <= 32) return Array.from({ length: k }, (_, schedule) => schedule);
  const random = createRandom(SEED + k);
  return [0, k - 1, ...Array.from({ length: 6 }, () => random(k))];
}

describe.each(REALISATIONS.slice(1))("transforms of $name", (realisation) => {
  it.each(BLOCK_SIZES)(`equal the reference for k = %i (seed ${SEED})`, async (k) => {
    const random = createRandom(SEED ^ k);
    for (const schedule of schedules(k)) {
      for (const draw of DRAWS) {
        const x = randomWords(k, draw, random);
        expectSame(await realisation.rfft(x, schedule), await REFERENCE.rfft(x, schedule));
        expectSame(await realisation.irfft(x, schedule), await REFERENCE.irfft(x, schedule));
      }
    }
  });

  it.each(BLOCK_SIZES)("equal the reference for constant blocks of edge words, k = %i", async (k) => {
    for (const word of EDGE_WORDS) {
      const x = new Int16Array(k).fill(word);
      for (const schedule of [0, k - 1]) {
        expectSame(await realisation.rfft(x, schedule), await REFERENCE.rfft(x, schedule));
        expectSame(await realisation.irfft(x, schedule), await REFERENCE.irfft(x, schedule));
      }
    }
  });

  it("leave their argument as it is", async () => {
    const x = randomWords(64, "uniform", createRandom(SEED));
    const before = x.slice();
    await realisation.rfft(x, 5);
    await realisation.irfft(x, 5);
    expect(x).toEqual(before);
  });
});

describe.each(["debug", "release", "relaxed"] as const)("the stages of transforms of the %s kernels", (build) => {
  it("are the same however they are cut into ranges", () => {
    const { memory, heap, rfft, irfft } = instantiate(new WebAssembly.Module(readKernels(build)));
    memory.grow(1);
    const tile = Math.ceil(heap / 64) * 64;
    const random = createRandom(SEED);
    for (let stages = 1; stages <= 7; stages++) {
      const words = new Int16Array(memory.buffer, tile, 8 << stages);
      const block = randomWords(words.length, "uniform", random);
      for (const schedule of [0, 2 ** stages - 1, random(2 ** stages)]) {
        words.set(block);
        rfft(tile, stages, schedule, 1, stages);
        const forward = words.slice();
        words.set(block);
        irfft(tile, stages, schedule, stages, 1);
        const inverse = words.slice();
        for (let cut = 1; cut < stages; cut++) {
          words.set(block);
          rfft(tile, stages, schedule, 1, cut);
          rfft(tile, stages, schedule, cut + 1, stages);
          expectSame(words, forward, `rfft, ${stages} stages, cut after ${cut}`);
          words.set(block);
          irfft(tile, stages, schedule, stages, cut + 1);
          irfft(tile, stages, schedule, cut, 1);
          expectSame(words, inverse, `irfft, ${stages} stages, cut after ${cut + 1}`);
        }
      }
    }
  });
});
