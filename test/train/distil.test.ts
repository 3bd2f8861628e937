import { expect, test } from "vitest";
import { sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { CheckpointError } from "../../src/errors.ts";
import { writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { createEngine } from "../../src/train/engine.ts";
import { forward } from "../../src/train/forward.ts";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import { normal, stream } from "../../src/train/random.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { createTeacher } from "../../src/train/teacher.ts";
import { train } from "../../src/train/train.ts";

const IMAGES = 8;
const [WEIGHT, TEMPERATURE, SMOOTHING, FACTOR] = [0.7, 3, 0.1, 0.5];

test("the gradient of the mixed loss agrees with double-precision finite differences", () => {
  const config = parseConfig({ ...MNIST_MLP, batch: 32 });
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const [logits, teacher, gradient, labels, result] = [320, 320, 320, IMAGES, 8].map(arena.take);
  const random = stream(3);
  const classes = config.labels.length;
  const numbers = () => Float32Array.from({ length: classes * IMAGES }, () => 2 * normal(random));
  const [z, t] = [numbers(), numbers()];
  arena.floats(logits, z.length).set(z);
  arena.floats(teacher, t.length).set(t);
  const names = Array.from({ length: IMAGES }, (_, image) => (3 * image) % classes);
  arena.bytes(labels, IMAGES).set(names);
  kernels.crossEntropy(logits, gradient, labels, classes, 4 * IMAGES, IMAGES, SMOOTHING, FACTOR, result);
  kernels.distil(logits, teacher, gradient, classes, 4 * IMAGES, IMAGES, WEIGHT, TEMPERATURE, FACTOR, result);
  const at = (values: Float64Array) => mixedLoss(values, Float64Array.from(t), names);
  expect(Math.abs(arena.floats(result, 1)[0] - at(Float64Array.from(z)))).toBeLessThan(1e-3);
  arena.floats(gradient, z.length).forEach((g, word) => {
    const [above, below] = [Float64Array.from(z), Float64Array.from(z)];
    above[word] += 1e-6;
    below[word] -= 1e-6;
    expect(Math.abs(g - (FACTOR * (at(above) - at(below))) / 2e-6)).toBeLessThan(1e-5);
  });
});

const digits = readImageSet(new URL("../../examples/digits", import.meta.url).pathname, "test");
const TEACHER = parseConfig({
  ...MNIST_MLP,
  input: { shape: [28, 28, 1], mean: 0.3, deviation: 0.5 },
  layers: [
    { op: "conv2d", out: 8, kernel: 5, stride: 3, pad: 0, k: 1, norm: true, activation: "relu" },
    { op: "flatten" },
    { op: "dense", out: 10, k: 1, norm: false, activation: "identity" },
  ],
  batch: 32,
  epochs: 8,
  average: 0.9,
  rate: 0.01,
  augmentation: { ...MNIST_MLP.augmentation, elastic: 0 },
  validation: 100,
});
const PUPIL = parseConfig({
  ...TEACHER,
  input: MNIST_MLP.input,
  epochs: 3,
  distillation: { weight: 0.8, temperature: 2 },
});

test("a teacher with an input of another scale answers the pupil's images as it would its own", async () => {
  const teacher = await train(TEACHER, digits);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, PUPIL, IMAGES);
  const ask = createTeacher(kernels, arena, PUPIL, engine, teacher);
  const offsets = new Uint32Array(kernels.memory.buffer, engine.inputTable, 784).slice();
  const bytes = (image: number) => digits.images.subarray(784 * image, 784 * (image + 1));
  const real = (image: number, { mean, deviation }: { mean: number; deviation: number }) =>
    Float32Array.from(bytes(image), (byte) => (byte / 255 - mean) / deviation);
  for (let image = 0; image < IMAGES; image++) {
    real(image, PUPIL.input).forEach((value, e) => {
      arena.floats(engine.input + offsets[e] + 4 * image, 1)[0] = value;
    });
  }
  const logits = arena.floats(ask().logits, 10 * IMAGES);
  for (let image = 0; image < IMAGES; image++) {
    forward(teacher.network, real(image, TEACHER.input)).forEach((z, c) => {
      // float32 sums of at most 512 products, of logits below 20
      expect(Math.abs(logits[c * IMAGES + image] - z)).toBeLessThan(2e-4);
    });
  }
});

test("gives, taught, the same bits for one worker and three, and other bits than untaught", async () => {
  const teacher = await train(TEACHER, digits);
  const [one, three] = await Promise.all([1, 3].map((workers) => train(PUPIL, digits, { workers, teacher })));
  expect(writeCheckpoint(three)).toEqual(writeCheckpoint(one));
  const alone = await train({ ...PUPIL, distillation: { weight: 0, temperature: 2 } }, digits);
  expect(one.average).not.toEqual(alone.average);
});

test("refuses to resume with another teacher", async () => {
  const [first, second] = await Promise.all([1, 2].map((epochs) => train({ ...TEACHER, epochs }, digits)));
  const resume = await train({ ...PUPIL, epochs: 1 }, sliceImages(digits, 0, 300), { teacher: first });
  const config = { ...PUPIL, epochs: 1 };
  const again = train(config, sliceImages(digits, 0, 300), { teacher: second, resume });
  await expect(again).rejects.toThrow(CheckpointError);
  await expect(again).rejects.toThrow(/use the same teacher/);
});

function mixedLoss(z: Float64Array, t: Float64Array, labels: readonly number[]): number {
  let total = 0;
  labels.forEach((label, image) => {
    const of = (values: Float64Array, cool: number) => {
      const column = Array.from({ length: values.length / IMAGES }, (_, c) => values[c * IMAGES + image] * cool);
      const sum = Math.log(column.reduce((all, value) => all + Math.exp(value), 0));
      return column.map((value) => value - sum);
    };
    of(z, 1).forEach((log, c, all) => {
      const target = (c === label ? 1 - SMOOTHING : 0) + SMOOTHING / all.length;
      total -= (1 - WEIGHT) * target * log;
    });
    const pupil = of(z, 1 / TEMPERATURE);
    of(t, 1 / TEMPERATURE).forEach((log, c) => {
      total += WEIGHT * TEMPERATURE ** 2 * Math.exp(log) * (log - pupil[c]);
    });
  });
  return total;
}
