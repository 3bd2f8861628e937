import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { addCompare } from "../../src/cli/compare.ts";
import { loadModel } from "../../src/cli/files.ts";
import { pixelInputs } from "../../src/cli/inputs.ts";
import { traceReference } from "../../src/conform/trace.ts";
import { readImageSet } from "../../src/data/read.ts";
import { rfft } from "../../src/fft/transform.ts";
import type { ModelOperation } from "../../src/model/model.ts";
import { hexDump } from "../conform/doctor.ts";
import { runCommand } from "./run-command.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const MODEL = path("models/mnist-mlp.safetensors");
const DIGITS = path("examples/digits");
const INPUT = ["--data", DIGITS, "--index", "3"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-compare-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = undefined;
});

const { model } = loadModel(MODEL);
const x = pixelInputs(model, readImageSet(DIGITS, "test").images, 4)[3];

/** A tensor of the reference, of a network that may have been altered. */
function tensorOf(operation: number, tensor: string, operations: readonly ModelOperation[] = model.operations) {
  const found = traceReference(operations, x, false).find((it) => it.operation === operation && it.tensor === tensor);
  return found?.words ?? new Int16Array();
}

/** Runs the command on a dump and gives its output and exit code. */
async function compare(text: string, args: readonly string[], model = MODEL, name = "dump.hex") {
  const dump = join(folder, name);
  writeFileSync(dump, text);
  const { out } = await runCommand([addCompare], ["compare", model, "--against", dump, ...args]);
  return { out, code: process.exitCode ?? 0 };
}

describe("circulant compare", () => {
  it("says that a right dump is equal", async () => {
    const { out, code } = await compare(hexDump(tensorOf(3, "outputs")), INPUT);
    expect(out).toMatch(/^equal: 10 words of outputs of operation 3, .*dump\.hex \(hexadecimal, 4 digits\)\n$/);
    expect(code).toBe(0);
  });

  it("names place, cause and remedy of a dump without biases, in one operation or all", async () => {
    const without = (scope: (number: number) => boolean) =>
      model.operations.map((it, i) => ("bias" in it && scope(i) ? { ...it, bias: it.bias.map(() => 0) } : it));
    const dump = (operations: readonly ModelOperation[]) => hexDump(tensorOf(2, "outputs", operations));
    const one = await compare(dump(without((i) => i === 2)), [...INPUT, "--operation", "2"]);
    expect(one.code).toBe(1);
    expect(one.out).toContain("first difference: word ");
    expect(one.out).toContain("operation 2, outputs, block ");
    expect(one.out).toContain("cause: no bias is added [bias-missing] (in operation 2)");
    expect(one.out).toContain("explains all 1024 words that can be compared");
    expect(one.out).toContain("remedy: add the bias to the inverse transform");
    const all = await compare(dump(without(() => true)), [...INPUT, "--operation", model.operations[2].name]);
    expect(all.out).toContain("cause: no bias is added [bias-missing] (in all operations)");
  });

  it("gives the same as JSON", async () => {
    const words = tensorOf(1, "transforms");
    const dump = hexDump(words.map((word) => (word << 8) | ((word >> 8) & 255)));
    const { out } = await compare(dump, [...INPUT, "--tensor", "transforms", "--operation", "1", "--json"]);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ operation: 1, tensor: "transforms", words: 1024, expectedWords: 1024 });
    expect(report.explanations[0]).toMatchObject({ conventions: [{ name: "byte-swapped" }], isWhole: true });
    expect(report.first).toMatchObject({ vector: 0, tensor: "transforms", block: 0 });
  });

  it("reads the words that went in, a column of a table, and a stage", async () => {
    const input = join(folder, "input.hex");
    writeFileSync(input, hexDump(x));
    const stages = traceReference(model.operations, x, true);
    const stage = stages.find((it) => it.operation === 1 && it.tensor === "spectra" && it.stage === 3);
    const rows = Array.from(stage?.words ?? [], (word, i) => `${i},${word},1`);
    const args = ["--input", input, "--tensor", "spectra", "--operation", "1", "--stage", "3", "--column", "word"];
    const { out } = await compare(`n,word,other\n${rows.join("\n")}\n`, args, MODEL, "dump.csv");
    expect(out).toContain(`equal: ${rows.length} words of spectra of operation 1`);
  });

  it("says where a dump ends too early", async () => {
    const { out, code } = await compare(hexDump(tensorOf(1, "outputs").slice(0, 1000)), [...INPUT, "--operation", "1"]);
    expect(out).toContain("the dump ends early: all of its 1000 words are equal, 24 are missing");
    expect(code).toBe(1);
  });

  it("holds conformance vectors against a dump of a bare transform", async () => {
    const block = Int16Array.from({ length: 32 }, (_, i) => ((i * 7919) % 20001) - 10000);
    const vectors = join(folder, "v.jsonl");
    const row = { op: "rfft", k: 32, schedule: [1, 1, 0, 0, 0], x: [...block], y: [...rfft(block, 3)] };
    writeFileSync(vectors, `${JSON.stringify(row)}\n`);
    const { out } = await compare(hexDump(rfft(block, 0b11000)), ["--vector", "1"], vectors);
    expect(out).toContain("took the scaling schedule in reverse");
  });

  it.each<[string, readonly string[], string]>([
    ["no input", [], "input: expected --input with the words that went in, or --data with --index"],
    ["an operation that is not there", [...INPUT, "--operation", "9"], "--operation: expected one of 0 "],
    ["an arrangement that is none", [...INPUT, "--as", "upside-down"], "--as: expected location-order"],
    ["a stage that is not there", [...INPUT, "--tensor", "spectra", "--stage", "12"], "--stage: expected a stage"],
    ["an image that is not there", ["--data", DIGITS, "--index", "5000"], "--index: expected images 0 to 499"],
  ])("with %s is refused", async (_, args, message) => {
    await expect(compare("0001\n", args)).rejects.toThrow(message);
  });
});
