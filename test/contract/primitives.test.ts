import { describe, expect, it } from "vitest";
import { TWIDDLES } from "../../src/fft/twiddles.ts";
import { add, half, interpolate, mulr, requant, rshr, sat, sub } from "../../src/fixed/arithmetic.ts";
import { expectSame } from "./compare.ts";
import { LANES, loadProbes, PROBE_WORDS, SCALARS } from "./probes.ts";
import { createRandom } from "./random.ts";
import { BUILDS, readProbes } from "./realisations.ts";

const SEED = 20261123;
const WORDS = Int32Array.from({ length: PROBE_WORDS }, (_, i) => i - 32768);
const OPERANDS = [-32768, -32767, -16385, -16384, -16383, -2, -1, 0, 1, 2, 3, 181, 16383, 16384, 16385, 32766, 32767];
const SHIFTS = Array.from({ length: 32 }, (_, shift) => shift);

/** Int32 about powers of two, ties of every shift, both ends, and random ones. */
const ACCUMULATORS = makeAccumulators();

function makeAccumulators(): Int32Array {
  const random = createRandom(SEED);
  const values: number[] = [];
  for (let bit = 0; bit < 32; bit++) {
    for (const near of [-2, -1, 0, 1, 2]) values.push(2 ** bit + near, -(2 ** bit) + near, 1.5 * 2 ** bit + near);
  }
  while (values.length % 4096 !== 0) values.push(random(2 ** 32));
  return Int32Array.from(values);
}

/** The definitions of docs/arithmetic.md in exact double arithmetic. */
const EXACT = {
  sat: (v: number) => Math.min(Math.max(v, -32768), 32767),
  rshr: (v: number, n: number) => (n === 0 ? v : Math.floor((v + 2 ** (n - 1)) / 2 ** n)),
  mulr: (a: number, b: number) => EXACT.sat(EXACT.rshr(a * b, 15)),
};

describe("the scalar arithmetic in TypeScript", () => {
  it("is the definition, for edge words and all words", () => {
    for (const a of OPERANDS) {
      for (const b of WORDS) {
        if (mulr(a, b) !== EXACT.mulr(a, b)) expect([a, b, mulr(a, b)]).toEqual([a, b, EXACT.mulr(a, b)]);
        if (add(a, b) !== EXACT.sat(a + b)) expect([a, b, add(a, b)]).toEqual([a, b, EXACT.sat(a + b)]);
        if (sub(a, b) !== EXACT.sat(a - b)) expect([a, b, sub(a, b)]).toEqual([a, b, EXACT.sat(a - b)]);
      }
    }
    for (const a of WORDS) if (half(a) !== Math.floor(a / 2)) expect([a, half(a)]).toEqual([a, Math.floor(a / 2)]);
  });

  it("is the definition, for accumulators at every shift", () => {
    for (const shift of SHIFTS) {
      expectSame(
        ACCUMULATORS.map((v) => rshr(v, shift)),
        ACCUMULATORS.map((v) => EXACT.rshr(v, shift)),
      );
      expectSame(
        ACCUMULATORS.map((v) => requant(v, shift)),
        ACCUMULATORS.map((v) => EXACT.sat(EXACT.rshr(v, shift))),
      );
    }
  });
});

