import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, writeModel } from "../../src/compile/index.ts";
import { REFERENCE } from "../../src/conform/realisation.ts";
import type { FloatNetwork } from "../../src/train/network.ts";
import { networkBuilder } from "../compile/random-network.ts";
import { createRandom } from "../contract/random.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const DIGITS = fileURLToPath(new URL("../../examples/digits", import.meta.url));

let folder: string;
let model: string;

/** An untrained convolutional network for 28 x 28 pixels. */
function untrained(): FloatNetwork {
  const builder = networkBuilder(1, [28, 28, 1]);
  const first = builder.conv2d(0, 8, 1, { kernel: [3, 3], stride: 2, pad: 1 }, "relu", true);
  const second = builder.conv2d(first, 8, 4, { kernel: [3, 3], stride: 1, pad: 1 }, "identity");
  const sum = builder.add(first, second, "relu");
  const pooled = builder.maxpool(sum, { kernel: [2, 2], stride: 2, pad: 0 });
  const hidden = builder.dense(builder.flatten(pooled), 40, 16, "relu");
  builder.dense(hidden, 10, 1, "identity");
  return { ...builder.build(), labels: [...Array(10).keys()].map(String) };
}

function circulant(args: readonly string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", input });
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-"));
  model = join(folder, "model.safetensors");
  const random = createRandom(2);
  const inputs = Array.from({ length: 40 }, () => Float32Array.from({ length: 784 }, () => random(300) / 100));
  writeFileSync(model, writeModel(compile(untrained(), inputs).model));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("circulant", () => {
  it("shows its commands with --help and ends with 0", () => {
    const { status, stdout } = circulant(["--help"]);
    expect(status).toBe(0);
    const names = ["demo", "data", "train", "project", "finetune", "compile", "inspect", "run", "eval", "verify"];
    for (const name of [...names, "conform", "compare", "emit"]) {
      expect(stdout).toContain(`\n  ${name} `);
    }
  });

  it.each([
    ["an unknown command", ["bogus"], "unknown command"],
    ["an unknown option", ["eval", "m", "--data", "d", "--fast"], "unknown option"],
    ["a missing option", ["eval", "m"], "--data"],
    ["a count that is none", ["verify", "m", "--data", "d", "--count", "few"], "whole number"],
    ["an unknown realisation", ["conform", "--on", "silicon", "f"], "expected reference, wasm, rtl"],
    ["no input", ["run", "MODEL"], "expected an input file"],
  ])("ends with 2 for %s, and says what is wrong", (_, args, message) => {
    const { status, stderr, stdout } = circulant(args.map((arg) => (arg === "MODEL" ? model : arg)));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it.each([
    ["a model that is not there", ["inspect", "nowhere.safetensors"], "nowhere.safetensors"],
    ["a model that is none", ["inspect", MAIN], "expected"],
    ["data that are not there", ["eval", "MODEL", "--data", "nowhere"], "nowhere"],
    ["more images than there are", ["verify", "MODEL", "--data", DIGITS, "--count", "501"], "expected 501 test images"],
    ["vectors that are none", ["conform", MAIN], "main.js, line 1"],
  ])("ends with 1 for %s, without a stack", (_, args, message) => {
    const { status, stderr } = circulant(args.map((arg) => (arg === "MODEL" ? model : arg)));
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});

describe("circulant eval", () => {
  it("gives one JSON object with accuracy, count, bytes and time", () => {
    const result = JSON.parse(circulant(["eval", model, "--data", DIGITS, "--json"]).stdout);
    expect(result).toMatchObject({ count: 500, bytes: readFileSync(model).length, backend: "wasm" });
    expect(result.accuracy).toBeGreaterThanOrEqual(0);
    expect(result.accuracy).toBeLessThan(0.5);
    expect(result.microsecondsPerInference).toBeGreaterThan(0);
  });

  it("gives the same accuracy on the reference", () => {
    const accuracy = (backend: string) =>
      JSON.parse(circulant(["eval", model, "--data", DIGITS, "--json", "--backend", backend]).stdout).accuracy;
    expect(accuracy("reference")).toBe(accuracy("wasm"));
  });
});

describe("circulant run", () => {
  it("takes an image of a folder", () => {
    const { status, stdout } = circulant(["run", model, "--data", DIGITS, "--index", "3"]);
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.startsWith(">"))).toHaveLength(1);
    expect(stdout.trim().split("\n")).toHaveLength(10);
  });

  it("takes a batch of JSON from standard input", () => {
    const rows = JSON.stringify([Array(784).fill(0.5), Array(784).fill(-0.25)]);
    const result = JSON.parse(circulant(["run", model, "-", "--json"], rows).stdout);
    expect(result.dims).toEqual([2, 10]);
    expect(result.output).toEqual(result.words.map((word: number) => word / 2 ** result.fractionBits));
  });

  it.each([
    ["no JSON", "[1,"],
    ["rows of two lengths", "[[1,2],[3]]"],
    ["no numbers", '["a"]'],
    ["too few numbers", "[1,2,3]"],
  ])("refuses %s", (_, input) => {
    expect(circulant(["run", model, "-"], input).status).toBe(1);
  });
});

describe("circulant inspect", () => {
  it("shows every operation, the compression and the memory plan that a session takes", () => {
    const { stdout } = circulant(["inspect", model]);
    expect(stdout).toMatch(/op2 .* 14 x 14 x 8 .* 2 x 2 of 4/);
    expect(stdout).toMatch(/op6 .* 1 x 1 x 40 .* 3 x 25 of 16/);
    expect(stdout).toContain("times smaller");
    const { memory } = JSON.parse(circulant(["inspect", model, "--json"]).stdout);
    expect(memory.tensors).toBe(memory.plannedTensors);
    expect(memory.tensors).toBeGreaterThanOrEqual(2 * (784 + 14 * 14 * 8));
  });
});

describe("circulant verify", () => {
  it("ends with 0 and no differing word", () => {
    const { status, stdout } = circulant(["verify", model, "--data", DIGITS, "--count", "3", "--stalls", "7"]);
    expect(stdout).toMatch(/wasm: 0 of \d+ words differ/);
    expect(stdout).toMatch(/rtl \(wasm\): 0 of \d+ words differ/);
    expect(stdout).toMatch(/\d+ cycles an inference/);
    expect(status).toBe(0);
  });

  it("ends with 1 on a planted fault and names its place", () => {
    const args = ["verify", model, "--data", DIGITS, "--count", "2", "--on", "rtl", "--plant", "schedule"];
    const { status, stdout } = circulant(args);
    expect(status).toBe(1);
    expect(stdout).toContain("first difference: vector 0, operation 1, spectra, block 0, stage 1, index");
  });

  it("takes the images that emit wrote, and sees one flipped bit in each", () => {
    const out = join(folder, "engine");
    expect(circulant(["emit", model, "--out", out]).status).toBe(0);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["circulant_engine.v", "weights.hex", "parameters.vh"]));
    const args = ["verify", model, "--data", DIGITS, "--count", "2", "--on", "rtl", "--images", out, "--rtl", out];
    expect(circulant(args).stdout).toMatch(/: 0 of \d+ words differ/);
    for (const [file, line, place] of [
      ["weights.hex", 70, "accumulators"],
      ["twiddles.hex", 2, "stage 4"],
      ["bias.hex", 5, "outputs, block 45, index 5"],
    ] as const) {
      const whole = readFileSync(join(out, file), "utf8");
      const words = whole.split("\n");
      words[line] =
        words[line].slice(0, -2) +
        (Number.parseInt(words[line].at(-2) ?? "0", 16) ^ 1).toString(16) +
        words[line].at(-1);
      writeFileSync(join(out, file), words.join("\n"));
      const { status, stdout } = circulant(args);
      expect(status, file).toBe(1);
      expect(stdout, file).toContain(place);
      writeFileSync(join(out, file), whole);
    }
  });
});

describe("circulant conform", () => {
  const vector = (y: readonly number[]) =>
    JSON.stringify({ op: "rfft", k: 4, schedule: [0, 1], x: [1, -2, 30000, 32767], y });

  it("passes a vector of the arithmetic on every realisation, and fails one that is wrong by one bit", () => {
    const y = [...(REFERENCE.rfft(Int16Array.of(1, -2, 30000, 32767), 2) as Int16Array)];
    const good = join(folder, "good.jsonl");
    const bad = join(folder, "bad.jsonl");
    writeFileSync(good, vector(y));
    writeFileSync(bad, vector([y[0], y[1] ^ 1, y[2], y[3]]));
    const passed = circulant(["conform", good]);
    expect(passed.stdout.trim().split("\n").at(-1)).toBe("3 passed, 0 failed");
    expect(passed.status).toBe(0);
    const failed = circulant(["conform", bad]);
    expect(failed.stdout.trim().split("\n").at(-1)).toBe("0 passed, 3 failed");
    expect(failed.stdout).toContain(`word 1: expected ${y[1] ^ 1}, got ${y[1]}`);
    expect(failed.status).toBe(1);
  });
});
