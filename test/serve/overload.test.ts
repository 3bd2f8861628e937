import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RuntimeError } from "../../src/errors.ts";
import { createHttpServer, type HttpOptions } from "../../src/serve/node/http.ts";
import { createPool, type Pool } from "../../src/serve/node/pool.ts";
import { createTurns } from "../../src/serve/node/turns.ts";
import { createResponder } from "../../src/serve/respond.ts";
import { type ServedModel, servedSession } from "../../src/serve/served-model.ts";
import { digits, MODEL_BYTES, openSession, tensor } from "./clients.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  vi.restoreAllMocks();
});

const session = openSession();
const pixels = digits(1);

/** A server whose inferences end only when they are let go. */
async function slowServer(options: Partial<HttpOptions> = {}) {
  const held: (() => void)[] = [];
  let isOpen = false;
  const model: ServedModel = {
    ...servedSession(session),
    async run(numbers) {
      if (!isOpen) await new Promise<void>((resolve) => held.push(resolve));
      return session.runSync({ input: numbers }).words.data;
    },
  };
  const respond = createResponder(new Map([["mnist", model]]), { limits: { batch: 4, waiting: 8 } });
  const turns = createTurns();
  const http = createHttpServer(respond, {
    turns,
    isFull: () => turns.waiting() + respond.waiting() >= 8,
    bufferBytes: 2 ** 20,
    arrivalMilliseconds: 60_000,
    maxConnections: 1000,
    isClosing: () => false,
    ...options,
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  ends.push(() => http.close());
  const open = () => {
    isOpen = true;
    for (const go of held.splice(0)) go();
  };
  return { port: (http.address() as AddressInfo).port, respond, open };
}

const body = (items: number) => {
  const data = Array(items)
    .fill([...pixels])
    .flat();
  return JSON.stringify({ inputs: [tensor("UINT8", [items, 784], { data })] });
};

async function post(port: number, text: string) {
  const headers = { "content-type": "application/json", connection: "close" };
  const response = await fetch(`http://127.0.0.1:${port}/v2/models/mnist/infer`, {
    method: "POST",
    headers,
    body: text,
  });
  return { status: response.status, retry: response.headers.get("retry-after"), json: await response.json() };
}

describe("a server with more requests than it takes", () => {
  it("answers 503 with Retry-After at once, and all of the others once they are done", async () => {
    const { port, respond, open } = await slowServer();
    const words = [...session.runSync({ input: pixels }).words.data];
    const refused: unknown[] = [];
    const answers = Array.from({ length: 100 }, async () => {
      const answer = await post(port, body(1));
      if (answer.status === 503) refused.push(answer);
      return answer;
    });
    while (refused.length < 92) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(respond.waiting()).toBe(8);
    for (const answer of refused) expect(answer).toMatchObject({ status: 503, retry: "1", json: { code: "REQUEST" } });
    open();
    const taken = (await Promise.all(answers)).filter(({ status }) => status !== 503);
    expect(taken.map(({ json }) => json.outputs[1].data)).toEqual(Array(8).fill(words));
    expect(respond.waiting()).toBe(0);
    const later = await Promise.all(Array.from({ length: 8 }, () => post(port, body(1))));
    expect(later.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  it("counts items, not requests: a batch that does not fit is refused, a smaller one taken", async () => {
    const { port, respond, open } = await slowServer();
    const taken = [post(port, body(4)), post(port, body(3))];
    while (respond.waiting() < 7) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await post(port, body(2))).status).toBe(503);
    taken.push(post(port, body(1)));
    while (respond.waiting() < 8) await new Promise((resolve) => setTimeout(resolve, 10));
    open();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("holds no more bytes of bodies than it may", async () => {
    const { port, open } = await slowServer({ bufferBytes: 5000 });
    open();
    expect((await post(port, " ".repeat(5001))).status).toBe(503);
    expect((await post(port, body(1))).status).toBe(200);
  });
});

describe("a pool whose thread ends", () => {
  it("fails its requests, puts another thread in its place with the same models, and runs what waits", async () => {
    const workers = new Set<Worker>();
    const { postMessage } = Worker.prototype;
    vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, ...args) {
      workers.add(this);
      return postMessage.apply(this, args);
    });
    const lost: Error[] = [];
    const pool: Pool = createPool({
      threads: 1,
      batch: 8,
      windowMilliseconds: 0,
      timeoutMilliseconds: 60_000,
      onLost: (error) => lost.push(error),
    });
    ends.push(pool.close);
    const facts = await pool.load("a", MODEL_BYTES);
    expect(facts.output.dims).toEqual([10]);
    const words = session.runSync({ input: pixels }).words.data;
    expect(await pool.run("a", pixels.slice(), 1)).toEqual(words);

    const [first] = workers;
    vi.mocked(Worker.prototype.postMessage).mockImplementationOnce(function (this: Worker) {
      void this.terminate();
    });
    const failing = pool.run("a", pixels.slice(), 1);
    await expect(failing).rejects.toThrow(RuntimeError);
    expect(lost).toHaveLength(1);
    expect(await pool.run("a", pixels.slice(), 1)).toEqual(words);
    expect([...workers].some((worker) => worker !== first)).toBe(true);
    expect(pool.live()).toBe(1);
  });

  it("refuses a file that does not hold in all threads, and keeps none of it", async () => {
    const pool = createPool({ threads: 2, batch: 8, windowMilliseconds: 0, timeoutMilliseconds: 60_000 });
    ends.push(pool.close);
    await expect(pool.load("a", MODEL_BYTES.slice(0, 999))).rejects.toMatchObject({ code: "MODEL_FILE" });
    await expect(pool.run("a", pixels.slice(), 1)).rejects.toThrow("expected one that is loaded");
  });
});
