import { describe, expect, it } from "vitest";
import { compile, type WeightBits } from "../../src/compile/index.ts";
import { OptionError } from "../../src/errors.ts";
import { quantiseNetwork } from "../../src/finetune/quantise.ts";
import { largestWeight } from "../../src/model/narrow.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { forward } from "../../src/train/forward.ts";
import { setUp } from "../finetune/networks.ts";
import { everyOperation, randomInputs, randomNetwork } from "./random-network.ts";
import { run } from "./run.ts";

const NETWORK = randomNetwork(5, [48, 48, 10], 8);
const INPUTS = randomInputs(1, 48, 60);

/** Signal over noise of a model's outputs, in dB. */
function ratio(bits: number): number {
  const { model } = compile(NETWORK, INPUTS, { weightBits: bits });
  const scale = 2 ** -model.operations[1].format.output;
  let [signal, noise] = [0, 0];
  for (const x of randomInputs(2, 48, 60)) {
    const words = run(model, x);
    for (const [n, value] of forward(NETWORK, x).entries()) {
      signal += value ** 2;
      noise += (words[n] * scale - value) ** 2;
    }
  }
  return 10 * Math.log10(signal / noise);
}

describe("weights of fewer bits", () => {
  it.each([8, 9, 12, 15])("of %i bits fit them, and come back from the file", (bits) => {
    const { model } = compile(NETWORK, INPUTS, { weightBits: bits });
    for (const operation of model.operations) {
      if (!("weights" in operation)) continue;
      expect(operation.weightBits).toBe(bits);
      const peak = operation.weights.reduce((most, word) => Math.max(most, Math.abs(word)), 0);
      expect(peak).toBeLessThanOrEqual(largestWeight(bits));
      expect(peak).toBeGreaterThan(largestWeight(bits) / 2 - 1);
    }
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it("of 16 bits are the model without the option, byte for byte", () => {
    const [plain, sixteen] = [{}, { weightBits: 16 }].map((options) => compile(NETWORK, INPUTS, options).model);
    expect(writeModel(sixteen)).toEqual(writeModel(plain));
  });

  it("lose about 6 dB a bit where they are what limits", () => {
    const [eight, nine, ten] = [8, 9, 10].map(ratio);
    expect(nine - eight).toBeGreaterThan(3);
    expect(ten - nine).toBeGreaterThan(3);
    expect(eight).toBeGreaterThan(30);
  });

  it("may be of some layers, and of every operation that has weights", () => {
    const network = everyOperation(3);
    const inputs = randomInputs(1, 297, 20);
    const names = network.operations.filter((operation) => "weights" in operation).map(({ name }) => name);
    const bits = Object.fromEntries(names.map((name, i) => [name, 8 + (i % 9)]));
    const { model } = compile(network, inputs, { weightBits: bits });
    const found = model.operations.flatMap(({ name, weightBits, ...rest }) => {
      return "weights" in rest ? [[name, weightBits ?? 16]] : [];
    });
    expect(Object.fromEntries(found)).toEqual(bits);
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it("are refused where they do not hold", () => {
    const wrong: WeightBits[] = [7, 17, 8.5, Number.NaN, { dense1: 7 }, { nothing: 8 }];
    for (const weightBits of wrong) {
      expect(() => compile(NETWORK, INPUTS, { weightBits }), JSON.stringify(weightBits)).toThrow(OptionError);
    }
  });
});

it("fine-tuning keeps weights in their bits", () => {
  const layers = [{ op: "flatten" }, { op: "dense", out: 10, k: 4, norm: false, activation: "identity" }];
  const { network, model, inputs } = setUp([4, 4, 1], layers);
  const narrow = compile(network, inputs, { weightBits: 8 }).model;
  const grown = network.operations.map((operation) =>
    "weights" in operation ? { ...operation, weights: operation.weights.map((value) => 3 * value) } : operation,
  );
  const { model: made } = quantiseNetwork({ ...network, operations: grown }, narrow);
  const [, dense] = made.operations;
  if (!("weights" in dense)) throw new Error("expected a dense layer");
  expect(dense.weightBits).toBe(8);
  expect(Math.max(...dense.weights.map(Math.abs))).toBe(127);
  expect(readModel(writeModel(made))).toEqual(made);
  expect(model.operations[1].weightBits).toBeUndefined();
});
