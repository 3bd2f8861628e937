import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/compile/calibrate.ts";
import { makeExact, runExactly } from "../../src/compile/exact.ts";
import { compile } from "../../src/compile/index.ts";
import { planDepthwise, planSum } from "../../src/compile/plain.ts";
import { sampleProduct } from "../../src/compile/sample.ts";
import { InputError, OverflowError, ShapeError } from "../../src/errors.ts";
import { conv2d } from "../../src/layers/conv2d.ts";
import { dense } from "../../src/layers/dense.ts";
import { align } from "../../src/layers/sum.ts";
import { findOverlap } from "../../src/model/memory.ts";
import { readModel } from "../../src/model/read.ts";
import { volume } from "../../src/model/shape.ts";
import { writeModel } from "../../src/model/write.ts";
import { forward } from "../../src/train/forward.ts";
import type { FloatConv, FloatNetwork, FloatOperation, Shape } from "../../src/train/network.ts";
import { errorOf } from "../caught.ts";
import { everyOperation, networkBuilder, randomInputs } from "./random-network.ts";
import { run } from "./run.ts";

const WORDS = 11 * 9 * 3;

/** Half the amplitude of the least ratio that was measured, 61.4 dB for seed 1. */
const LEAST_DECIBELS = 55;

/** The network with one operation changed. */
function withOperation(network: FloatNetwork, name: string, change: object): FloatNetwork {
  const operations = network.operations.map((operation) =>
    operation.name === name ? ({ ...operation, ...change } as FloatOperation) : operation,
  );
  return { ...network, operations };
}

describe("a network with every operation", () => {
  const network = everyOperation(1);
  const inputs = randomInputs(1, WORDS, 24);
  const { model, report } = compile(network, inputs);

  it.each([1, 2, 3])("of seed %i is close to the float network on inputs that it has not seen", (seed) => {
    const other = everyOperation(seed);
    const compiled = compile(other, randomInputs(seed, WORDS, 40)).model;
    const scale = 2 ** -compiled.operations[compiled.operations.length - 1].format.output;
    let signal = 0;
    let noise = 0;
    for (const x of randomInputs(seed + 100, WORDS, 40)) {
      const words = run(compiled, x);
      for (const [n, value] of forward(other, x).entries()) {
        signal += value ** 2;
        noise += (words[n] * scale - value) ** 2;
      }
    }
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(LEAST_DECIBELS);
  });

  it("is a model that the model file takes, the same bytes when it is compiled again", () => {
    expect(readModel(writeModel(model))).toEqual(model);
    expect(writeModel(compile(network, inputs).model)).toEqual(writeModel(model));
  });

  it("keeps names, inputs and order", () => {
    const graph = ({
      operations,
    }: {
      operations: readonly { name: string; op: string; inputs: readonly number[] }[];
    }) => operations.map(({ name, op, inputs: from }) => ({ name, op, from }));
    expect(graph(model)).toEqual(graph(network));
  });

  it("gives a tensor one format, whoever reads it", () => {
    const bits = [model.input.fractionBits, ...model.operations.map(({ format }) => format.output)];
    for (const operation of model.operations) {
      expect(operation.format.input).toBe(bits[operation.inputs[0]]);
      if (operation.op !== "add") continue;
      for (const [n, tensor] of operation.inputs.entries()) {
        expect(bits[tensor] - operation.shifts[n]).toBe(operation.format.output);
      }
    }
  });

  it("saturates nowhere on the inputs that it was calibrated on", () => {
    for (const { points } of report.operations) {
      for (const point of Object.values(points)) expect(point.saturated).toBe(0);
    }
  });

  it("reports the words that it makes", () => {
    const last = report.operations[report.operations.length - 1];
    const outputs = inputs.map((x) => run(model, x));
    const float = inputs.map((x) => forward(network, x));
    const largest = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)));
    const agreeing = outputs.filter((words, n) => largest(words) === largest(float[n])).length;
    expect(report.agreement).toBe(agreeing / inputs.length);
    expect(last.network.words).toBe(inputs.length * 5);
  });

  it("has a memory plan whose tensors do not overlap, of no fewer words than the least", () => {
    const shapes = [network.input.shape, ...network.operations.map(({ output }) => output)];
    expect(findOverlap(model.operations, shapes.map(volume), model.memory)).toBeUndefined();
    const { memory } = report;
    expect(memory.words).toBe(model.memory.words);
    expect(memory.bytes).toBe(2 * memory.words);
    expect(memory.words).toBeGreaterThanOrEqual(memory.leastWords);
    expect(memory.words).toBeLessThan(memory.totalWords);
    // The first pool reads 11 x 9 x 13 words and writes 6 x 5 x 13, and no other moment needs more.
    expect(memory.leastWords).toBe(99 * 13 + 30 * 13);
  });

  it("has less mean error with corrected biases, of a depthwise convolution too", () => {
    for (const { product } of report.operations) {
      if (product) expect(product.bias.errorAfter).toBeLessThanOrEqual(product.bias.errorBefore);
    }
    const plain = compile(network, inputs, { correctBias: false });
    expect(plain.report.operations[2].product?.bias.errorBefore).not.toBe(0);
    expect(plain.model.operations.map(({ op }) => op)).toEqual(model.operations.map(({ op }) => op));
    expect(plain.model).not.toEqual(model);
  });
});

