import { describe, expect, it } from "vitest";
import { calibrate, chooseInputBits } from "../../src/compile/calibrate.ts";
import { makeExact, runExactly } from "../../src/compile/exact.ts";
import { leastSchedule, neighbours, runStages, stageOrder, withHalved } from "../../src/compile/schedules.ts";
import { decibels, fittingBits, quantise } from "../../src/compile/signal.ts";
import { inverseBlocks, transformBlocks } from "../../src/compile/transform.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { preActivation } from "../../src/train/forward.ts";
import { everyOperation, normal, randomInputs } from "./random-network.ts";

/** The definition, term by term. */
function definition(x: Float64Array): Float64Array {
  const k = x.length;
  return Float64Array.from({ length: k }, (_, word) => {
    const isReal = word <= k / 2;
    const bin = isReal ? word : k - word;
    return x.reduce((sum, value, n) => {
      const angle = (2 * Math.PI * ((bin * n) % k)) / k;
      return sum + value * (isReal ? Math.cos(angle) : -Math.sin(angle));
    }, 0);
  });
}

describe("the double-precision transform", () => {
  it.each([1, 2, 4, 8, 64, 256])("of k = %i is the DFT by its definition, and its inverse undoes it", (k) => {
    const draw = normal(k);
    const x = Float64Array.from({ length: k }, draw);
    const spectrum = transformBlocks(x, x.length);
    const expected = definition(x);
    for (let i = 0; i < k; i++) expect(Math.abs(spectrum[i] - expected[i])).toBeLessThan(1e-12 * k);
    const back = inverseBlocks(spectrum, x.length);
    for (let i = 0; i < k; i++) expect(Math.abs(back[i] - x[i])).toBeLessThan(1e-13 * k);
  });
});

describe("quantisation", () => {
  it("rounds half away from zero and clamps to -32767 .. 32767", () => {
    const cases = [0.5, -0.5, 1.5, -1.5, 0.49, -0.49, 32767.4, 32768, 1e9, -32767.6, -1e9];
    const words = [1, -1, 2, -2, 0, 0, 32767, 32767, 32767, -32767, -32767];
    expect(Int16Array.from(cases, (value) => quantise(value, 0))).toEqual(Int16Array.from(words));
    expect(quantise(0.75, 1)).toBe(2);
    expect(quantise(3, -1)).toBe(2);
  });

  it("takes the most fractional bits with which a peak is a word", () => {
    expect([32767, 32768, 16383.5, 1, 2.82, 0].map((peak) => fittingBits(peak))).toEqual([0, -1, 1, 14, 13, 31]);
  });

  it("states ratios from -200 to 200 dB", () => {
    const ratio = (signal: number, noise: number) => decibels({ signal, noise });
    expect([ratio(100, 1), ratio(0, 0), ratio(5, 0), ratio(0, 5), ratio(1, 1e300)]).toEqual([20, 200, 200, -200, -200]);
  });
});

