import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addCompile } from "../../src/cli/compile.ts";
import { addInspect } from "../../src/cli/inspect.ts";
import { CheckpointError, DataError, ModelFileError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { initialise, layOut } from "../../src/train/parameters.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { random } from "../model/random-model.ts";

const COUNT = 40;
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);

/** An IDX file of unsigned bytes. */
function idx(shape: readonly number[], next: () => number): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x800 | shape.length);
  for (const [i, side] of shape.entries()) header.writeUInt32BE(side, 4 + 4 * i);
  const size = shape.reduce((product, side) => product * side, 1);
  return Buffer.concat([header, Buffer.from(Uint8Array.from({ length: size }, next))]);
}

/** Runs a command and returns what it wrote to standard output. */
async function run(...args: readonly string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addCompile(program);
  addInspect(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    await program.parseAsync(["node", "circulant", ...args]);
  } finally {
    spy.mockRestore();
  }
  return written.join("");
}

beforeAll(() => {
  const config = parseConfig({
    ...MNIST_MLP,
    input: { shape: [6, 5], mean: 0.25, deviation: 0.5 },
    layers: [
      { out: 16, k: 8, activation: "relu" },
      { out: 10, k: 4, activation: "identity" },
    ],
  });
  const parameters = initialise(layOut(config), 1);
  const vectors = { parameters, mean: parameters, square: parameters, average: parameters };
  writeFileSync(at("net.checkpoint"), writeCheckpoint({ config, data: "00", history: [], ...vectors }));
  const next = random(1);
  writeFileSync(at("train-images-idx3-ubyte"), idx([COUNT, 6, 5], next));
  writeFileSync(
    at("train-labels-idx1-ubyte"),
    idx([COUNT], () => next() % 10),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const compiling = (...args: readonly string[]) =>
  run("compile", at("net.checkpoint"), "--data", folder, "--out", at("net.safetensors"), ...args);

describe("circulant compile", () => {
  it("writes a model file and its report, and nothing else", async () => {
    const before = readdirSync(folder);
    const text = await compiling("--calibration", "20", "--report", at("net.json"));
    expect(readdirSync(folder).sort()).toEqual([...before, "net.json", "net.safetensors"].sort());
    const model = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    expect(model.layers.map(({ out, k }) => [out, k])).toEqual([
      [16, 8],
      [10, 4],
    ]);
    expect(model.labels).toEqual(MNIST_MLP.labels);
    expect(text).toMatch(/dense1.*30 x 16/);
    expect(text).toMatch(/20 calibration inputs, \d+\.\d\d % answered/);
    expect(JSON.parse(readFileSync(at("net.json"), "utf8"))).toMatchObject({ calibration: 20, margin: 1.25 });
  });

  it("prints the report as JSON, and takes all images if there are fewer than asked for", async () => {
    const report = JSON.parse(await compiling("--json", "--margin", "2"));
    expect(report).toMatchObject({ calibration: COUNT, margin: 2 });
    expect(report.layers).toHaveLength(2);
    expect(report.bytes).toBe(readFileSync(at("net.safetensors")).length);
  });

  it("leaves the biases as they are with --no-correction", async () => {
    await compiling();
    const corrected = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    await compiling("--no-correction");
    const plain = readModel(new Uint8Array(readFileSync(at("net.safetensors"))));
    expect(plain.layers[0].weights).toEqual(corrected.layers[0].weights);
    expect(plain.layers.map(({ bias }) => bias)).not.toEqual(corrected.layers.map(({ bias }) => bias));
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
    expect(text).toMatch(/dense2 .*16 x 10 .*3 x 4 of 4/);
    expect(text).toContain(`file: ${bytes} bytes`);
    const json = JSON.parse(await run("inspect", at("net.safetensors"), "--json"));
    const weights = 2 * (2 * 4 * 8 + 3 * 4 * 4);
    expect(json).toMatchObject({ fileBytes: bytes, weightBytes: weights, denseWeightBytes: 4 * (30 * 16 + 16 * 10) });
    expect(json.headerBytes + weights + 2 * (16 + 10)).toBe(bytes);
  });

  it("refuses what is no model file", async () => {
    await expect(run("inspect", at("net.checkpoint"))).rejects.toThrow(ModelFileError);
  });
});
