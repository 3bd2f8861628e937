import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShippedSimulation } from "../../src/rtl/simulate/shipped.ts";
import { ROOT } from "./bundle.ts";

/** Most bytes of compiled simulations, compressed as in a tarball, that the package carries. */
const MOST_BYTES = 256 * 1024;

function npm(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The folders of the packages that are needed, as npm installs them where nothing optional is asked for. */
function neededPackages(): readonly string[] {
  const omit = ["dev", "optional", "peer"].map((kind) => `--omit=${kind}`);
  return npm("ls", ...omit, "--all", "--parseable")
    .trim()
    .split("\n")
    .map((folder) => relative(ROOT, folder))
    .filter((folder) => folder.startsWith("node_modules"));
}

let folder = "";
let home = "";

/** Runs the command of the unpacked package where there is Node and nothing else. */
function circulant(...args: readonly string[]) {
  const env = { PATH: "", HOME: folder, TMPDIR: join(folder, "tmp") };
  return spawnSync(process.execPath, [join(home, "dist/cli/main.js"), ...args], { cwd: home, encoding: "utf8", env });
}

const VERIFY = ["verify", "models/mnist-mlp.safetensors", "--data", "examples/digits", "--on", "rtl", "--json"];

describe("the packed package without Yosys, binaryen or any tool", { timeout: 600_000 }, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-tarball-"));
    mkdirSync(join(folder, "tmp"));
    const [{ filename }] = JSON.parse(npm("pack", "--json", "--ignore-scripts", "--pack-destination", folder));
    spawnSync("tar", ["xzf", join(folder, filename), "-C", folder]);
    home = join(folder, "node_modules/circulant");
    cpSync(join(folder, "package"), home, { recursive: true });
    for (const needed of neededPackages()) cpSync(join(ROOT, needed), join(folder, needed), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("lacks the packages that build simulations", () => {
    const { resolve } = createRequire(join(home, "package.json"));
    expect(() => resolve("@yowasp/yosys")).toThrow();
    expect(() => resolve("binaryen")).toThrow();
    expect(() => resolve("commander")).not.toThrow();
  });

  it("verifies 100 digits on the simulated RTL, no word differing", () => {
    const { stdout, stderr, status } = circulant(...VERIFY, "--count", "100");
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const [report] = JSON.parse(stdout).reports;
    expect(report).toMatchObject({ name: "rtl (wasm)", vectors: 100, differing: 0 });
    expect(report.words).toBeGreaterThan(3_000_000);
    expect(report.cycles).toHaveLength(100);
  });

  it("verifies digits on the simulated streaming engine, no word differing", () => {
    const pipeline = VERIFY.map((argument) => (argument === "rtl" ? "pipeline" : argument));
    const { stdout, stderr, status } = circulant(...pipeline, "--count", "3");
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(stdout).reports[0]).toMatchObject({ name: "pipeline (wasm)", vectors: 3, differing: 0 });
  });

  it("finds a planted fault, and writes its waveforms", () => {
    const waves = join(folder, "waves.vcd");
    const { stdout, status } = circulant(...VERIFY, "--count", "1", "--plant", "twiddle", "--wave", waves);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).reports[0].differing).toBeGreaterThan(0);
    expect(readFileSync(waves, "utf8")).toMatch(/\$scope module u_transform \$end/);
  });

  it("says what to install for a design that it does not carry", () => {
    const { stderr, status } = circulant(...VERIFY, "--count", "1", "--lanes", "2");
    expect(status).toBe(1);
    expect(stderr).toMatch(/expected the package, .* got none; npm install @yowasp\/yosys@[\d.]+ binaryen@[\d.]+\n$/);
  });

  it("carries a simulation of each design of the list, as this RTL and this simulator make it", async () => {
    const built = (file: string) => import(pathToFileURL(join(home, "dist/rtl", file)).href);
    const { shippedDesigns }: typeof import("../../src/rtl/shipped.ts") = await built("shipped.js");
    const { simulationDigest }: typeof import("../../src/rtl/simulate/build.ts") = await built("simulate/build.js");
    const list: ShippedSimulation[] = JSON.parse(readFileSync(join(home, "dist/simulations/simulations.json"), "utf8"));
    const digests = shippedDesigns().map(({ name, design }) => ({ name, digest: simulationDigest(design) }));
    expect(list.map(({ name, digest }) => ({ name, digest }))).toEqual(digests);
    const files = list.map(({ file }) => readFileSync(join(home, "dist/simulations", file)));
    expect(files.map(({ length }) => length)).toEqual(list.map(({ bytes }) => bytes));
    expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThanOrEqual(MOST_BYTES);
  });
});
