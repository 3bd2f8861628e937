import { describe, expect, it } from "vitest";
import { OverflowError } from "../../src/errors.ts";
import { conv2d } from "../../src/layers/conv2d.ts";
import { depthwise } from "../../src/layers/depthwise.ts";
import type { ModelOperation } from "../../src/model/model.ts";
import { accumulatorBound, depthwiseBound, proveNoWrap } from "../../src/model/prove.ts";
import { random } from "./random-model.ts";

const format = { input: 8, weight: 8, output: 8 };

/** A layer of one output whose weights are these. */
function layerOf(k: number, weights: readonly number[], shift: number) {
  return {
    op: "dense" as const,
    name: "dense1",
    inputs: [0],
    format,
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

/** A depthwise convolution of a picture of one window. */
function depthwiseOf(weights: readonly number[], kernel: readonly [number, number], shift: number) {
  const channels = weights.length / (kernel[0] * kernel[1]);
  return {
    channels,
    height: kernel[0],
    width: kernel[1],
    kernel,
    stride: 1,
    pad: 0,
    shift,
    activation: { kind: "identity" } as const,
    weights: Int16Array.from(weights),
    bias: new Int16Array(channels),
  };
}

describe("the proof that no accumulator wraps", () => {
  it("holds one word of rounding below 2^31 and fails at 2^31", () => {
    const weights = [32767, -32767, 1];
    expect(proveNoWrap(layerOf(1, weights, 0))?.bound).toBe(65535 * 32768);
    expect(proveNoWrap(layerOf(1, weights, 15))?.bound).toBe(65535 * 32768 + 2 ** 14);
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

  it("sums a convolution's bound over its taps and input blocks, and names the worst row and bin", () => {
    const window = { height: 3, width: 3, kernel: [1, 2], stride: 1, pad: 0 } as const;
    const layer = { ...layerOf(4, [], 3), ...window, in: 8, out: 8, weights: new Int16Array(2 * 2 * 2 * 4) };
    const block = (tap: number, i: number, j: number) => ((tap * 2 + i) * 2 + j) * 4;
    layer.weights.set([9, 3, 0, -4], block(0, 1, 0));
    layer.weights.set([-9, 5, 0, 6], block(1, 1, 1));
    layer.weights.set([0, 0, 17, 0], block(1, 0, 0));
    expect(accumulatorBound(layer)).toEqual({ block: 1, bin: 0, bound: 18 * 32768 + 4 });
    layer.weights[block(1, 1, 1) + 1] = -6;
    expect(accumulatorBound(layer)).toEqual({ block: 1, bin: 1, bound: 19 * 32768 + 4 });
  });

  it("sums a depthwise convolution's bound over the taps of each channel", () => {
    const layer = depthwiseOf([1, -9, 2, 3, 8, -30], [2, 1], 3);
    expect(depthwiseBound(layer)).toEqual({ block: 2, bin: 0, bound: 32 * 32768 + 4 });
    const operation = { op: "depthwise", ...layer, name: "d", inputs: [0], format } as const;
    expect(proveNoWrap(operation)).toEqual(depthwiseBound(layer));
    const heavy = { ...operation, weights: new Int16Array(6).fill(32767) };
    expect(proveNoWrap({ ...heavy, shift: 16 })?.bound).toBe(65534 * 32768 + 32768);
    expect(() => proveNoWrap({ ...heavy, shift: 18 })).toThrow(OverflowError);
  });

  it("has nothing to prove of operations without weights", () => {
    const flatten: ModelOperation = { op: "flatten", words: 4, name: "f", inputs: [0], format };
    expect(proveNoWrap(flatten)).toBeUndefined();
  });

  it("bounds the accumulators of windows of the extremes, and is reached", () => {
    const next = random(9);
    for (let run = 0; run < 50; run++) {
      const weights = Array.from({ length: 9 }, () => (next() % 4001) - 2000);
      const layer = { ...depthwiseOf(weights, [3, 3], 0), height: 3, width: 3 };
      const worst = Int16Array.from(weights, (weight) => (weight < 0 ? 32767 : -32768));
      const { bound } = depthwiseBound(layer);
      const same = conv2d({ ...layerOf(1, weights, 0), ...layer, in: 1, out: 1, bias: new Int16Array(1) }, worst);
      const [sum] = depthwise(layer, worst).accumulators;
      expect(same.accumulators[0]).toBe(sum);
      expect(Math.abs(sum)).toBeLessThanOrEqual(bound);
      expect(Math.abs(sum)).toBeGreaterThan(bound - 9 * 2000);
    }
  });
});
