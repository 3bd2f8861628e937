import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addProject } from "../../src/cli/project.ts";
import { CheckpointError, OptionError } from "../../src/errors.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig, type TrainConfig } from "../../src/train/config.ts";
import { initialise, initialStatistics, layOut } from "../../src/train/parameters.ts";
import { dense, MNIST_MLP } from "../../src/train/recipe.ts";
import { train } from "../../src/train/train.ts";
import { runCommand } from "../cli/run-command.ts";
import { random } from "../model/random-model.ts";
import { idx } from "./idx.ts";

const COUNT = 64;
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);

const RECIPE: TrainConfig = parseConfig({
  ...MNIST_MLP,
  input: { shape: [6, 5, 1], mean: 0.25, deviation: 0.5 },
  layers: [
    { op: "conv2d", out: 8, kernel: 3, stride: 2, pad: 1, k: 4, norm: true, activation: "relu" },
    { op: "flatten" },
    { op: "dense", out: 10, k: 4, norm: false, activation: "identity" },
  ],
  batch: 32,
  epochs: 1,
  validation: 0,
});

const images = (() => {
  const next = random(1);
  const bytes = (length: number, most: number) => Uint8Array.from({ length }, () => next() % most);
  return { images: bytes(COUNT * 30, 256), labels: bytes(COUNT, 10), count: COUNT, height: 6, width: 5, channels: 1 };
})();

/** A checkpoint before any training. */
function untrained(config: TrainConfig): Uint8Array {
  const shape = layOut(config);
  const parameters = initialise(shape, 1);
  const none = new Float32Array(shape.words);
  const vectors = { parameters, mean: none, square: none, average: parameters, statistics: initialStatistics(shape) };
  return writeCheckpoint({ config, data: "ab", teacher: null, history: [], ...vectors });
}

async function run(...args: readonly string[]): Promise<string> {
  return (await runCommand([addProject], ["project", ...args])).out;
}

beforeAll(() => {
  writeFileSync(at("dense.checkpoint"), untrained(dense(RECIPE)));
  writeFileSync(at("recipe.json"), JSON.stringify(RECIPE));
  writeFileSync(at("train-images-idx3-ubyte"), idx([COUNT, 6, 5], images.images));
  writeFileSync(at("train-labels-idx1-ubyte"), idx([COUNT], images.labels));
});
afterAll(() => rmSync(folder, { recursive: true }));

const projecting = (...args: readonly string[]) =>
  run(
    at("dense.checkpoint"),
    "--recipe",
    at("recipe.json"),
    "--data",
    folder,
    "--out",
    at("start.checkpoint"),
    ...args,
  );

/** The network that training begins with. */
async function beginning(config: TrainConfig): Promise<unknown> {
  const stop = new Error("enough");
  const init = readCheckpoint(readFileSync(at("start.checkpoint")));
  let first: unknown;
  const onEpoch = ({ network }: { network: unknown }) => {
    first = network;
    throw stop;
  };
  await expect(train(config, images, { init, onEpoch })).rejects.toThrow(stop);
  return first;
}

describe("circulant project", () => {
  it("writes a checkpoint of the recipe and prints the errors of its layers", async () => {
    const text = await projecting();
    expect(text).toMatch(/conv1 .*1 x 8 .*4 .*\d\.\d{3} .*\d\.\d{3} .*\d\.\d{3}/);
    expect(text).toMatch(/dense1 .*72 x 10 /);
    const { config, data, network } = readCheckpoint(readFileSync(at("start.checkpoint")));
    expect(config).toEqual(RECIPE);
    expect(data).toBe("ab");
    expect(network.operations[0]).toMatchObject({ op: "conv2d", k: 4, p: 2, q: 1 });
    expect(network.operations[0]).toHaveProperty("norm");
    const { layers } = JSON.parse(await projecting("--json", "--method", "mean"));
    expect(layers.map(({ name }: { name: string }) => name)).toEqual(["conv1", "dense1"]);
    expect(layers[0].errors.squares).toBeLessThanOrEqual(layers[0].errors.mean);
  });

  it("writes what training can begin with", async () => {
    await projecting();
    expect(await beginning(RECIPE)).toEqual(readCheckpoint(readFileSync(at("start.checkpoint"))).network);
  });

  it("refuses a recipe of other inputs, and training a network of other layers", async () => {
    const input = { ...RECIPE.input, mean: 0.5 };
    writeFileSync(at("other.json"), JSON.stringify({ ...RECIPE, input }));
    await expect(projecting("--recipe", at("other.json"))).rejects.toThrow(OptionError);
    await projecting();
    const init = readCheckpoint(readFileSync(at("start.checkpoint")));
    await expect(train(dense(RECIPE), images, { init })).rejects.toThrow(CheckpointError);
  });
});
