import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDoctor } from "../../src/cli/doctor.ts";
import { holdTo, type Measured, runtimeSizes } from "../../src/cli/examine.ts";
import { TARGETS, type TargetName } from "../../src/cli/targets.ts";
import { ModelFileError } from "../../src/index.ts";
import { writeModel } from "../../src/model/write.ts";
import { createRandom } from "../contract/random.ts";
import { modelBuilder } from "../model/random-model.ts";
import { runCommand } from "./run-command.ts";

const MLP = fileURLToPath(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const SIZES = { inline: { bytes: 1000, gzipBytes: 400 }, module: { bytes: 900, gzipBytes: 300 } };
const MEASURED: Measured = { startMs: 5, inferenceMs: 0.5, grownBytes: 1e6, memoryBytes: 2e6 };

/** A file of 4 MB that does not compress to 1 MB. */
function largeModel(): Uint8Array {
  const random = createRandom(5);
  const builder = modelBuilder({ shape: [1, 1, 1024], fractionBits: 8, mean: 0, deviation: 1 });
  const weights = Int16Array.from({ length: 1024 * 2048 }, () => random(120) - 60);
  const sides = { in: 1024, out: 2048, k: 1, forward: 0, inverse: 0, shift: 8 };
  const activation = { kind: "identity" } as const;
  builder.push("dense", { op: "dense", ...sides, activation, weights, bias: new Int16Array(2048) }, [0]);
  return writeModel(builder.build());
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exit status and report of a fresh process. */
function doctor(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "doctor", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("what a model is held to", () => {
  const hold = (name: TargetName, measured: Partial<Measured> = {}, bytes = new Uint8Array(5000), margin = 4) =>
    holdTo(TARGETS[name], { bytes, measured: { ...MEASURED, ...measured }, sizes: SIZES }, margin);
  const refused = (...args: Parameters<typeof hold>) =>
    hold(...args)
      .filter(({ fits }) => !fits)
      .map(({ what }) => what);

  it.each(Object.keys(TARGETS) as TargetName[])(
    "%s takes a small model, and names who published each limit",
    (name) => {
      expect(refused(name)).toEqual([]);
      for (const { source } of hold(name)) expect(source).toMatch(/^https:\/\//);
    },
  );

  it("counts runtime and model, in bytes and compressed", () => {
    const bytes = new Uint8Array(5000);
    const got = (name: TargetName) => Object.fromEntries(hold(name).map((check) => [check.what, check.got]));
    expect(got("workers").bytes).toBe(900 + 5000);
    expect(got("vercel").gzipBytes).toBe(300 + gzipSync(bytes).length);
    expect(got("lambda")).toMatchObject({ bytes: 1000 + 5000, gzipBytes: 400 + gzipSync(bytes).length });
  });

  it("multiplies times by the margin, and takes memory as planned or as grown, whichever is more", () => {
    const got = (measured: Partial<Measured>) =>
      Object.fromEntries(hold("workers-free", measured).map((check) => [check.what, check.got]));
    expect(got({})).toMatchObject({ inferenceMs: 2, startMs: 20, memoryBytes: 2e6 + 5000 });
    expect(got({ grownBytes: 3e6 }).memoryBytes).toBe(3e6);
  });

  it.each([
    ["workers-free", { inferenceMs: 2.6 }, "inferenceMs"],
    ["workers-free", { startMs: 251 }, "startMs"],
    ["workers", { memoryBytes: 128e6 }, "memoryBytes"],
    ["browser", { inferenceMs: 12.6 }, "inferenceMs"],
    ["node", { memoryBytes: 2 ** 32 }, "memoryBytes"],
  ] as const)("%s refuses %o by its %s", (name, measured, what) => {
    expect(refused(name, measured)).toEqual([what]);
  });

  it("vercel refuses a model that does not compress to its size", () => {
    let word = 1;
    const noise = Uint8Array.from({ length: 1e6 }, () => {
      word = (Math.imul(word, 1664525) + 1013904223) | 0;
      return word >>> 24;
    });
    expect(refused("vercel", {}, noise)).toEqual(["gzipBytes"]);
    expect(refused("workers-free", {}, noise)).toEqual([]);
    expect(refused("workers-free", {}, new Uint8Array(64 * 2 ** 20))).toEqual(["bytes"]);
  });
});

describe("circulant doctor", () => {
  it("says what the engine can do", () => {
    const { status, stdout } = doctor("--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, backend: "wasm", engine: { webAssembly: true, simd: true } });
    expect(doctor().stdout).toMatch(
      /wasm +yes, SIMD yes, relaxed SIMD (yes|no)\nthreads +yes, shared memory yes\nruns +the (plain|relaxed)/,
    );
  });

  it("holds a model to every target", () => {
    const { status, stdout } = doctor(MLP, "--json");
    expect(status).toBe(0);
    const { verdicts, measured, sizes } = JSON.parse(stdout);
    expect(verdicts.map(({ target }: { target: string }) => target)).toEqual(Object.keys(TARGETS));
    expect(measured.memoryBytes).toBeGreaterThan(65536);
    expect(measured.inferenceMs).toBeGreaterThan(0);
    expect(sizes).toEqual(runtimeSizes());
  });

  it("ends with 1 and the reason where the model does not fit the target", () => {
    const file = join(folder, "large.safetensors");
    writeFileSync(file, largeModel());
    const { status, stdout } = doctor(file, "--target", "vercel");
    expect(status).toBe(1);
    expect(stdout).toMatch(/vercel: the same, gzip: expected at most 1,000,000 bytes, got [12],[\d,]+ bytes \(https:/);
    expect(stdout).toMatch(/large\.safetensors: does not fit Vercel/);
    expect(doctor(file, "--target", "node").status).toBe(0);
  });

  it("ends with 1 on an engine that cannot run the kernels", () => {
    const args = ["--jitless", MAIN, "doctor", MLP, "--json"];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, backend: "none", problem: "NO_WEBASSEMBLY" });
  });

  it("refuses what is no model, and a target that it does not know", async () => {
    const page = join(folder, "page");
    writeFileSync(page, "<html>");
    await expect(runCommand([addDoctor], ["doctor", page])).rejects.toThrow(ModelFileError);
    await expect(runCommand([addDoctor], ["doctor", MLP, "--target", "moon"])).rejects.toThrow(/Allowed choices/);
    await expect(runCommand([addDoctor], ["doctor", MLP, "--margin", "0"])).rejects.toThrow(/from 1 to 1000/);
  });
});

it("the sizes of the runtime are those of the build", () => {
  const { inline, module } = runtimeSizes();
  const bundle = readFileSync(new URL("../../dist/bundle.js", import.meta.url));
  const wasm = statSync(new URL("../../dist/kernels/kernels.wasm", import.meta.url)).size;
  expect(inline).toEqual({ bytes: bundle.length, gzipBytes: gzipSync(bundle, { level: 9 }).length });
  expect(module.bytes).toBeGreaterThan(wasm);
  expect(module.bytes).toBeLessThan(inline.bytes);
});
