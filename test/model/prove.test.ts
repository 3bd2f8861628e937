import { describe, expect, it } from "vitest";
import { OverflowError } from "../../src/errors.ts";
import { accumulatorBound, proveNoWrap } from "../../src/model/prove.ts";
import { random } from "./random-model.ts";

/** A layer of one output whose weights are these. */
function layerOf(k: number, weights: readonly number[], shift: number) {
  return {
    name: "dense1",
    in: weights.length,
    out: k,
    k,
    forward: 0,
    inverse: 0,
    shift,
    activation: { kind: "identity" } as const,
    weights: Int16Array.from(weights),
    bias: new Int16Array(k),
  };
}

describe("the proof that no accumulator wraps", () => {
  it("holds one word of rounding below 2^31 and fails at 2^31", () => {
    const weights = [32767, -32767, 1];
    expect(proveNoWrap(layerOf(1, weights, 0)).bound).toBe(65535 * 32768);
    expect(proveNoWrap(layerOf(1, weights, 15)).bound).toBe(65535 * 32768 + 2 ** 14);
    expect(() => proveNoWrap(layerOf(1, weights, 16))).toThrow(OverflowError);
    expect(accumulatorBound(layerOf(1, weights, 16)).bound).toBe(2 ** 31);
  });

  it("adds the real and the imaginary part of a bin and takes bins 0 and k/2 for real", () => {
    expect(accumulatorBound(layerOf(4, [5, 3, 6, -4], 0))).toEqual({ block: 0, bin: 1, bound: 7 * 32768 });
    expect(accumulatorBound(layerOf(4, [5, 1, -9, 2], 0))).toEqual({ block: 0, bin: 2, bound: 9 * 32768 });
    expect(accumulatorBound(layerOf(2, [5, -9], 0))).toEqual({ block: 0, bin: 1, bound: 9 * 32768 });
  });

  it("names the layer, the block row and the bin of the largest bound", () => {
    const weights = new Int16Array(2 * 3 * 4);
    for (let j = 0; j < 3; j++) weights.set([0, 20000, 0, -20000], (3 + j) * 4);
    const layer = { ...layerOf(4, [], 3), in: 12, out: 8, weights };
    let error: unknown;
    try {
      proveNoWrap(layer);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(OverflowError);
    expect(error).toMatchObject({ fields: { layer: "dense1", block: 1, bin: 1, bound: 120000 * 32768 + 4 } });
  });

  it("bounds every sum of products of random words in any order", () => {
    const next = random(8);
    const word = () => (next() % 65536) - 32768;
    for (let run = 0; run < 200; run++) {
      const weights = Array.from({ length: 8 }, () => (next() % 4001) - 2000);
      const { bound } = accumulatorBound(layerOf(1, weights, 0));
      const inputs = weights.map((weight) => (run % 2 === 0 ? word() : -Math.sign(weight) * 32768));
      let sum = 0;
      for (const [n, weight] of weights.entries()) {
        sum += weight * inputs[n];
        expect(Math.abs(sum)).toBeLessThanOrEqual(bound);
      }
    }
  });
});
