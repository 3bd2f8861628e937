import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { addVerify } from "../../src/cli/verify.ts";
import { writeModel } from "../../src/model/write.ts";
import { createRandom } from "../contract/random.ts";
import { narrowNetwork } from "../rtl/narrow.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "circulant-narrow-"));
const MODEL = join(folder, "narrow.safetensors");
const COUNT = 2;

beforeAll(() => {
  const { model } = narrowNetwork(9);
  writeFileSync(MODEL, writeModel(model));
  const [height, width, channels] = model.input.shape;
  const random = createRandom(1);
  mkdirSync(join(folder, "test/class"), { recursive: true });
  for (let i = 0; i < COUNT; i++) {
    const data = Uint8Array.from({ length: height * width * channels }, () => random(256));
    writeFileSync(join(folder, `test/class/${i}.png`), encode({ width, height, channels, data }));
  }
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(...options: readonly string[]) {
  const args = ["verify", MODEL, "--data", folder, "--count", String(COUNT), "--blocks", "3", "--json"];
  const { out } = await runCommand([addVerify], [...args, ...options]);
  return (JSON.parse(out) as { reports: { name: string; words: number; differing: number }[] }).reports;
}

describe("circulant verify of a model with weights of 9 bits", () => {
  it("finds no differing word in the kernels and both engines, narrow and of 16 bits", async () => {
    for (const bits of [["--weight-bits", "9"], []]) {
      const reports = await verify("--on", "wasm,rtl,pipeline", ...bits);
      expect(reports.map(({ name }) => name)).toEqual([expect.any(String), "rtl (wasm)", "pipeline (wasm)"]);
      for (const { words, differing } of reports) {
        expect(words).toBeGreaterThan(1000);
        expect(differing).toBe(0);
      }
    }
    expect(process.exitCode).toBeUndefined();
  });

  it("ends with 1 on one wrong bit of a narrow weight", async () => {
    const [{ differing }] = await verify("--on", "rtl", "--weight-bits", "9", "--plant", "weight");
    expect(differing).toBeGreaterThan(0);
    expect(process.exitCode).toBe(1);
  });

  it("refuses an engine that does not hold the weights", async () => {
    for (const engine of ["rtl", "pipeline"]) {
      await expect(verify("--on", engine, "--weight-bits", "8")).rejects.toThrow(
        "WEIGHT_BITS: expected weights of at most 8 bits",
      );
    }
  });
});
