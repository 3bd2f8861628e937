import { describe, expect, test } from "vitest";
import recipe from "../../models/mnist-mlp.json" with { type: "json" };
import { OptionError } from "../../src/errors.ts";
import { parseConfig, type TrainConfig } from "../../src/train/config.ts";
import { countParameters, trainFlops } from "../../src/train/cost.ts";
import { drawCurve } from "../../src/train/curve.ts";
import type { LayerConfig } from "../../src/train/layers.ts";
import { rateAt } from "../../src/train/optimiser.ts";
import { layOut } from "../../src/train/parameters.ts";
import { dense, MNIST_MLP, readRecipe } from "../../src/train/recipe.ts";
import { shapeAfter } from "../../src/train/shape.ts";

/** A recipe with every operation; its parts can be left out one by one. */
const EVERY: TrainConfig = parseConfig({
  ...MNIST_MLP,
  input: { shape: [9, 8, 3], mean: 0.5, deviation: 0.25 },
  layers: [
    { op: "conv2d", out: 8, kernel: [3, 2], stride: 1, pad: 1, k: 4, norm: true, activation: "relu" },
    {
      op: "residual",
      layers: [{ op: "depthwise", kernel: 3, stride: 1, pad: 1, norm: false, activation: "identity" }],
      shortcut: [{ op: "conv2d", out: 8, kernel: 1, stride: 1, pad: 0, k: 2, norm: false, activation: "identity" }],
      activation: "relu",
    },
    { op: "maxpool", window: 3, stride: 2, pad: 1 },
    { op: "avgpool", window: [2, 2], stride: 2 },
    { op: "flatten" },
    { op: "dense", out: 12, k: 4, norm: true, activation: "relu" },
    { op: "globalavgpool" },
    { op: "dense", out: 10, k: 1, norm: false, activation: "identity" },
  ],
});

