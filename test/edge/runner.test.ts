import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = mkdtempSync(join(tmpdir(), "circulant-edge-"));

/** Runs rows of the working tree's package, with no program on the path but Node. */
function runRows(...args: readonly string[]) {
  const given = ["runtime-tests/run.mjs", "--package", root, "--cache", cache, "--repeats", "1", ...args];
  const { status, stdout } = spawnSync(process.execPath, given, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: "" },
  });
  return { status, stdout, lastLine: stdout.trim().split("\n").at(-1) };
}

afterAll(() => rmSync(cache, { recursive: true, force: true }));

describe("the runner of the runtime tests", () => {
  it("passes a row whose words are the reference's", () => {
    const { status, stdout, lastLine } = runRows("--only", "this Node");
    expect(lastLine).toBe("1 passed, 0 failed, 0 skipped");
    expect(stdout).toMatch(/\| this Node +\| [\d.]+ +\| V8 .* \| equal +\|/);
    expect(status).toBe(0);
  });

  it("fails the row with one bit of a weight flipped", () => {
    const { status, stdout, lastLine } = runRows("--only", "this Node", "--plant");
    expect(lastLine).toBe("0 passed, 1 failed, 0 skipped");
    expect(stdout).toMatch(/failed: this Node: mnist-mlp: expected the digest [\da-f]{64}, got [\da-f]{64}/);
    expect(status).toBe(1);
  });

  it("skips by name what is not installed, and fails for it if strict", () => {
    const loose = runRows("--only", "wasm-interp");
    expect(loose.stdout).toContain("skipped: wasm-interp, no JavaScript: wasm-interp is not installed (Debian: wabt)");
    expect(loose.lastLine).toBe("0 passed, 0 failed, 1 skipped");
    expect(loose.status).toBe(0);
    expect(runRows("--only", "wasm-interp", "--strict").status).toBe(1);
  });

  it("refuses a name that no row has", () => {
    expect(runRows("--only", "a runtime that is not").status).toBe(2);
  });
});

describe("models/golden.json", () => {
  it("has the digests that the zoo has from the kernels", () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, "models", path), "utf8"));
    const zoo: { name: string; sample: { outputs: string } }[] = read("zoo.json");
    for (const [name, golden] of Object.entries<{ sha256: string }>(read("golden.json").models)) {
      expect(zoo.find((entry) => entry.name === name)?.sample.outputs).toBe(golden.sha256);
    }
  });
});