describe("the search of schedules", () => {
  const k = 16;
  const constant = [new Int16Array(k).fill(30000)];

  it("halves every forward stage of the largest constant block", () => {
    expect(leastSchedule(rfft, stageOrder(rfft, 4), constant, k, 32766)).toBe(0b1111);
  });

  it("halves only the last stages of a smaller one", () => {
    const small = [new Int16Array(k).fill(30000 / 4)];
    expect(leastSchedule(rfft, stageOrder(rfft, 4), small, k, 32766)).toBe(0b1100);
  });

  it("halves the stages of the inverse that are computed last", () => {
    const spectrum = new Int16Array(k);
    spectrum[0] = 30000;
    spectrum[1] = 1000;
    expect(leastSchedule(irfft, stageOrder(irfft, 4), [spectrum], k, 32766)).toBe(0);
    spectrum[1] = 2000;
    expect(leastSchedule(irfft, stageOrder(irfft, 4), [spectrum], k, 32766)).toBe(0b0001);
    spectrum[1] = 10000;
    expect(leastSchedule(irfft, stageOrder(irfft, 4), [spectrum], k, 32766)).toBe(0b0001);
    spectrum[2] = 10000;
    expect(leastSchedule(irfft, stageOrder(irfft, 4), [spectrum], k, 32766)).toBe(0b0011);
  });

  it("finds a schedule that no schedule with less halving before any stage can replace", () => {
    const draw = normal(5);
    const blocks = Array.from({ length: 20 }, () => Int16Array.from({ length: k }, () => 6000 * draw()));
    const least = leastSchedule(rfft, stageOrder(rfft, 4), blocks, k, 30000);
    expect(Math.max(...runStages(rfft, blocks, k, least).peaks)).toBeLessThanOrEqual(30000);
    for (let stage = 1; stage <= 4; stage++) {
      if (((least >> (stage - 1)) & 1) === 0) continue;
      const without = least & ((1 << (stage - 1)) - 1);
      expect(runStages(rfft, blocks, k, without).peaks[stage - 1]).toBeGreaterThan(30000);
    }
  });

  it("adds halved stages from the last computed on", () => {
    expect(withHalved(rfft, 0b0001, 16, 2)).toBe(0b1001);
    expect(withHalved(irfft, 0b1000, 16, 2)).toBe(0b1001);
    expect(withHalved(rfft, 0b0111, 16, 2)).toBe(0b0111);
    expect(withHalved(rfft, 0b0001, 16, 9)).toBe(0b1111);
  });

  it("compares a schedule with others, each once, itself first", () => {
    for (let least = 0; least < 16; least++) {
      const found = neighbours(rfft, least, k);
      expect(found[0]).toBe(least);
      expect(new Set(found).size).toBe(found.length);
      expect(found.every((schedule) => schedule >= 0 && schedule < k)).toBe(true);
    }
    expect(neighbours(rfft, 0, 1)).toEqual([0]);
  });
});

describe("calibration", () => {
  const network = everyOperation(1);
  const [operation] = network.operations;
  const inputs = randomInputs(2, 297, 10);
  const exact = makeExact(operation, network.input.shape);
  const calibration = calibrate(
    exact,
    inputs.map((x) => [Float64Array.from(x)]),
  );

  it("makes the pre-activations that the network makes by convolution", () => {
    for (const [n, x] of inputs.entries()) {
      const z = preActivation(operation, [x], network.input.shape);
      for (let i = 0; i < z.length; i++) expect(Math.abs(calibration.preActivations[n][i] - z[i])).toBeLessThan(1e-5);
    }
  });

  it("notes the largest magnitude of every tensor", () => {
    const { ranges, preActivations, outputs, outputPeak } = calibration;
    expect(ranges.preActivations?.peak).toBe(Math.max(...preActivations.flatMap((z) => Array.from(z, Math.abs))));
    expect(ranges.outputs.peak).toBe(Math.max(...outputs.flatMap((y) => [...y])));
    for (const { peak, most } of Object.values(ranges)) expect(most).toBeLessThanOrEqual(peak);
    expect(outputPeak).toBeGreaterThanOrEqual(ranges.outputs.peak);
  });

  it("finds for every word of the transforms the window where it is largest", () => {
    const [products] = calibration.extremes.windows;
    const column = 5;
    const words = inputs.map((x) => runExactly(exact, [Float64Array.from(x)]).products ?? new Float64Array());
    expect(words[products.tensors[column]][products.rows[column] * 16 + column]).toBeCloseTo(
      Math.max(...words.flatMap((tensor) => [...tensor].filter((_, at) => at % 16 === column).map(Math.abs))) *
        Math.sign(words[products.tensors[column]][products.rows[column] * 16 + column]),
      12,
    );
  });

  it("leaves room for every pixel even if the inputs have none that is bright", () => {
    const inputBits = chooseInputBits(network.input, [new Float32Array(40).fill(-0.42)]);
    expect(((1 - 0.1307) / 0.3081) * 2 ** inputBits).toBeLessThanOrEqual(32767);
    expect(inputBits).toBe(13);
  });
});
