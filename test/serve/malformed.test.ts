import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "../../src/serve/node/server.ts";
import { createRandom } from "../contract/random.ts";
import { digits, MODEL_FILE, openSession, tensor } from "./clients.ts";
import { malformed, mutated, SMALL_LIMITS } from "./malformed.ts";

const SEED = 2024;
const COUNT = 10_000;
/** Requests after which the engine has compiled what it will. */
const WARM = 4000;

let server: RunningServer;
const faults: string[] = [];
const log = pino({ level: "error" }, { write: (line: string) => void faults.push(line) });

/** Ten thousand requests take long on a busy machine. */
const LONG_MILLISECONDS = 900_000;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

beforeAll(async () => {
  const times = { windowMilliseconds: 0, timeoutMilliseconds: 20_000, watchMilliseconds: 0 };
  const models = [{ name: "mnist", path: MODEL_FILE }];
  server = await startServer({ models, host: "127.0.0.1", port: 0, threads: 1, limits: SMALL_LIMITS, ...times, log });
});
afterAll(async () => {
  agent.destroy();
  await server.close(1000);
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function ask({ method = "POST", path = "/v2/models/mnist/infer", headers = {}, body = "" }: Asked) {
  return new Promise<{ status?: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const isChunked = "transfer-encoding" in headers;
    const length = isChunked ? {} : { "content-length": Buffer.byteLength(body) };
    const call = request({ agent, port: server.port, method, path, headers: { ...headers, ...length } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Asks for 0 .. count - 1, sixteen at a time. */
async function each(count: number, ask: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await ask(next++);
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

async function heapBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

async function expectService(): Promise<void> {
  const pixels = digits(1);
  const inputs = [tensor("UINT8", [1, 784], { data: [...pixels] })];
  const headers = { "content-type": "application/json" };
  const { text } = await ask({ headers, body: JSON.stringify({ inputs, outputs: [{ name: "words" }] }) });
  expect(JSON.parse(text).outputs[0].data).toEqual([...openSession().runSync({ input: pixels }).words.data]);
  const metrics = await ask({ method: "GET", path: "/metrics" });
  expect(metrics.text).toContain("circulant_items_waiting 0\n");
  expect(metrics.text).not.toMatch(/circulant_requests_total\{.*status="5/);
  expect(faults).toEqual([]);
}

it(
  `${COUNT} malformed requests get their typed errors, and nothing grows (seed ${SEED})`,
  async () => {
    const random = createRandom(SEED);
    const counts = new Map<number, number>();
    const one = async (i: number) => {
      const wrong = malformed(i, random);
      const { status, headers, text } = await ask(wrong);
      const what = `request ${i}, ${wrong.what}: ${String(wrong.body).slice(0, 200)}\n${text}`;
      expect([status, JSON.parse(text).code], what).toEqual([wrong.status, wrong.code]);
      expect(JSON.parse(text).error, what).toMatch(/: expected .*/);
      expect(text.length, what).toBeLessThan(500);
      if (status === 405) expect(headers.allow, what).toMatch(/^(GET|POST)$/);
      counts.set(wrong.status, (counts.get(wrong.status) ?? 0) + 1);
    };
    await each(WARM, one);
    const before = await heapBytes();
    await each(COUNT - WARM, one);
    const grown = (await heapBytes()) - before;
    console.info(Object.fromEntries(counts), `grown by ${grown} bytes`);
    expect(grown).toBeLessThan(2 ** 20);
    expect([...counts.keys()].sort()).toEqual([400, 404, 405, 413, 415]);
    await expectService();
  },
  LONG_MILLISECONDS,
);

it(`1,000 valid requests with changed bytes are answered, none by a fault (seed ${SEED + 1})`, async () => {
  const random = createRandom(SEED + 1);
  const statuses = new Set<number | undefined>();
  await each(1000, async () => {
    const { status, text } = await ask(mutated(random));
    statuses.add(status);
    if (status !== 200) expect(["INPUT", "SHAPE", "REQUEST"]).toContain(JSON.parse(text).code);
  });
  expect([...statuses].sort()).toEqual([200, 400]);
  await expectService();
});

/** Sends bytes that may be no HTTP; what came back once the connection ended. */
function sendRaw(bytes: Uint8Array | string, end: boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(server.port, "127.0.0.1", () => (end ? socket.end(bytes) : socket.write(bytes)));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}

const HEAD = "POST /v2/models/mnist/infer HTTP/1.1\r\nhost: x\r\n";

it.each([
  ["a wrong verb", "BREW / HTTP/1.1\r\n\r\n", 400],
  ["a wrong version", "GET / HTTP/7.9\r\nhost: x\r\n\r\n", 400],
  ["two lengths", `${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`, 400],
  ["a length and chunks", `${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc`, 400],
  ["a negative length", `${HEAD}content-length: -3\r\n\r\nabc`, 400],
  ["a wrong chunk", `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
  ["long headers", `${HEAD}a: ${"b".repeat(20_000)}\r\n\r\n`, 431],
])("%s is answered as malformed HTTP", async (_, text, status) => {
  const answer = await sendRaw(text, false);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(answer.split("\r\n\r\n").at(-1) ?? "").code).toBe("REQUEST");
});

it(`300 connections of random bytes or of half a request end (seed ${SEED + 2})`, async () => {
  const random = createRandom(SEED + 2);
  await each(300, async (i) => {
    const noise = Uint8Array.from({ length: 1 + random(400) }, () => random(256));
    const whole = `${HEAD}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"inputs":`;
    await sendRaw(i % 2 === 0 ? noise : whole.slice(0, 1 + random(whole.length)), true);
  });
  await expectService();
});