describe.each(BUILDS)("the primitives of wasm %s", (build) => {
  const probes = loadProbes(readProbes(build));
  const tested = new Set<string>();
  const splat = (v: number) => new Int32Array(PROBE_WORDS).fill(v);

  it.each([
    ["add", add, "addx8"],
    ["sub", sub, "subx8"],
    ["mulr", mulr, "mulrx8"],
  ] as const)("%s equals TypeScript, scalar and in lanes, for edge words and all words", (name, f, lanes) => {
    tested.add(name).add(lanes);
    for (const a of OPERANDS) {
      const expected = WORDS.map((b) => f(a, b));
      expectSame(probes.scalar(name, splat(a), WORDS), expected);
      expectSame(probes.lanes(lanes, Int16Array.from(splat(a)), Int16Array.from(WORDS)), Int16Array.from(expected));
      const swapped = WORDS.map((b) => f(b, a));
      expectSame(probes.scalar(name, WORDS, splat(a)), swapped);
      expectSame(probes.lanes(lanes, Int16Array.from(WORDS), Int16Array.from(splat(a))), Int16Array.from(swapped));
    }
  });

  it("half equals TypeScript, scalar and in lanes, for all words", () => {
    tested.add("half").add("halfx8");
    const expected = WORDS.map((v) => half(v));
    expectSame(probes.scalar("half", WORDS), expected);
    expectSame(probes.lanes("halfx8", Int16Array.from(WORDS)), Int16Array.from(expected));
  });

  it("sat, rshr and requant equal TypeScript, scalar and in lanes, at every shift", () => {
    tested.add("sat").add("rshr").add("requant");
    expectSame(
      probes.scalar("sat", ACCUMULATORS),
      ACCUMULATORS.map((v) => sat(v)),
    );
    for (const shift of SHIFTS) {
      const shifted = ACCUMULATORS.map((v) => rshr(v, shift));
      expectSame(probes.scalar("rshr", ACCUMULATORS, splat(shift)), shifted);
      expectSame(probes.rshrx4(ACCUMULATORS, shift), shifted);
      const requantised = ACCUMULATORS.map((v) => requant(v, shift));
      expectSame(probes.scalar("requant", ACCUMULATORS, splat(shift)), requantised);
      expectSame(probes.requantx8(ACCUMULATORS, shift), Int16Array.from(requantised));
    }
  });

  it("clip equals min and max, in lanes, for all words", () => {
    tested.add("clipx8");
    for (const [lo, hi] of [
      [-32768, 32767],
      [0, 32767],
      [-5, 7],
      [3, 3],
      [-32768, -32768],
    ]) {
      const bounds = [lo, hi].map((v) => new Int16Array(PROBE_WORDS).fill(v));
      const expected = Int16Array.from(WORDS, (v) => Math.min(Math.max(v, lo), hi));
      expectSame(probes.lanes("clipx8", Int16Array.from(WORDS), ...bounds), expected);
    }
  });

  it("interpolate equals TypeScript for edge words at every step", () => {
    tested.add("interpolate");
    const steps = Int32Array.from({ length: 256 }, (_, d) => d);
    for (const t0 of OPERANDS) {
      for (const t1 of OPERANDS) {
        const ends = [t0, t1].map((v) => new Int32Array(256).fill(v));
        expectSame(
          probes.scalar("interpolate", ends[0], ends[1], steps),
          steps.map((d) => interpolate(t0, t1, d)),
        );
      }
    }
  });

  it("mulr by a twiddle equals mulr in lanes, for every twiddle, halved or not, edges and all words", () => {
    tested.add("mulrTwiddlex8");
    const words = Int16Array.from(WORDS);
    for (const w of new Set([...TWIDDLES, ...TWIDDLES.map((word) => rshr(word, 1)), -32767, -1, 0, 1, 16384])) {
      const twiddle = new Int16Array(PROBE_WORDS).fill(w);
      expectSame(probes.lanes("mulrTwiddlex8", words, twiddle), probes.lanes("mulrx8", words, twiddle), `w = ${w}`);
    }
  });

  it("mulr in lanes equals scalar for all words and the 137 largest", () => {
    expect(probes.countMulrDifferences(-32768, -32700)).toBe(0);
    expect(probes.countMulrDifferences(32700, 32767)).toBe(0);
  });

  it.skipIf(build !== "release" || process.env.EXHAUSTIVE !== "1")(
    "mulr in lanes equals scalar for all 2^32 products (skipped unless EXHAUSTIVE=1, and for debug, which is slow, and relaxed, which has the same)",
    () => {
      expect(probes.countMulrDifferences(-32768, 32767)).toBe(0);
    },
    600_000,
  );

  it("are all tested", () => {
    expect([...tested].sort()).toEqual([...Object.keys(SCALARS), ...Object.keys(LANES)].sort());
  });
});
