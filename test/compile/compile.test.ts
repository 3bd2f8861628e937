import { describe, expect, it } from "vitest";
import { type CompileReport, compile } from "../../src/compile/index.ts";
import { InputError, OptionError, OverflowError, ShapeError } from "../../src/errors.ts";
import type { Model, ModelOperation } from "../../src/model/model.ts";
import { ACCUMULATOR_LIMIT, accumulatorBound } from "../../src/model/prove.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { forward } from "../../src/train/forward.ts";
import type { FloatDense, FloatNetwork } from "../../src/train/network.ts";
import { errorOf } from "../caught.ts";
import { randomInputs, randomNetwork } from "./random-network.ts";
import { run } from "./run.ts";

/** The layers of a network or model of nothing but dense layers. */
function layersOf<T extends { readonly op: string }>({ operations }: { readonly operations: readonly T[] }) {
  return operations.map((operation) => {
    if (operation.op === "dense") return operation as Extract<T, { readonly op: "dense" }>;
    throw new Error(`expected dense layers, got ${operation.op}`);
  });
}

function denseLayers(model: Model) {
  return layersOf<ModelOperation>(model);
}

/** The network with one layer changed. */
function withLayer(network: FloatNetwork, n: number, change: Partial<FloatDense>): FloatNetwork {
  return { ...network, operations: layersOf(network).map((layer, i) => (i === n ? { ...layer, ...change } : layer)) };
}

/** The reports of dense layers, with what is the product's among the rest. */
function reportsOf({ operations }: CompileReport) {
  return operations.map(({ product, ...rest }) => {
    if (product) return { ...rest, ...product };
    throw new Error(`expected dense layers, got ${rest.op}`);
  });
}

describe("a compiled network", () => {
  /** Half the amplitude of the least ratio measured over these block sizes, 59.3 dB for k = 256. */
  const LEAST_DECIBELS = 53;

  it.each([1, 2, 4, 8, 16, 32, 64, 128, 256])(
    "of k = %i is close to the float network on inputs that it has not seen",
    (k) => {
      const size = Math.max(48, k + 8);
      const network = randomNetwork(k, [size, size, 10], k);
      const { model } = compile(network, randomInputs(1, size, 60));
      const scale = 2 ** -model.operations[1].format.output;
      let signal = 0;
      let noise = 0;
      for (const x of randomInputs(2, size, 60)) {
        const expected = forward(network, x);
        const words = run(model, x);
        for (const [n, value] of expected.entries()) {
          signal += value ** 2;
          noise += (words[n] * scale - value) ** 2;
        }
      }
      expect(10 * Math.log10(signal / noise)).toBeGreaterThan(LEAST_DECIBELS);
    },
  );

  const network = randomNetwork(7, [100, 60, 12], 16);
  const inputs = randomInputs(3, 100, 80);
  const { model, report } = compile(network, inputs);

  it("is the same bytes when it is compiled again", () => {
    expect(writeModel(compile(network, inputs).model)).toEqual(writeModel(model));
  });

  it("is a model that the model file takes", () => {
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it("has formats that follow from one another", () => {
    expect(model.operations[0].format.input).toBe(model.input.fractionBits);
    expect(model.operations[1].format.input).toBe(model.operations[0].format.output);
    expect(report.inputBits).toBe(model.input.fractionBits);
  });

  it("has accumulators below 2^31 with one weight bit more being too many or not fitting", () => {
    for (const [i, layer] of denseLayers(model).entries()) {
      expect(reportsOf(report)[i].accumulator.bound).toBe(accumulatorBound(layer).bound);
      expect(reportsOf(report)[i].accumulator.peak).toBeLessThanOrEqual(accumulatorBound(layer).bound);
      const largest = layer.weights.reduce((most, word) => Math.max(most, Math.abs(word)), 0);
      expect(2 * accumulatorBound(layer).bound >= 0.99 * ACCUMULATOR_LIMIT || 2 * largest >= 32767).toBe(true);
    }
  });

  it("makes the words that its report measured", () => {
    const outputs = inputs.map((x) => run(model, x));
    const float = inputs.map((x) => forward(network, x));
    const largest = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)));
    const agreeing = outputs.filter((words, n) => largest(words) === largest(float[n])).length;
    expect(report.agreement).toBe(agreeing / inputs.length);
    const { network: point } = report.operations[1];
    expect(point.words).toBe(inputs.length * 12);
    expect(point.saturated).toBe(
      outputs.flatMap((words) => [...words]).filter((word) => word >= 32767 || word <= -32768).length,
    );
  });

  it("chose the best of the candidates that leave the margin", () => {
    for (const { forwardTrials, inverseTrials, forward: chosen, shift, inverse } of reportsOf(report)) {
      for (const [trials, choice] of [
        [forwardTrials, chosen],
        [inverseTrials, `${shift} ${inverse}`],
      ] as const) {
        const best = Math.max(...trials.filter(({ fits }) => fits).map((trial) => trial.decibels));
        expect(trials.find((trial) => trial.choice === choice)?.decibels).toBe(best);
      }
    }
  });

  it("has biases that leave less than half a bit of mean error, and less than without correction", () => {
    for (const { bias } of reportsOf(report)) {
      expect(bias.errorAfter).toBeLessThan(0.5);
      expect(bias.errorAfter).toBeLessThan(bias.errorBefore);
    }
    const plain = compile(network, inputs, { correctBias: false });
    expect(denseLayers(plain.model)[0].weights).toEqual(denseLayers(model)[0].weights);
    expect(denseLayers(plain.model)[0].bias).not.toEqual(denseLayers(model)[0].bias);
    expect(report.operations[1].network.decibels).toBeGreaterThan(plain.report.operations[1].network.decibels);
  });

  it("does not saturate on inputs that it was calibrated on", () => {
    for (const { points, weights, bias } of reportsOf(report)) {
      for (const point of [points.spectra, points.products, points.outputs]) expect(point?.saturated).toBe(0);
      expect(weights.clipped + bias.clipped).toBe(0);
    }
  });

  it("has more room with a larger margin", () => {
    const roomy = compile(network, inputs, { margin: 8 });
    const bits = (of: Model) => of.operations[1].format.output;
    expect(bits(roomy.model)).toBeLessThan(bits(model));
  });
});

