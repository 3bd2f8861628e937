import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addCompile } from "../../src/cli/compile.ts";
import { addInspect } from "../../src/cli/inspect.ts";
import { CheckpointError, DataError, ModelFileError } from "../../src/errors.ts";
import type { Model } from "../../src/model/model.ts";
import { readModel } from "../../src/model/read.ts";
import { writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { initialise, initialStatistics, layOut } from "../../src/train/parameters.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { runCommand } from "../cli/run-command.ts";
import { random } from "../model/random-model.ts";
import { idx } from "./idx.ts";

const COUNT = 40;
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);

/** Runs a command and returns what it wrote to standard output. */
async function run(...args: readonly string[]): Promise<string> {
  return (await runCommand([addCompile, addInspect], args)).out;
}

beforeAll(() => {
  const config = parseConfig({
    ...MNIST_MLP,
    input: { shape: [6, 5, 1], mean: 0.25, deviation: 0.5 },
    layers: [
      { op: "conv2d", out: 4, kernel: 3, stride: 2, pad: 1, k: 2, norm: true, activation: "relu" },
      { op: "flatten" },
      { op: "dense", out: 10, k: 4, norm: false, activation: "identity" },
    ],
  });
  const shape = layOut(config);
  const parameters = initialise(shape, 1);
  const statistics = initialStatistics(shape).fill(0.5);
  const vectors = { parameters, mean: parameters, square: parameters.map(Math.abs), average: parameters, statistics };
  const checkpoint = { config, data: "00", teacher: null, history: [], ...vectors };
  writeFileSync(at("net.checkpoint"), writeCheckpoint(checkpoint));
  const next = random(1);
  writeFileSync(
    at("train-images-idx3-ubyte"),
    idx(
      [COUNT, 6, 5],
      Uint8Array.from({ length: COUNT * 30 }, () => next()),
    ),
  );
  writeFileSync(
    at("train-labels-idx1-ubyte"),
    idx(
      [COUNT],
      Uint8Array.from({ length: COUNT }, () => next() % 10),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function weightsOf({ operations }: Model, tensor: "weights" | "bias"): readonly Int16Array[] {
  return operations.flatMap((operation) => ("weights" in operation ? [operation[tensor]] : []));
}

const compiling = (...args: readonly string[]) =>
  run("compile", at("net.checkpoint"), "--data", folder, "--out", at("net.safetensors"), ...args);

describe("circulant compile", () => {
  it("writes a model file and its report, and nothing else", async () => {
    const before = readdirSync(folder);
    const text = await compiling("--calibration", "20", "--report", at("net.json"));
    expect(readdirSync(folder).sort()).toEqual([...before, "net.json", "net.safetensors"].sort());
    const model = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    expect(model.operations.map(({ op, name }) => [op, name])).toEqual([
      ["conv2d", "conv1"],
      ["flatten", "flatten1"],
      ["dense", "dense1"],
    ]);
    expect(model.labels).toEqual(MNIST_MLP.labels);
    expect(text).toMatch(/conv1 .*1 x 4 .*2/);
    expect(text).toMatch(/dense1 .*36 x 10 .*4/);
    expect(text).toMatch(/Batch normalisation folded/);
    expect(text).toMatch(/memory: 72 words, 144 bytes for 4 tensors; no plan takes less than 66 words/);
    expect(text).toMatch(/20 calibration inputs, \d+\.\d\d % answered/);
    expect(JSON.parse(readFileSync(at("net.json"), "utf8"))).toMatchObject({ calibration: 20, margin: 1.25 });
  });

  it("prints the report as JSON, and takes all images if there are fewer than asked for", async () => {
    const report = JSON.parse(await compiling("--json", "--margin", "2"));
    expect(report).toMatchObject({ calibration: COUNT, margin: 2 });
    expect(report.operations).toHaveLength(3);
    expect(report.bytes).toBe(readFileSync(at("net.safetensors")).length);
  });

  it("leaves the biases as they are with --no-correction", async () => {
    await compiling();
    const corrected = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    await compiling("--no-correction");
    const plain = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    expect(weightsOf(plain, "weights")[0]).toEqual(weightsOf(corrected, "weights")[0]);
    expect(weightsOf(plain, "bias")).not.toEqual(weightsOf(corrected, "bias"));
  });

  it("throws what is wrong with its input", async () => {
    const out = ["--out", at("none.safetensors")];
    await expect(run("compile", at("absent"), "--data", folder, ...out)).rejects.toThrow(DataError);
    const images = at("train-images-idx3-ubyte");
    await expect(run("compile", images, "--data", folder, ...out)).rejects.toThrow(CheckpointError);
    await expect(run("compile", at("net.checkpoint"), "--data", at("nowhere"), ...out)).rejects.toThrow(DataError);
    await expect(compiling("--margin", "0.5")).rejects.toThrow(/expected a number from 1 to 16/);
    await expect(compiling("--calibration", "0")).rejects.toThrow(/expected a whole number/);
    expect(readdirSync(folder)).not.toContain("none.safetensors");
  });
});

describe("circulant inspect", () => {
  it("shows layers, formats and sizes", async () => {
    await compiling();
    const bytes = readFileSync(at("net.safetensors")).length;
    const text = await run("inspect", at("net.safetensors"));
    expect(text).toMatch(/dense1 .*1 x 1 x 10 .*3 x 9 of 4/);
    expect(text).toContain(`file: ${bytes} bytes`);
    const json = JSON.parse(await run("inspect", at("net.safetensors"), "--json"));
    const weights = 2 * (9 * 2 * 1 * 2 + 3 * 9 * 4);
    expect(json).toMatchObject({ fileBytes: bytes, weightBytes: weights, denseWeightBytes: 4 * (9 * 4 + 36 * 10) });
    expect(json.headerBytes + weights + 2 * (4 + 10)).toBe(bytes);
  });

  it("refuses what is no model file", async () => {
    await expect(run("inspect", at("net.checkpoint"))).rejects.toThrow(ModelFileError);
  });
});
