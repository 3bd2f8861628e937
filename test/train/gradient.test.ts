import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/train/config.ts";
import { createEngine } from "../../src/train/engine.ts";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import { forward } from "../../src/train/network.ts";
import { initialise, layOut, toNetwork } from "../../src/train/parameters.ts";
import { normal, stream } from "../../src/train/random.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { referenceLoss } from "./reference.ts";

const SEED = 7;
const SMOOTHING = 0.1;
const IMAGES = 8;

/** Three layers whose sizes are no multiples of k: 45 inputs, 37, 29 and 10 outputs. */
function network(k: number, headK: number) {
  return parseConfig({
    ...MNIST_MLP,
    input: { shape: [5, 9], mean: 0, deviation: 1 },
    layers: [
      { out: 37, k, activation: "relu" },
      { out: 29, k, activation: "relu" },
      { out: 10, k: headK, activation: "identity" },
    ],
  });
}

function setUp(k: number, headK: number) {
  const config = network(k, headK);
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, shape, IMAGES);
  const random = stream(SEED);
  const vector = initialise(shape, SEED);
  for (const layer of shape.layers) for (let e = 0; e < layer.out; e++) vector[layer.bias + e] = normal(random) / 10;
  const inputs = Array.from({ length: IMAGES }, () => Float32Array.from({ length: 45 }, () => normal(random)));
  const labels = inputs.map((_, image) => (3 * image) % 10);
  arena.floats(engine.parameters, shape.words).set(vector);
  const offsets = new Uint32Array(kernels.memory.buffer, engine.inputTable, 45);
  inputs.forEach((input, image) => {
    input.forEach((value, e) => {
      arena.floats(engine.input + offsets[e] + 4 * image, 1)[0] = value;
    });
  });
  arena.bytes(engine.labels, IMAGES).set(labels);
  engine.prepare();
  engine.forward();
  return { config, shape, arena, engine, vector, inputs, labels };
}

const BLOCKS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 4],
  [4, 2],
  [8, 16],
  [16, 1],
  [64, 16],
  [256, 64],
];

describe.each(BLOCKS)("float kernels, k = %i and %i in the last layer", (k, headK) => {
  test("the logits are those of the plain forward pass", () => {
    const { config, shape, engine, vector, inputs } = setUp(k, headK);
    const logits = engine.logits();
    inputs.forEach((input, image) => {
      forward(toNetwork(config, shape, vector), input).forEach((z, c) => {
        // float32 sums of at most 256 products of size one
        expect(Math.abs(logits[c * IMAGES + image] - z)).toBeLessThan(2e-5);
      });
    });
  });

  test("loss and gradient agree with double-precision finite differences", () => {
    const { shape, arena, engine, vector, inputs, labels } = setUp(k, headK);
    const at = (values: Float64Array) => referenceLoss(shape, values, inputs, labels, SMOOTHING);
    const { loss } = engine.loss(IMAGES, SMOOTHING, 1);
    expect(Math.abs(loss - at(Float64Array.from(vector)))).toBeLessThan(1e-4);
    engine.backward();
    const gradient = arena.floats(engine.gradient, shape.words);
    for (const word of sampleWords(shape.layers)) {
      const [above, below] = [Float64Array.from(vector), Float64Array.from(vector)];
      const h = 1e-7;
      above[word] += h;
      below[word] -= h;
      const expected = (at(above) - at(below)) / (2 * h);
      expect(Math.abs(gradient[word] - expected), `word ${word}`).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected)));
    }
  });
});

test("images past the live ones add nothing to loss and gradient", () => {
  const { arena, engine } = setUp(8, 2);
  const full = engine.logits().slice();
  const { loss, correct } = engine.loss(0, SMOOTHING, 1);
  expect([loss, correct]).toEqual([0, 0]);
  expect(full.some((z) => z !== 0)).toBe(true);
  expect(engine.logits().every((z) => z === 0)).toBe(true);
  engine.backward();
  expect(arena.floats(engine.gradient, 16).every((g) => g === 0)).toBe(true);
});

/** Weights of first, middle and last words and blocks, and biases, of every layer. */
function sampleWords(layers: ReturnType<typeof layOut>["layers"]): number[] {
  return layers.flatMap((layer) => {
    const { k, p, q, rowWords, weights, bias, out } = layer;
    const words = new Set([0, 1, k >> 1, k - 1].map((n) => n % k));
    const blocks = new Set([0, q - 1, p * q - 1]);
    const taken = [...words].flatMap((n) => [...blocks].map((block) => weights + n * rowWords + block));
    return [...taken, bias, bias + out - 1];
  });
}