describe("a network at the edge", () => {
  const inputs = randomInputs(4, 20, 12);
  const network = randomNetwork(9, [20, 16, 4], 8);

  it("compiles if all its weights are zero", () => {
    const zero = withLayer(network, 0, { weights: new Float32Array(2 * 3 * 8) });
    const { model } = compile(zero, inputs);
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it("compiles if nothing in it is other than zero", () => {
    const operations = layersOf(network).map((layer) => ({
      ...layer,
      weights: layer.weights.map(() => 0),
      bias: layer.bias.map(() => 0),
    }));
    const { model } = compile({ ...network, operations }, inputs);
    expect([...run(model, inputs[0])]).toEqual([0, 0, 0, 0]);
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it("compiles if a bias is a thousand times its products", () => {
    const large = withLayer(network, 1, { bias: Float32Array.of(3000, -3000, 1, 0) });
    const { model, report } = compile(large, inputs);
    expect(reportsOf(report)[1].bias.clipped).toBe(0);
    const step = 2 ** -model.operations[1].format.output;
    for (const x of inputs) {
      for (const [n, value] of forward(large, x).entries()) {
        expect(Math.abs(run(model, x)[n] * step - value)).toBeLessThan(4 * step);
      }
    }
  });

  it("compiles with one calibration input", () => {
    expect(compile(network, inputs.slice(0, 1)).report.calibration).toBe(1);
  });

  it("compiles with weights of 1e-9 and of 1e6", () => {
    for (const scale of [1e-9, 1e6]) {
      const scaled = withLayer(network, 0, {
        weights: layersOf(network)[0].weights.map((weight) => weight * scale),
        bias: new Float32Array(16),
      });
      const { model, report } = compile(scaled, inputs);
      expect(readModel(writeModel(model))).toEqual(model);
      if (scale > 1) expect(report.operations[0].points.outputs.decibels).toBeGreaterThan(49);
    }
  });

  it("is refused with OverflowError if no format holds its weights", () => {
    const huge = withLayer(network, 1, { weights: new Float32Array(16).fill(1e30) });
    const error = errorOf(() => compile(huge, inputs));
    expect(error).toBeInstanceOf(OverflowError);
    expect(error.fields.layer).toBe("op2");
  });
});

describe("the compiler refuses", () => {
  const inputs = randomInputs(4, 20, 3);
  const network = randomNetwork(9, [20, 16, 4], 8);
  const spoilt = (values: Float32Array, at: number, value: number) => values.map((v, i) => (i === at ? value : v));

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("a weight of %d, naming layer and index", (value) => {
    const error = errorOf(() =>
      compile(withLayer(network, 1, { weights: spoilt(layersOf(network)[1].weights, 5, value) }), inputs),
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(`op2 weights: expected finite numbers, got ${value} at 5`);
    expect(error.fields).toEqual({ what: "op2 weights", index: 5 });
  });

  it("a bias that is not a number", () => {
    const broken = withLayer(network, 0, { bias: spoilt(layersOf(network)[0].bias, 3, Number.NaN) });
    expect(errorOf(() => compile(broken, inputs)).message).toMatch(/^op1 bias: expected finite/);
  });

  it("a calibration input that is not a number or of another length", () => {
    expect(errorOf(() => compile(network, [spoilt(inputs[0], 7, Number.NaN)])).message).toMatch(
      /^calibration input 0: /,
    );
    expect(errorOf(() => compile(network, [new Float32Array(19)]))).toBeInstanceOf(ShapeError);
  });

  it("no calibration inputs, no layers, and a margin below 1", () => {
    expect(errorOf(() => compile(network, []))).toBeInstanceOf(OptionError);
    expect(errorOf(() => compile({ ...network, operations: [] }, inputs))).toBeInstanceOf(ShapeError);
    for (const margin of [0.5, Number.NaN, 17]) {
      expect(errorOf(() => compile(network, inputs, { margin })).fields).toEqual({ option: "margin" });
    }
  });

  it.each([
    ["a block size of 12", { k: 12 }, OptionError],
    ["layers that do not chain", { in: 19 }, ShapeError],
    ["a wrong p", { p: 3 }, ShapeError],
    ["a wrong q", { q: 1 }, ShapeError],
    ["weights of another length", { weights: new Float32Array(47) }, ShapeError],
    ["a bias of another length", { bias: new Float32Array(15) }, ShapeError],
  ])("%s", (_, change, type) => {
    expect(errorOf(() => compile(withLayer(network, 0, change), inputs))).toBeInstanceOf(type);
  });

  it("labels of another number than outputs", () => {
    expect(errorOf(() => compile({ ...network, labels: ["a"] }, inputs)).message).toBe("labels: expected 4, got 1");
  });
});