describe("a sum of which an operand", () => {
  const network = everyOperation(6);
  const inputs = randomInputs(6, WORDS, 20);
  const [branch] = network.operations.slice(3) as readonly FloatConv[];

  it.each([0, 1e-9, 1e-4])("is %d of its size keeps the other's precision", (scale) => {
    const small = withOperation(network, "op4", {
      weights: branch.weights.map((weight) => weight * scale),
      bias: branch.bias.map((value) => value * scale),
      norm: undefined,
    });
    const { report } = compile(small, inputs);
    const [sum] = report.operations.slice(4);
    expect(sum.op).toBe("add");
    expect(sum.points.outputs.saturated).toBe(0);
    expect(sum.network.decibels).toBeGreaterThan(LEAST_DECIBELS);
  });
});

describe("folding of batch normalisation", () => {
  const network = everyOperation(5);
  const inputs = randomInputs(5, WORDS, 10);

  it("leaves outputs in double precision as they are, for every operation with a norm", () => {
    const { report } = compile(network, inputs);
    const folds = report.operations.flatMap(({ product }) => product?.fold ?? []);
    expect(folds).toHaveLength(network.operations.filter((operation) => "norm" in operation).length);
    for (const { difference, peakBefore, peakAfter } of folds) {
      expect(difference).toBeLessThan(1e-13);
      expect(peakAfter).not.toBe(peakBefore);
    }
  });

  it("makes an operation that computes the norm's definition", () => {
    const [operation] = network.operations as readonly FloatConv[];
    const { norm, bias, k } = operation;
    if (!norm) throw new Error("expected a norm");
    const x = Float64Array.from(inputs[0]);
    const bare = { ...operation, norm: undefined, bias: bias.map(() => 0) };
    const y = runExactly(makeExact(bare, network.input.shape), [x]).preActivations;
    const z = runExactly(makeExact(operation, network.input.shape), [x]).preActivations;
    y?.forEach((value, at) => {
      const channel = at % 13;
      const block = Math.floor(channel / k);
      const root = Math.sqrt(norm.variance[block] + norm.epsilon);
      const expected = ((value - norm.mean[channel]) * norm.scale[block]) / root + bias[channel];
      expect(Math.abs((z?.[at] ?? Number.NaN) - expected)).toBeLessThan(1e-12);
    });
  });
});

describe("the sample of a convolution", () => {
  it.each([1, 4, 16])("of k = %i makes of a window what the convolution makes there", (k) => {
    const window = { kernel: [3, 2], stride: 2, pad: 1 } as const;
    const builder = networkBuilder(k, [7, 6, 11]);
    builder.conv2d(0, 9, k, window, "relu");
    const network = builder.build();
    const source = makeExact(network.operations[0], [7, 6, 11]);
    if (source.op !== "conv2d") throw new Error("expected a convolution");
    const inputs = [1, 2].map((seed) => Int16Array.from(randomInputs(seed, 7 * 6 * 11, 1)[0], (x) => 500 * x));
    const calibration = calibrate(
      source,
      inputs.map((x) => [Float64Array.from(x)]),
    );
    const sample = sampleProduct(source, inputs, calibration);
    const activation = { kind: "identity" } as const;
    const words = { forward: k - 1, inverse: 0, shift: 9, activation, bias: new Int16Array(9), out: 9, k };
    const weights = (values: Float64Array) => Int16Array.from(values, (value) => Math.round(400 * value));
    const whole = { ...words, in: 11, height: 7, width: 6, ...window, weights: weights(source.spectra) };
    const part = { ...words, in: sample.dense.in, weights: weights(sample.dense.spectra) };
    expect(sample.windows.flatMap((x) => [...dense(part, x).outputs])).toEqual(
      inputs.flatMap((x) => [...conv2d(whole, x).outputs]),
    );
  });
});

