import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addEmit } from "../../src/cli/emit.ts";
import { addEval } from "../../src/cli/eval.ts";
import { writeWhole } from "../../src/cli/files.ts";
import { addRun } from "../../src/cli/run.ts";
import { addTrain } from "../../src/cli/train.ts";
import { addVerify } from "../../src/cli/verify.ts";
import { DataError, OptionError } from "../../src/errors.ts";
import { runCommand } from "./run-command.ts";

const MODEL = fileURLToPath(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const DIGITS = fileURLToPath(new URL("../../examples/digits", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);

/** A folder of PNG images of one class. */
function pictures(name: string, width: number, height: number): void {
  mkdirSync(at(`${name}/test/zero`), { recursive: true });
  const data = new Uint8Array(width * height);
  writeFileSync(at(`${name}/test/zero/0.png`), encode({ width, height, channels: 1, data }));
}

beforeAll(() => {
  pictures("tall", 14, 56);
  pictures("words", 28, 28);
  writeFileSync(at("file"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runCommand([addEmit, addEval, addRun, addTrain, addVerify], args);

describe("a command", () => {
  it.each([
    ["eval", []],
    ["verify", ["--on", "wasm", "--count", "1"]],
    ["run", ["--index", "0"]],
  ])("%s refuses images of another shape with as many pixels", async (name, args) => {
    const wrong = run(name, MODEL, "--data", at("tall"), ...args);
    await expect(wrong).rejects.toThrow(DataError);
    await expect(wrong).rejects.toThrow(
      "images: expected 28 x 28 x 1 as in the input.shape of recipe or model, got 56 x 14 x 1",
    );
  });

  it("eval refuses images of other classes", async () => {
    await expect(run("eval", MODEL, "--data", at("words"))).rejects.toThrow(
      /expected the labels 0, 1, .*, got classes zero/,
    );
  });

  it.each([
    ["--plant", "twiddle"],
    ["--images", "."],
    ["--rtl", "."],
    ["--stalls", "1"],
  ])("verify refuses %s where the RTL does not run", async (option, value) => {
    const wrong = run("verify", MODEL, "--data", DIGITS, "--on", "wasm", option, value);
    await expect(wrong).rejects.toThrow(OptionError);
    await expect(wrong).rejects.toThrow(`${option}: expected rtl among --on, got wasm`);
  });

  it("says before the work that its output cannot be written", async () => {
    await expect(run("train", "--data", at("nowhere"), "--out", folder)).rejects.toThrow("got a folder of this name");
    await expect(run("emit", MODEL, "--out", at("file"))).rejects.toThrow("file: expected a place that can be written");
  });
});

describe("writeWhole", () => {
  it("leaves nothing where it fails", () => {
    const before = readdirSync(folder);
    expect(() => writeWhole(at("tall"), "x")).toThrow(DataError);
    expect(() => writeWhole(at("file/inside"), "x")).toThrow(DataError);
    expect(readdirSync(folder)).toEqual(before);
  });
});
