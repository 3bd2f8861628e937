import { describe, expect, it } from "vitest";
import { scaledStages } from "../../src/fft/schedule.ts";
import { activate } from "../../src/layers/activation.ts";
import { type Conv2dLayer, conv2d } from "../../src/layers/conv2d.ts";
import { blockGrid, dense } from "../../src/layers/dense.ts";
import { accumulatorBound } from "../../src/model/prove.ts";
import { expectSame } from "../contract/compare.ts";
import { errorBound, inverseDft } from "../contract/fourier.ts";
import {
  createRandom,
  DRAWS,
  type Random,
  randomConv2d,
  randomDense,
  randomWindow,
  randomWords,
} from "../contract/random.ts";
import { allWindows, toWord } from "./direct.ts";

const SEED = 20261124;

/** What the layer stands for in double precision: first columns of its spectra, circular convolution, sums over taps. */
function directProducts(layer: Conv2dLayer, x: Int16Array): Float64Array {
  const { k, weights } = layer;
  const { p, q } = blockGrid(layer);
  const columns = Array.from({ length: weights.length / k }, (_, block) =>
    inverseDft(weights.subarray(block * k, (block + 1) * k)).map((value) => value / k),
  );
  const windows = allWindows(layer);
  const y = new Float64Array(windows.length * layer.out);
  for (const [window, pixels] of windows.entries()) {
    for (let c = 0; c < layer.out; c++) {
      for (const [tap, pixel] of pixels.entries()) {
        if (pixel === undefined) continue;
        for (let d = 0; d < layer.in; d++) {
          const column = columns[(tap * p + Math.floor(c / k)) * q + Math.floor(d / k)];
          y[window * layer.out + c] += column[(c - d + 2 * layer.in * k) % k] * x[pixel * layer.in + d];
        }
      }
    }
  }
  return y;
}

/**
 * A layer and a picture whose outputs are far above their bound, and in which nothing saturates: a tone in every block
 * of every pixel, weights of one magnitude in every bin, shifted so that products are half the tones at most.
 */
function toneLayer(k: number, random: Random): { readonly layer: Conv2dLayer; readonly x: Int16Array } {
  const kernel = [1 + random(2), 1 + random(2)] as const;
  const pad = random(Math.min(...kernel));
  const window = { height: 2 + random(5), width: 2 + random(5), kernel, stride: 1 + random(3), pad };
  const drawn = randomConv2d({ in: k * (1 + random(2)), out: 1 + random(2 * k), k }, window, "small", random);
  const weights = drawn.weights.map(() => (random(2) === 0 ? 200 : -200));
  const layer = { ...drawn, weights, activation: { kind: "identity" } as const, forward: k - 1, inverse: 0 };
  const x = new Int16Array(layer.height * layer.width * layer.in);
  for (let block = 0; block < x.length; block += k) {
    const [bin, phase] = [random(k / 2 + 1), random(64)];
    for (let n = 0; n < k; n++) x[block + n] = 12000 * Math.cos(2 * Math.PI * ((bin * n) / k + phase / 64));
  }
  return { layer: { ...layer, shift: Math.ceil(Math.log2(weightSum(layer))) + 1 }, x };
}

/** The largest sum of weights that meet in an accumulator. */
function weightSum(layer: Conv2dLayer): number {
  return accumulatorBound({ ...layer, shift: 0 }).bound / 32768;
}

/** The largest error of the outputs: forward, times the sum of weights, requantised, inverse. */
function convolutionBound(layer: Conv2dLayer): number {
  const { k, forward, inverse, shift } = layer;
  const products = (errorBound(Math.log2(k), "forward", forward) * weightSum(layer)) / 2 ** shift + 1 / 2;
  return errorBound(Math.log2(k), "inverse", inverse, products);
}

/** The largest output in double precision, and the largest difference from it. */
function compared(layer: Conv2dLayer, x: Int16Array, weights = layer.weights) {
  const { k, forward, inverse, shift, bias, out } = layer;
  const scale = 2 ** (Math.log2(k) - scaledStages(forward) - scaledStages(inverse) - shift);
  const { outputs } = conv2d({ ...layer, weights }, x);
  const direct = directProducts(layer, x).map((value) => value * scale);
  expect(outputs.length).toBe(direct.length);
  const error = direct.reduce((worst, value, i) => Math.max(worst, Math.abs(outputs[i] - bias[i % out] - value)), 0);
  return { signal: Math.max(...direct.map(Math.abs)), error };
}