describe("recipe", () => {
  test("the shipped file is the default", () => {
    expect(parseConfig(recipe)).toEqual(MNIST_MLP);
    expect(readRecipe("mnist-mlp")).toEqual(MNIST_MLP);
  });

  test("has 32,778 parameters in blocks and 1,863,690 without", () => {
    expect(countParameters(layOut(MNIST_MLP))).toBe(30720 + 2058);
    expect(countParameters(layOut(dense(MNIST_MLP)))).toBe(784 * 1024 + 1024 * 1024 + 1024 * 10 + 2058);
    expect(trainFlops(layOut(dense(MNIST_MLP)))).toBe(2 * (2 * 784 * 1024 + 3 * 1024 * 1024 + 3 * 1024 * 10));
  });

  test("once parsed, parses to itself; a side stands for a square", () => {
    expect(parseConfig(EVERY)).toEqual(EVERY);
    expect(EVERY.layers[2]).toEqual({ op: "maxpool", window: [3, 3], stride: 2, pad: 1 });
  });

  test("may name its schema, which is not part of it", () => {
    expect(parseConfig({ ...EVERY, $schema: "./recipe.schema.json" })).toEqual(EVERY);
    expect(() => parseConfig({ ...EVERY, $schema: 3 })).toThrow("$schema: expected a string, got 3");
  });

  test("follows the shapes of its layers", () => {
    const shapes = EVERY.layers.map((_, index) => shapeAfter(EVERY.layers.slice(0, index + 1), EVERY.input.shape));
    expect(shapes).toEqual([
      [9, 9, 8],
      [9, 9, 8],
      [5, 5, 8],
      [2, 2, 8],
      [1, 1, 32],
      [1, 1, 12],
      [1, 1, 12],
      [1, 1, 10],
    ]);
  });

  const wide = { op: "dense", k: 1, norm: false, activation: "relu" } as const;
  const faults: readonly [string, Record<string, unknown>, string][] = [
    ["a missing field", { rate: undefined }, "rate: expected a number from 0 to 10, got nothing"],
    ["an unknown field", { speed: 1 }, "recipe.speed: expected one of input"],
    ["a batch of odd size", { batch: 100 }, "batch: expected a multiple of 32, got 100"],
    ["a block size that is no power of two", withLayer(5, { k: 48 }), "layers[5].k: expected a power of two, got 48"],
    ["a block size too large", withLayer(5, { k: 4096 }), "layers[5].k: expected a number from 1 to 2048, got 4096"],
    [
      "an unknown activation",
      withLayer(5, { activation: "gelu" }),
      'layers[5].activation: expected "relu" or "identity"',
    ],
    ["an unknown operation", withLayer(0, { op: "lstm" }), "layers[0].op: expected conv2d, depthwise, maxpool"],
    ["a layer that is no object", { layers: [3] }, "layers[0]: expected an object with op, one of conv2d"],
    ["a field of another operation", withLayer(3, { pad: 1 }), "layers[3].pad: expected one of op, window, stride"],
    ["a norm that is a number", withLayer(0, { norm: 1 }), "layers[0].norm: expected true or false, got 1"],
    ["a kernel too large", withLayer(0, { kernel: 8 }), "layers[0].kernel: expected a number from 1 to 7, got 8"],
    [
      "a kernel of three",
      withLayer(0, { kernel: [1, 2, 3] }),
      "layers[0].kernel: expected a side, or rows and columns",
    ],
    [
      "a pad as large as a side of its kernel",
      withLayer(0, { kernel: [5, 2], pad: 2 }),
      "layers[0].pad: expected a number from 0 to 1, got 2",
    ],
    ["a pad as large as its window", withLayer(2, { pad: 3 }), "layers[2].pad: expected a number from 0 to 2, got 3"],
    [
      "a picture smaller than the window",
      withLayer(3, { window: 6 }),
      "layers[3].window: expected at most 5 x 5, the pad",
    ],
    [
      "a dense layer on a picture",
      { layers: EVERY.layers.toSpliced(4, 1) },
      "layers[4]: expected a flatten before a dense",
    ],
    [
      "a mean of more pixels than a word can be divided by",
      { input: { ...EVERY.input, shape: [40, 40, 1] }, layers: [{ op: "globalavgpool" }] },
      'layers[0]: expected a mean of at most 1024 pixels, got "40 x 40"',
    ],
    [
      "such a window",
      { input: { ...EVERY.input, shape: [40, 40, 1] }, layers: [{ op: "avgpool", window: [32, 33], stride: 1 }] },
      'layers[0].window: expected a mean of at most 1024 pixels, got "32 x 33"',
    ],
    ["no layers", { layers: [] }, "layers: expected at least one layer, got []"],
    ["a picture at its end", { layers: EVERY.layers.slice(0, 4) }, "layers[3]: expected an output of 1 x 1 x 2 to 256"],
    ["labels that do not fit", { labels: ["a"] }, "labels: expected 10 names, one a class, got 1"],
    [
      "a label that no model file takes",
      { labels: ["a\nb"] },
      "labels[0]: expected at most 2048 characters, none a control",
    ],
    ["a label too long", { labels: ["a".repeat(2049)] }, "labels[0]: expected at most 2048 characters"],
    [
      "more parameters than fit",
      { layers: EVERY.layers.toSpliced(5, 1, { ...wide, out: 65536 }, { ...wide, out: 4096 }) },
      "layers: expected at most 67108864 parameters, got 2",
    ],
    [
      "more of them than 32 bits count",
      { layers: EVERY.layers.toSpliced(5, 1, { ...wide, out: 65536 }, { ...wide, out: 65536 }) },
      "layers: expected at most 67108864 parameters, got 4",
    ],
    ["a NaN", { decay: Number.NaN }, "decay: expected a number from 0 to 100"],
    [
      "a shape of two",
      { input: { ...EVERY.input, shape: [28, 28] } },
      "input.shape: expected height, width and channels",
    ],
    ["a fraction of an epoch", { epochs: 1.5 }, "epochs: expected a whole number"],
    ["half a cutout", augment({ cutout: 0.5 }), "augmentation.cutout: expected a whole number from 0 to 4096, got 0.5"],
    ["a flip that is a number", augment({ flip: 1 }), "augmentation.flip: expected true or false, got 1"],
    [
      "a cold teacher",
      { distillation: { weight: 0.5, temperature: 0 } },
      "distillation.temperature: expected a number from",
    ],
  ];
  test.each(faults)("with %s is refused by name", (_, change, message) => {
    expect(() => parseConfig({ ...EVERY, ...change })).toThrow(OptionError);
    expect(() => parseConfig({ ...EVERY, ...change })).toThrow(message);
  });

  const branch = { op: "conv2d", out: 8, kernel: 3, stride: 1, pad: 1, k: 4, norm: true, activation: "relu" };
  const residuals: readonly [string, Record<string, unknown>, string][] = [
    [
      "a fault in its shortcut",
      { shortcut: [{ ...branch, k: 3 }] },
      "layers[1].shortcut[0].k: expected a power of two, got 3",
    ],
    ["nothing to add", { layers: [] }, "layers[1].layers: expected at least one layer, got []"],
    [
      "branches of two shapes",
      { shortcut: [{ ...branch, stride: 2 }] },
      'layers[1].shortcut: expected the shape 9 x 9 x 8 of its layers, got "5 x 5 x 8"',
    ],
    [
      "a layer that does not fit",
      { layers: [{ op: "dense", out: 8, k: 1, norm: true, activation: "relu" }] },
      "layers[1].layers[0]: ",
    ],
  ];
  test.each(residuals)("with a residual with %s is refused by name", (_, change, message) => {
    expect(() => parseConfig({ ...EVERY, ...withLayer(1, change) })).toThrow(OptionError);
    expect(() => parseConfig({ ...EVERY, ...withLayer(1, change) })).toThrow(message);
  });

  test("with residuals nested too deeply is refused", () => {
    const nest = (depth: number): object => ({
      op: "residual",
      layers: [depth === 0 ? branch : nest(depth - 1)],
      shortcut: [],
      activation: "relu",
    });
    const layers = (depth: number) => ({ ...EVERY, layers: EVERY.layers.toSpliced(1, 1, nest(depth) as LayerConfig) });
    expect(() => parseConfig(layers(7))).not.toThrow();
    expect(() => parseConfig(layers(8))).toThrow(/layers\[0\]: expected at most 8 residuals inside each other/);
  });

  test.each([[null], [[]], ["{}"], [3]])("that is %j is refused", (value) => {
    expect(() => parseConfig(value)).toThrow(OptionError);
  });

  test("loses its blocks, in residuals too; its rate falls unless it has norms", () => {
    const plain = dense(EVERY);
    expect(JSON.stringify(plain.layers)).not.toMatch(/"k":[^1]/);
    expect(plain.layers.map(({ op }) => op)).toEqual(EVERY.layers.map(({ op }) => op));
    expect([plain.rate, dense(MNIST_MLP).rate]).toEqual([EVERY.rate, MNIST_MLP.rate / 4]);
    expect(parseConfig(plain)).toEqual(plain);
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

function withLayer(index: number, change: Record<string, unknown>): Record<string, unknown> {
  return { layers: EVERY.layers.map((layer, at) => (at === index ? { ...layer, ...change } : layer)) };
}

function augment(change: Record<string, unknown>): Record<string, unknown> {
  return { augmentation: { ...EVERY.augmentation, ...change } };
}
