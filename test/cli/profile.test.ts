import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawProfile } from "../../src/cli/profile-picture.ts";
import { formatProfile, totalOf } from "../../src/cli/profile-table.ts";
import { addRun } from "../../src/cli/run.ts";
import type { Profile } from "../../src/index.ts";
import { runCommand } from "./run-command.ts";

const MODEL = fileURLToPath(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const DIGITS = fileURLToPath(new URL("../../examples/digits", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runCommand([addRun], ["run", MODEL, ...args]);

/** A profile of whole numbers, one name of letters that SVG keeps for itself. */
const PROFILE: Profile = {
  backend: "wasm",
  runs: 3,
  operations: [
    {
      ...{ name: "<a> & b", op: "conv2d", shape: [4, 4, 8], k: 4, microseconds: 30, share: 0.75 },
      ...{ weightBytes: 100, constantBytes: 128, denseOperations: 6e6, operations: 2000, denseGops: 200 },
    },
    {
      ...{ name: "an operation of a long name", op: "flatten", shape: [1, 1, 128], microseconds: 10, share: 0.25 },
      ...{ weightBytes: 0, constantBytes: 0, denseOperations: 0, operations: 0, denseGops: 0 },
    },
  ],
  microseconds: 50,
  operationMicroseconds: 40,
  missedMicroseconds: 10,
  clockMicroseconds: 1,
};

describe("circulant run --profile", () => {
  it("prints a line for each operation, the inference and the sum", async () => {
    const { out } = await run("--profile", "--runs", "1", "--data", DIGITS, "--index", "3");
    for (const name of ["flatten1", "dense1", "dense2", "dense3"]) expect(out).toMatch(new RegExp(`│ ${name} +│`));
    expect(out).toMatch(/dense1 +│ dense +│ 1024 +│ 64 +│ +[\d.]+ +│ [\d.]+ % +│ [█▏▎▍▌▋▊▉]+ +│ 28672 +│ 1\.61 M/);
    expect(out).toMatch(/\ninference +[\d.]+ us as one call \(wasm, median of 1\)\nsum +[\d.]+ us .*\ndense GOPS \d/);
  });

  it("gives the data as JSON, on zeros without an input, by the reference too", async () => {
    for (const backend of ["wasm", "reference"]) {
      const { out } = await run("--profile", "--runs", "1", "--json", "--backend", backend);
      const profile = JSON.parse(out) as Profile;
      expect(profile.backend).toBe(backend);
      expect(profile.operations.map(({ name, k }) => [name, k])).toEqual([
        ["flatten1", undefined],
        ["dense1", 64],
        ["dense2", 64],
        ["dense3", 16],
      ]);
      expect(totalOf(profile)).toMatchObject({ denseOperations: 2 * (784 * 1024 + 1024 * 1024 + 1024 * 10) });
    }
  });

  it("draws a picture that needs nothing but itself", async () => {
    const file = join(folder, "new", "profile.svg");
    const { out } = await run("--profile-out", file, "--runs", "1");
    expect(out).toContain("inference");
    const svg = readFileSync(file, "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain("mnist-mlp.safetensors: ");
    expect(svg).not.toMatch(/href|url\(|@import|<script|NaN|Infinity/);
  });

  it("refuses rounds without a profile, none of them, and a place that is a folder", async () => {
    await expect(run("--runs", "3", "--data", DIGITS, "--index", "0")).rejects.toThrow("--profile");
    await expect(run("--profile", "--runs", "0")).rejects.toThrow("whole number from 1 up");
    await expect(run("--profile-out", folder)).rejects.toThrow(`${folder}: expected a place that can be written`);
  });
});

describe("a profile", () => {
  it("is a table whose longest bar is the longest operation", () => {
    const lines = formatProfile(PROFILE).split("\n");
    expect(lines.find((line) => line.includes("<a> & b"))).toContain(
      `│ 30.0 │ 75.0 % │ ${"█".repeat(20)} │ 100   │ 6.00 M`,
    );
    expect(lines.find((line) => line.includes("long name"))).toContain(`│ 10.0 │ 25.0 % │ ${"█".repeat(6)}▋`);
    expect(lines.slice(-4, -1).join("\n")).toBe(
      "inference  50.0 us as one call (wasm, median of 3)\n" +
        "sum        40.0 us of operations timed by themselves; it misses 10.0 us, 20.0 % of the inference\n" +
        "dense GOPS 120 of the whole: two operations for each weight and window of the dense form, in the time of the inference",
    );
    const less = { ...PROFILE, microseconds: 38, missedMicroseconds: -2 };
    expect(formatProfile(less)).toContain("it is 2.00 us, 5.3 %, more than the inference");
  });

  it("is a strip as wide as the plot, divided by the shares", () => {
    const svg = drawProfile(PROFILE, "model");
    const strip = [...svg.matchAll(/<rect class="edge" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)];
    expect(strip.map(([, x, width]) => [x, width])).toEqual([
      ["24.0", "624.0"],
      ["648.0", "208.0"],
    ]);
    expect(svg).toContain(">&lt;a&gt; &amp; b</text>");
    expect(svg).toContain(">an operatio…</text>");
    expect(svg).toContain("<title>an operation of a long name (flatten): 10.0 us, 25.0 %");
  });
});