describe("the format of a sum", () => {
  const sumOf = (bits: readonly [number, number], peaks: readonly [number, number], peak: number) =>
    planSum("add1", bits, peaks, { outputPeak: peak, margin: 1.25, mostBits: 31 });

  it("is that of the finer operand where both operands and the sum have room", () => {
    expect(sumOf([10, 12], [1, 1], 2)).toEqual({ format: { input: 10, weight: 0, output: 12 }, shifts: [-2, 0] });
  });

  it("is coarser where the sum needs room", () => {
    const { format, shifts } = sumOf([13, 13], [3, 3], 5.5);
    expect(format.output).toBe(12);
    expect(shifts).toEqual([1, 1]);
    expect(5.5 * 1.25 * 2 ** 12).toBeLessThanOrEqual(32767);
  });

  it("is coarser where the coarser operand needs room", () => {
    const { format, shifts } = sumOf([8, 14], [100, 1], 1);
    expect(format.output).toBe(8);
    expect(shifts).toEqual([0, 6]);
    expect(align(25600, shifts[0])).toBe(25600);
  });

  it("stays within the shifts that a sum has", () => {
    expect(sumOf([-2, 27], [1e5, 1e-6], 1e5).shifts).toEqual([-14, 15]);
    const error = errorOf(() => sumOf([-2, 31], [1e5, 0], 1e5));
    expect(error).toBeInstanceOf(OverflowError);
    expect(error.message).toMatch(/at most 30 apart, got -2 and 31/);
  });
});

describe("the compiler refuses", () => {
  const network = everyOperation(2);
  const inputs = randomInputs(3, WORDS, 3);
  const refused = (name: string, change: object) =>
    errorOf(() => compile(withOperation(network, name, change), inputs));

  it.each([
    ["a tensor that is not made yet", "op2", { inputs: [2] }],
    ["a sum of three", "op5", { inputs: [4, 2, 2] }],
    ["a sum of different shapes", "op5", { inputs: [4, 1] }],
    ["an output of another shape", "op1", { output: [11, 9, 12] as Shape }],
    ["a dense layer on a picture", "op12", { inputs: [9] }],
    ["a pad as large as the kernel", "op2", { pad: 2 }],
    ["a kernel larger than 7", "op4", { kernel: [8, 3] }],
    ["a mean over more than 1024 pixels", "op10", { window: [40, 40] }],
    ["channels of another number", "op3", { channels: 12 }],
    ["weights of another length", "op3", { weights: new Float32Array(9 * 13 + 1) }],
  ])("%s", (_, name, change) => {
    const error = refused(name, change);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(new RegExp(`^${name} `));
  });

  it("a variance that is not above 0, naming the block", () => {
    const [operation] = network.operations as readonly FloatConv[];
    const norm = { ...operation.norm, variance: Float32Array.of(1, 1, -1, 1) };
    const error = refused("op1", { norm });
    expect(error).toBeInstanceOf(InputError);
    expect(error.fields).toEqual({ what: "op1 norm variance", index: 2 });
  });

  it("a norm that is not a number", () => {
    const [operation] = network.operations as readonly FloatConv[];
    const norm = { ...operation.norm, scale: Float32Array.of(1, Number.NaN, 1, 1) };
    expect(refused("op1", { norm }).message).toBe("op1 norm scale: expected finite numbers, got NaN at 1");
  });

  it("weights of a depthwise convolution that no format holds", () => {
    const error = refused("op3", { weights: new Float32Array(9 * 13).fill(1e30), norm: undefined });
    expect(error).toBeInstanceOf(OverflowError);
    expect(error.fields.layer).toBe("op3");
  });
});

describe("the formats of a depthwise convolution", () => {
  const builder = networkBuilder(4, [5, 5, 6]);
  builder.depthwise(0, { kernel: [3, 3], stride: 1, pad: 1 }, "relu");
  const source = makeExact(builder.build().operations[0], [5, 5, 6]);
  if (source.op !== "depthwise") throw new Error("expected a depthwise convolution");

  it("have the least shift with which the largest output is a word with its margin", () => {
    for (const peak of [0.01, 1, 30]) {
      const { format, shift } = planDepthwise("deep", source, 12, {
        outputPeak: peak,
        margin: 1.25,
        mostBits: 31,
        largestWeight: 32767,
      });
      expect(format.output).toBe(12 + format.weight - shift);
      expect(1.25 * peak * 2 ** format.output).toBeLessThanOrEqual(32767);
      if (shift > 0) expect(1.25 * peak * 2 ** (format.output + 1)).toBeGreaterThan(32767);
    }
  });
});
