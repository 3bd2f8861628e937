import { describe, expect, it } from "vitest";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { dft, errorBound, inverseDft } from "./fourier.ts";
import { createRandom, type Random } from "./random.ts";

const BLOCK_SIZES = Array.from({ length: 11 }, (_, log2) => 2 ** (log2 + 1));
const SEED = 20261123;

/** Words that are no larger than `range`, so that no stage saturates. */
function smallWords(k: number, range: number, random: Random): Int16Array {
  return Int16Array.from({ length: k }, () => random(2 * range + 1) - range);
}

function largestError(actual: Int16Array, expected: Float64Array, scale: number): number {
  return actual.reduce((worst, word, i) => Math.max(worst, Math.abs(word - expected[i] * scale)), 0);
}

describe("the transform in double precision", () => {
  it.each(BLOCK_SIZES)("has the spectra of known signals, k = %i", (k) => {
    const close = (actual: Float64Array, expected: (i: number) => number) => {
      actual.forEach((value, i) => {
        expect(Math.abs(value - expected(i))).toBeLessThan(1e-8 * k);
      });
    };
    const impulse = new Float64Array(k);
    impulse[0] = 1;
    close(dft(impulse), (i) => (i <= k / 2 ? 1 : 0));
    close(dft(new Float64Array(k).fill(1)), (i) => (i === 0 ? k : 0));
    close(dft(impulse.map((_, n) => (n % 2 === 0 ? 1 : -1))), (i) => (i === k / 2 ? k : 0));
    if (k < 8) return;
    const bin = 3;
    const cosine = impulse.map((_, n) => Math.cos((2 * Math.PI * bin * n) / k));
    const sine = impulse.map((_, n) => Math.sin((2 * Math.PI * bin * n) / k));
    close(dft(cosine), (i) => (i === bin ? k / 2 : 0));
    close(dft(sine), (i) => (i === k - bin ? -k / 2 : 0));
  });

  it.each(BLOCK_SIZES.slice(0, 8))("is undone by its inverse, k = %i", (k) => {
    const x = smallWords(k, 1000, createRandom(SEED + k));
    inverseDft(dft(x)).forEach((value, i) => {
      expect(Math.abs(value / k - x[i])).toBeLessThan(1e-7);
    });
  });
});

describe("the reference", () => {
  it.each(BLOCK_SIZES)(`is the double-precision transform within its bound, k = %i (seed ${SEED})`, (k) => {
    const stages = Math.log2(k);
    const random = createRandom(SEED * k);
    for (let round = 0; round < (k > 256 ? 1 : 10); round++) {
      const large = smallWords(k, 12000, random);
      const small = smallWords(k, Math.floor(12000 / k), random);
      expect(largestError(rfft(large, k - 1), dft(large), 1 / k)).toBeLessThan(errorBound(stages, "forward", k - 1));
      expect(largestError(rfft(small, 0), dft(small), 1)).toBeLessThan(errorBound(stages, "forward", 0));
      expect(largestError(irfft(large, k - 1), inverseDft(large), 1 / k)).toBeLessThan(
        errorBound(stages, "inverse", k - 1),
      );
      expect(largestError(irfft(small, 0), inverseDft(small), 1)).toBeLessThan(errorBound(stages, "inverse", 0));
    }
  });

  it("is outside its bound with a wrong bin", () => {
    const k = 64;
    const x = smallWords(k, 12000, createRandom(SEED));
    const spectrum = rfft(x, k - 1);
    spectrum[5] ^= 1 << 12;
    expect(largestError(spectrum, dft(x), 1 / k)).toBeGreaterThan(errorBound(6, "forward", k - 1));
  });
});