describe("conv2d", () => {
  it.each([2, 4, 8, 16])(`is the convolution by circulant blocks within its bound, k = %i (seed ${SEED})`, (k) => {
    const random = createRandom(SEED + k);
    let loud = 0;
    for (let run = 0; run < 40; run++) {
      const { layer, x } = toneLayer(k, random);
      const { signal, error } = compared(layer, x);
      expect(error).toBeLessThanOrEqual(convolutionBound(layer));
      if (signal > 2 * convolutionBound(layer)) loud++;
    }
    expect(loud).toBeGreaterThan(30);
  });

  it("is outside its bound with the blocks of weights in another order", () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 10; run++) {
      const { layer, x } = toneLayer(8, random);
      const weights = Int16Array.from({ length: layer.weights.length }, (_, i) => layer.weights.at(i - 8) ?? 0);
      if (weights.length === 8) continue;
      expect(compared(layer, x, weights).error).toBeGreaterThan(convolutionBound(layer));
    }
  });

  it(`is the plain integer convolution for k = 1, also where it wraps and saturates (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 200; run++) {
      const draw = DRAWS[run % 4];
      const layer = randomConv2d({ in: 1 + random(9), out: 1 + random(9), k: 1 }, randomWindow(random), draw, random);
      const x = randomWords(layer.height * layer.width * layer.in, draw, random);
      const direct = allWindows(layer).flatMap((pixels) =>
        Array.from({ length: layer.out }, (_, c) => {
          let acc = 0;
          for (const [tap, pixel] of pixels.entries()) {
            for (let d = 0; pixel !== undefined && d < layer.in; d++) {
              acc += layer.weights[(tap * layer.out + c) * layer.in + d] * x[pixel * layer.in + d];
            }
          }
          const product = toWord((acc | 0) / 2 ** layer.shift);
          return activate(layer.activation, toWord(product + layer.bias[c]));
        }),
      );
      expectSame(conv2d(layer, x).outputs, Int16Array.from(direct));
    }
  });

  it(`is dense, tensor by tensor, on one pixel under one tap (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 60; run++) {
      const k = 2 ** random(7);
      const layer = randomDense({ in: 1 + random(3 * k), out: 1 + random(3 * k), k }, DRAWS[run % 4], random);
      const x = randomWords(layer.in, DRAWS[run % 4], random);
      expect(conv2d({ ...layer, height: 1, width: 1, kernel: [1, 1], stride: 1, pad: 0 }, x)).toEqual(dense(layer, x));
    }
  });

  it(`is dense, tensor by tensor, on the pixels under each window, zeros for padding (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 60; run++) {
      const k = 2 ** random(5);
      const channels = k * (1 + random(3));
      const draw = DRAWS[run % 4];
      const layer = randomConv2d({ in: channels, out: 1 + random(3 * k), k }, randomWindow(random), draw, random);
      const x = randomWords(layer.height * layer.width * channels, draw, random);
      const { p, q } = blockGrid(layer);
      const taps = layer.kernel[0] * layer.kernel[1];
      const weights = new Int16Array(layer.weights.length);
      for (let block = 0; block < weights.length / k; block++) {
        const [tap, i, j] = [Math.floor(block / (p * q)), Math.floor(block / q) % p, block % q];
        weights.set(layer.weights.subarray(block * k, (block + 1) * k), ((i * taps + tap) * q + j) * k);
      }
      const made = conv2d(layer, x);
      for (const [window, pixels] of allWindows(layer).entries()) {
        const under = new Int16Array(taps * channels);
        for (const [tap, pixel] of pixels.entries()) {
          if (pixel !== undefined) under.set(x.subarray(pixel * channels, (pixel + 1) * channels), tap * channels);
        }
        const one = dense({ ...layer, in: taps * channels, weights }, under);
        for (const tensor of ["accumulators", "products", "transforms", "outputs"] as const) {
          const words = one[tensor].length;
          expectSame(made[tensor].subarray(window * words, (window + 1) * words), one[tensor], tensor);
        }
      }
    }
  });
});
