import { describe, expect, test } from "vitest";
import recipe from "../../models/mnist-mlp.json" with { type: "json" };
import { OptionError } from "../../src/errors.ts";
import { parseConfig } from "../../src/train/config.ts";
import { countParameters, trainFlops } from "../../src/train/cost.ts";
import { drawCurve } from "../../src/train/curve.ts";
import { rateAt } from "../../src/train/optimiser.ts";
import { layOut } from "../../src/train/parameters.ts";
import { dense, MNIST_MLP } from "../../src/train/recipe.ts";

describe("recipe", () => {
  test("the shipped file is the default", () => {
    expect(parseConfig(recipe)).toEqual(MNIST_MLP);
  });

  test("has 32,778 parameters in blocks and 1,863,690 without", () => {
    expect(countParameters(layOut(MNIST_MLP))).toBe(30720 + 2058);
    expect(countParameters(layOut(dense(MNIST_MLP)))).toBe(784 * 1024 + 1024 * 1024 + 1024 * 10 + 2058);
    expect(trainFlops(layOut(dense(MNIST_MLP)))).toBe(2 * (2 * 784 * 1024 + 3 * 1024 * 1024 + 3 * 1024 * 10));
  });

  const faults: readonly [string, Record<string, unknown>, string][] = [
    ["a missing field", { rate: undefined }, "rate: expected a number from 0 to 10, got nothing"],
    ["an unknown field", { speed: 1 }, "recipe.speed: expected one of input"],
    ["a batch of odd size", { batch: 100 }, "batch: expected a multiple of 32, got 100"],
    ["a block size that is no power of two", withLayer({ k: 48 }), "layers[0].k: expected a power of two, got 48"],
    ["a block size too large", withLayer({ k: 4096 }), "layers[0].k: expected a number from 1 to 2048, got 4096"],
    ["an unknown activation", withLayer({ activation: "gelu" }), 'layers[0].activation: expected "relu" or "identity"'],
    ["no layers", { layers: [] }, "layers: expected at least one layer, got []"],
    ["labels that do not fit", { labels: ["a"] }, "labels: expected 10 names, one a class, got 1"],
    ["a NaN", { decay: Number.NaN }, "decay: expected a number from 0 to 100"],
    [
      "a shape of three",
      { input: { ...MNIST_MLP.input, shape: [1, 28, 28] } },
      "input.shape: expected height and width",
    ],
    ["a fraction of an epoch", { epochs: 1.5 }, "epochs: expected a whole number"],
  ];
  test.each(faults)("with %s is refused by name", (_, change, message) => {
    expect(() => parseConfig({ ...MNIST_MLP, ...change })).toThrow(OptionError);
    expect(() => parseConfig({ ...MNIST_MLP, ...change })).toThrow(message);
  });

  test.each([[null], [[]], ["{}"], [3]])("that is %j is refused", (value) => {
    expect(() => parseConfig(value)).toThrow(OptionError);
  });
});

test("the learning rate rises to its peak and falls to 0", () => {
  const config = { ...MNIST_MLP, rate: 0.01, warmup: 0.1 };
  expect(rateAt(config, 0, 1000)).toBeCloseTo(0.0001, 9);
  expect(rateAt(config, 99, 1000)).toBeCloseTo(0.01, 9);
  expect(rateAt(config, 550, 1000)).toBeCloseTo(0.005, 9);
  expect(rateAt(config, 999, 1000)).toBeLessThan(1e-6);
});

test("the curve is drawn for one epoch and for many, with and without validation", () => {
  const record = (epoch: number, validation: number | null) => ({ epoch, loss: 1 / epoch, accuracy: 0.9, validation });
  for (const count of [1, 2, 300]) {
    const history = Array.from({ length: count }, (_, index) => record(index + 1, 0.95));
    const svg = drawCurve(history);
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
  expect(drawCurve([record(1, null)]).match(/<polyline/g)).toHaveLength(2);
});

function withLayer(change: Record<string, unknown>): Record<string, unknown> {
  return { layers: [{ ...MNIST_MLP.layers[0], ...change }, ...MNIST_MLP.layers.slice(1)] };
}
