import { describe, expect, it } from "vitest";
import { accumulatorBound } from "../../src/model/prove.ts";
import { digestOf } from "../../src/model/read.ts";
import { checksOf } from "../../src/runtime/checks.ts";
import { createRandom, DRAWS, randomConv2d, randomDense, randomWords } from "../contract/random.ts";
import { readKernels } from "../contract/realisations.ts";
import { FILE } from "../model/hostile.ts";

const SEED = 20261125;

describe.each(["release", "relaxed"] as const)("the checks of a model file by the %s kernels", (build) => {
  const module = new WebAssembly.Module(readKernels(build));
  const checks = checksOf(module);

  it("digest as the reader does, whatever the length", () => {
    const bytes = new Uint8Array(randomWords(40_000, "uniform", createRandom(SEED)).buffer);
    const lengths = [150, 151, 213, 214, 215, 16384, 16384 + 150, 33000, 65536 + 149, bytes.length];
    for (const length of lengths) {
      const part = bytes.subarray(0, length);
      expect(checks.digestOf(part), `${length} bytes`).toBe(digestOf(part));
    }
    expect(checks.digestOf(FILE)).toBe(digestOf(FILE));
    const altered = FILE.slice();
    altered[altered.length - 1] ^= 1;
    expect(checks.digestOf(altered)).not.toBe(digestOf(FILE));
  });

  it(`bound accumulators as the proof does (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    const window = { height: 4, width: 5, kernel: [3, 2], stride: 1, pad: 0 } as const;
    for (let round = 0; round < 60; round++) {
      const k = 2 ** (round % 12);
      const sides = { k, in: 1 + random(5 * k), out: 1 + random(3 * k) };
      const draw = DRAWS[round % DRAWS.length];
      const dense = randomDense(sides, draw, random);
      expect(checks.accumulatorBound(dense)).toEqual(accumulatorBound(dense));
      const conv2d = randomConv2d(sides, window, draw, random);
      expect(checks.accumulatorBound(conv2d)).toEqual(accumulatorBound(conv2d));
    }
  });

  it("bound sums beyond int32, and find one word that is larger by 1", () => {
    const k = 2;
    const layer = { ...randomDense({ k, in: 100_000, out: 4 }, "edges", createRandom(SEED)), shift: 4 };
    layer.weights.fill(-32768);
    const expected = { block: 0, bin: 0, bound: 50_000 * 32768 * 32768 + 8 };
    expect(checks.accumulatorBound(layer)).toEqual(expected);
    layer.weights.fill(100);
    const at = layer.weights.length - 1;
    layer.weights[at] = -101;
    expect(checks.accumulatorBound(layer)).toEqual({ block: 1, bin: 1, bound: (50_000 * 100 + 1) * 32768 + 8 });
    expect(checks.accumulatorBound(layer)).toEqual(accumulatorBound(layer));
  });

  it("take one instance, whatever is checked", () => {
    expect(checksOf(module)).toBe(checks);
  });
});
