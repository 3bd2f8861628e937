import { describe, expect, test } from "vitest";
import { sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { CheckpointError, DataError, OptionError, TrainingError } from "../../src/errors.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig, type TrainConfig } from "../../src/train/config.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { forward } from "../../src/train/forward.ts";
import { normalise } from "../../src/train/network.ts";
import { dense, MNIST_MLP } from "../../src/train/recipe.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";

const digits = readImageSet(new URL("../../examples/digits", import.meta.url).pathname, "test");

const SMALL: TrainConfig = parseConfig({
  ...MNIST_MLP,
  layers: [
    { op: "flatten" },
    { op: "dense", out: 96, k: 32, norm: false, activation: "relu" },
    { op: "dense", out: 10, k: 8, norm: false, activation: "identity" },
  ],
  batch: 32,
  epochs: 4,
  average: 0.9,
  augmentation: { ...MNIST_MLP.augmentation, shift: 1, elastic: 1 },
  validation: 100,
  seed: 11,
});

const conv = { op: "conv2d", kernel: 3, pad: 1, norm: true, activation: "relu" } as const;

/** A convolutional network with norms; a shard of its batches goes through the kernels in two groups. */
const CONVOLUTIONAL: TrainConfig = parseConfig({
  ...SMALL,
  layers: [
    { ...conv, out: 8, stride: 2, k: 1 },
    { ...conv, out: 16, stride: 2, k: 4 },
    {
      op: "residual",
      layers: [
        { ...conv, out: 16, stride: 1, k: 8 },
        { ...conv, out: 16, stride: 1, k: 8, activation: "identity" },
      ],
      shortcut: [],
      activation: "relu",
    },
    { op: "globalavgpool" },
    { op: "dense", out: 10, k: 1, norm: false, activation: "identity" },
  ],
  batch: 128,
  epochs: 4,
  rate: 0.01,
});

const NETWORKS = [
  ["block-circulant", SMALL],
  ["convolutional", CONVOLUTIONAL],
] as const;

const run = (config: TrainConfig, options?: TrainOptions) => train(config, digits, options);
const bits = (checkpoint: Checkpoint) => Buffer.from(writeCheckpoint(checkpoint)).toString("hex");

describe("train", () => {
  test.each(NETWORKS)("gives the same bits for one, two, three and four workers: %s", async (_, config) => {
    const one = bits(await run(config, { workers: 1 }));
    for (const workers of [2, 3, 4]) expect(bits(await run(config, { workers })), `${workers} workers`).toBe(one);
  });

  test("gives other bits for another seed", async () => {
    const [a, b] = [await run({ ...SMALL, epochs: 1 }), await run({ ...SMALL, epochs: 1, seed: 12 })];
    expect(a.parameters).not.toEqual(b.parameters);
  });

  test.each(NETWORKS)(
    "gives, interrupted and resumed from a file, the bits of an unbroken run: %s",
    async (_, config) => {
      const whole = bits(await run(config));
      const stop = new AbortController();
      let file: Uint8Array = new Uint8Array();
      const onEpoch = (checkpoint: Checkpoint) => {
        if (checkpoint.history.length === 2) {
          file = writeCheckpoint(checkpoint);
          stop.abort(new Error("stopped"));
        }
      };
      await expect(run(config, { onEpoch, signal: stop.signal })).rejects.toThrow("stopped");
      expect(bits(await run(config, { resume: readCheckpoint(file), workers: 1 }))).toBe(whole);
    },
  );

  test.each([...NETWORKS, ["dense", dense(SMALL)], ["dense convolutional", dense(CONVOLUTIONAL)]] as const)(
    "learns: %s",
    async (_, config) => {
      const { history } = await run({ ...config, batch: 32, epochs: 30, rate: 0.01 });
      expect(history[29].loss).toBeLessThan(0.7 * history[0].loss);
      expect(history[29].validation).toBeGreaterThan(0.7);
    },
  );

  test("reports the steps of every epoch", async () => {
    const ended = new Set<number>();
    const onProgress: TrainOptions["onProgress"] = ({ epoch, step, steps }) => {
      if (step === steps) ended.add(epoch);
    };
    await run({ ...SMALL, epochs: 2 }, { onProgress });
    expect([...ended]).toEqual([1, 2]);
  });

  test.each(NETWORKS)("counts right answers as the plain forward pass does: %s", async (_, config) => {
    const checkpoint = await run(config);
    const held = sliceImages(digits, 400, 500);
    let right = 0;
    for (let image = 0; image < held.count; image++) {
      const x = normalise(checkpoint.network.input, held.images.subarray(784 * image, 784 * (image + 1)));
      const logits = forward(checkpoint.network, x);
      if (logits.indexOf(Math.max(...logits)) === held.labels[image]) right++;
    }
    expect(evaluate(checkpoint, held)).toBe(right / 100);
    expect(checkpoint.history[3].validation).toBe(right / 100);
  });

  test("stops when the loss is no longer finite", async () => {
    const config = { ...SMALL, rate: 1e30, warmup: 0 };
    await expect(run(config)).rejects.toThrow(TrainingError);
    await expect(run(config)).rejects.toThrow(/loss at step \d+: expected a finite number/);
  });

  test("names the first field in which a recipe to resume or a network to begin with differs", async () => {
    const end = await run({ ...SMALL, epochs: 1 });
    const resumed = run({ ...SMALL, epochs: 1, rate: 0.5 }, { resume: end });
    await expect(resumed).rejects.toThrow(`checkpoint: expected rate 0.5 as in the recipe, got ${SMALL.rate};`);
    const layers = SMALL.layers.map((layer) => ("k" in layer ? { ...layer, k: 1 } : layer));
    const begun = run({ ...SMALL, layers }, { init: end });
    await expect(begun).rejects.toThrow(/init: expected layers\[\d\]\.k 1 as in the recipe, got \d+; begin with/);
  });

  test("refuses to hold out all images", async () => {
    const message = `validation: expected less than the ${digits.count} images, got ${digits.count}`;
    await expect(run({ ...SMALL, validation: digits.count })).rejects.toThrow(message);
  });

  test("refuses to resume another recipe or other images", async () => {
    const resume = await run({ ...SMALL, epochs: 1 });
    await expect(run({ ...SMALL, epochs: 2 }, { resume })).rejects.toThrow(CheckpointError);
    const other = sliceImages(digits, 0, 400);
    await expect(train({ ...SMALL, epochs: 1 }, other, { resume })).rejects.toThrow(/SHA-256/);
  });

  test("refuses what does not fit the images", async () => {
    await expect(run({ ...SMALL, validation: 480 })).rejects.toThrow(OptionError);
    await expect(run(SMALL, { workers: 5 })).rejects.toThrow("workers: expected 1 to 4, got 5");
    const input = { ...SMALL.input, shape: [14, 56, 1] as const };
    await expect(run({ ...SMALL, input })).rejects.toThrow(DataError);
  });
});
