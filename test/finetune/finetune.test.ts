import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { DataError, OptionError, ShapeError, TrainingError } from "../../src/errors.ts";
import { type FinetuneOptions, finetune } from "../../src/finetune/finetune.ts";
import { indexOfLargest } from "../../src/layers/largest.ts";
import type { Model } from "../../src/model/model.ts";
import { writeModel } from "../../src/model/write.ts";
import { Session } from "../../src/runtime/session.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { parseConfig, type TrainConfig } from "../../src/train/config.ts";
import { normalise } from "../../src/train/network.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { train } from "../../src/train/train.ts";
import { coarsen } from "./networks.ts";

const digits = readImageSet(new URL("../../examples/digits", import.meta.url).pathname, "test");
const HELD_OUT = 100;

const base = { ...MNIST_MLP, batch: 32, epochs: 6, rate: 0.01, average: 0.9, validation: HELD_OUT, seed: 11 };
const plain = { ...base.augmentation, shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0 };
const head = { op: "dense", out: 10, k: 8, norm: false, activation: "identity" } as const;
const conv = { op: "conv2d", kernel: 3, pad: 1, norm: true, activation: "relu" } as const;

const RECIPES = [
  [
    "a perceptron",
    parseConfig({ ...base, layers: [{ op: "flatten" }, { ...head, out: 64, k: 16, activation: "relu" }, head] }),
  ],
  [
    "a convolutional network",
    parseConfig({
      ...base,
      augmentation: plain,
      layers: [
        { ...conv, out: 8, stride: 2, k: 1 },
        { ...conv, out: 16, stride: 2, k: 8 },
        { op: "maxpool", window: 2, stride: 2, pad: 0 },
        { op: "flatten" },
        head,
      ],
    }),
  ],
] as const;

interface Trained {
  readonly checkpoint: Checkpoint;
  readonly compiled: Model;
}

const OPTIONS: FinetuneOptions = { epochs: 3, rate: 2e-3, workers: 1 };

async function prepare(config: TrainConfig): Promise<Trained> {
  const checkpoint = await train(config, digits, { workers: 1 });
  const images = Array.from({ length: 40 }, (_, n) => sliceImages(digits, n, n + 1).images);
  const inputs = images.map((image) => normalise(checkpoint.network.input, image));
  return { checkpoint, compiled: compile(checkpoint.network, inputs).model };
}

/** The share of the held-out digits that a session of the written model answers right. */
function deployedAccuracy(model: Model): number {
  const held = sliceImages(digits, digits.count - HELD_OUT, digits.count);
  using session = Session.createSync(writeModel(model));
  const { words } = session.runSync({ input: held.images });
  const answers = Array.from(held.labels, (_, n) => indexOfLargest(words.data.subarray(10 * n, 10 * n + 10)));
  return answers.filter((answer, n) => answer === held.labels[n]).length / HELD_OUT;
}

describe.each(RECIPES)("fine-tuning %s", (_, config) => {
  let trained: Trained;
  const run = (options: Partial<FinetuneOptions> = {}) =>
    finetune(trained.checkpoint, trained.compiled, digits, { ...OPTIONS, ...options });

  beforeAll(async () => {
    trained = await prepare(config);
  });

  test("lowers the loss; what it keeps answers as its validation says", async () => {
    const models: (number | null)[] = [];
    const { before, history, kept, model } = await run({ onEpoch: (all) => models.push(all.length) });
    expect(models).toEqual([1, 2, 3]);
    expect(before).toBe(deployedAccuracy(trained.compiled));
    expect(history[2].loss).toBeLessThan(history[0].loss);
    const { validation } = history[2];
    expect(kept).toBe((validation ?? 0) > (before ?? 0) ? 3 : 0);
    expect(deployedAccuracy(model)).toBe(kept === 0 ? before : validation);
    if (kept === 0) expect(model).toBe(trained.compiled);
  });

  test("gives the same words for one and two workers, others for another seed", async () => {
    const words = async (options: Partial<FinetuneOptions>) => {
      const { model } = await run({ ...options, epochs: 1, validation: 0 });
      return Buffer.from(writeModel(model)).toString("hex");
    };
    const one = await words({ workers: 1 });
    expect(await words({ workers: 2 })).toBe(one);
    expect(await words({ seed: 3 })).not.toBe(one);
  });

  test("keeps the last epoch where no images are held out, and the formats", async () => {
    const { before, history, kept, model } = await run({ epochs: 2, validation: 0 });
    expect([before, history.map(({ validation }) => validation), kept]).toEqual([null, [null, null], 2]);
    const bare = ({ operations, ...rest }: Model) => ({
      ...rest,
      operations: operations.map((operation) => ({ ...operation, weights: undefined, bias: undefined })),
    });
    expect(bare(model)).toEqual(bare(trained.compiled));
    expect(model).not.toEqual(trained.compiled);
  });

  test("refuses options, images and models that do not fit", async () => {
    for (const wrong of [{ epochs: 0 }, { rate: 0 }, { rate: Number.NaN }, { seed: -1 }, { validation: 490 }]) {
      await expect(run(wrong), JSON.stringify(wrong)).rejects.toThrow(OptionError);
    }
    await expect(run({ workers: 5 })).rejects.toThrow("workers: expected 1 to 4, got 5");
    const { checkpoint, compiled } = trained;
    await expect(finetune(checkpoint, compiled, { ...digits, height: 14, width: 56 }, OPTIONS)).rejects.toThrow(
      DataError,
    );
    const other = { ...compiled, operations: compiled.operations.slice(1) };
    await expect(finetune(checkpoint, other, digits, OPTIONS)).rejects.toThrow(ShapeError);
  });

  test("stops when it is told to", async () => {
    const stop = new AbortController();
    const onEpoch = () => stop.abort(new TrainingError("told to"));
    await expect(run({ signal: stop.signal, onEpoch })).rejects.toThrow("told to");
  });
});

test("fine-tuning wins back what words of few bits lost", async () => {
  const config = { ...RECIPES[0][1], augmentation: plain, epochs: 25 };
  const { checkpoint, compiled } = await prepare(config);
  const coarse = coarsen(compiled, 11);
  const lost = deployedAccuracy(compiled) - deployedAccuracy(coarse);
  expect(lost).toBeGreaterThan(0.2);
  const { before, model } = await finetune(checkpoint, coarse, digits, { ...OPTIONS, epochs: 8 });
  expect(before).toBe(deployedAccuracy(coarse));
  expect(deployedAccuracy(model) - deployedAccuracy(coarse)).toBeGreaterThan(lost / 3);
});
