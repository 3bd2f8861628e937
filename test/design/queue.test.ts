import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDesign } from "../../src/design/config.ts";
import { JOURNAL } from "../../src/design/journal.ts";
import { openQueue } from "../../src/design/queue/dispatcher.ts";
import { design } from "../../src/design/run.ts";
import { RuntimeError } from "../../src/errors.ts";
import { comparable } from "./comparable.ts";
import { digitsIn, SMALL } from "./config.ts";

const MAIN = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (process.env.REQUIRE_RTL_TOOLS && !hasRedis) throw new Error("redis-server is required here and not installed");
const name = hasRedis ? "the queue on Redis" : "the queue on Redis (skipped: redis-server is not installed)";

/** Rounds long enough for a worker to be killed in one. */
const CONFIG = parseDesign({
  ...SMALL,
  search: { ...SMALL.search, rungs: [{ epochs: 40, rate: 0.005, keep: 3 }, SMALL.search.rungs[1]] },
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Resolves when a process has written what matches. */
function written(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`ended with ${code} before ${pattern}: ${text}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        text += chunk;
        const found = pattern.exec(text);
        if (found) resolve(found[0]);
      });
    }
  });
}

const gone = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));

describe.skipIf(!hasRedis)(name, { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "circulant-queue-"));
  const children: ChildProcess[] = [];
  let data = "";
  let url = "";

  const startWorker = () => {
    const child = spawn(process.execPath, [MAIN, "design", "--worker", url, "--data", data, "--workers", "1"]);
    children.push(child);
    return child;
  };

  beforeAll(async () => {
    data = digitsIn(folder);
    const port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    const redis = spawn("redis-server", ["--port", String(port), "--save", "", "--appendonly", "no", "--dir", folder]);
    children.push(redis);
    await written(redis, /Ready to accept connections/);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(gone));
    rmSync(folder, { recursive: true });
  });

  it("gives the run of this machine, each job once, though a worker is killed in the middle of one", async () => {
    const alone = await design(CONFIG, { data, out: join(folder, "alone"), workers: 2 });

    const [first, second] = [startWorker(), startWorker()];
    await Promise.all([first, second].map((child) => written(child, /waiting for jobs/)));
    const killed = written(first, /train \S+ 0: begun/).then((line) => {
      first.kill("SIGKILL");
      return line;
    });
    const out = join(folder, "queued");
    const queued = await design(CONFIG, { data, out, workers: 2, dispatcher: await openQueue(url, CONFIG) });

    const lost = (await killed).replace(": begun", "");
    expect(first.signalCode).toBe("SIGKILL");
    const [, ...lines] = readFileSync(join(out, JOURNAL), "utf8").trim().split("\n");
    const ids = lines.map((line) => JSON.parse(line).id as string);
    expect(ids).toContain(lost);
    expect(new Set(ids).size).toBe(ids.length);
    const [, ...own] = readFileSync(join(folder, "alone", JOURNAL), "utf8")
      .trim()
      .split("\n");
    expect([...ids].sort()).toEqual(own.map((line) => JSON.parse(line).id).sort());
    expect(comparable(queued)).toEqual(comparable(alone));
    second.kill("SIGTERM");
    await gone(second);
    expect(second.exitCode).toBe(0);
  });

  it("names images that are not those of the run", async () => {
    const worker = startWorker();
    await written(worker, /waiting for jobs/);
    const dispatcher = (await openQueue(url, CONFIG))({ config: "a".repeat(64), data: "b".repeat(64) });
    const job = { id: "start", job: { kind: "start" } as const, files: {}, threads: 1 };
    await expect(dispatcher.submit(job, () => {})).rejects.toThrow(/expected images of SHA-256 bbbb/);
    await dispatcher.close();
    worker.kill("SIGTERM");
    await gone(worker);
  });
});

it("a queue where no server is, is an error that says so", async () => {
  const port = await freePort();
  const error = await openQueue(`redis://127.0.0.1:${port}`, CONFIG).catch((caught) => caught);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error.message).toMatch(/expected a Redis server, got .*; start one, redis-server/);
});
