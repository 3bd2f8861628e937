import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DataError, OptionError } from "../../src/errors.ts";
import { Session } from "../../src/index.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/serve/node/server.ts";
import { binaryBody, digits, MODEL_FILE, readAnswer, tensor } from "./clients.ts";

const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);
const shipped = (name: string) => fileURLToPath(new URL(`../../models/${name}.safetensors`, import.meta.url));
const pixels = digits(1);

/** The words of the first digit by a shipped model. */
function wordsOf(name: string): number[] {
  using session = Session.createSync(new Uint8Array(readFileSync(shipped(name))));
  return [...session.runSync({ input: pixels }).words.data];
}

const running: RunningServer[] = [];
const lines: string[] = [];
const log = pino({ level: "info", base: null }, { write: (line: string) => void lines.push(line) });

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({
    models: [{ name: "mnist", path: MODEL_FILE }],
    host: "127.0.0.1",
    port: 0,
    threads: 1,
    windowMilliseconds: 0,
    timeoutMilliseconds: 60_000,
    watchMilliseconds: 0,
    log,
    ...options,
  });
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(1000)));
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const address = (server: RunningServer, path: string) => `http://127.0.0.1:${server.port}${path}`;
const page = async (server: RunningServer, path: string) => (await fetch(address(server, path))).text();

const HEAD = { inputs: [tensor("UINT8", [1, 784], { parameters: { binary_data_size: 784 } })] };

async function infer(server: RunningServer, name = "mnist") {
  const call = { method: "POST", ...binaryBody(HEAD, pixels) };
  const response = await fetch(address(server, `/v2/models/${name}/infer`), call);
  const { json } = await readAnswer(response);
  return { status: response.status, json, words: json.outputs?.[1].data };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("the server for Node", () => {
  it("answers many requests at once with the session's words, in batches, and counts them", async () => {
    const server = await start({ threads: 2, windowMilliseconds: 5 });
    const words = wordsOf("mnist-mlp");
    const answers = await Promise.all(Array.from({ length: 200 }, () => infer(server)));
    expect(answers.map((answer) => answer.words)).toEqual(Array(200).fill(words));
    const metrics = await page(server, "/metrics");
    expect(metrics).toContain('circulant_requests_total{route="infer",model="mnist",status="200"} 200\n');
    expect(metrics).toContain('circulant_items_total{model="mnist"} 200\n');
    expect(metrics).toContain("circulant_batch_items_sum 200\n");
    expect(metrics).toMatch(/circulant_model_info\{model="mnist",version="[0-9a-f]{16}"\} 1\n/);
    expect(metrics).toContain("circulant_threads 2\n");
    const [, batches] = /circulant_batch_items_count (\d+)/.exec(metrics) ?? [];
    expect(Number(batches)).toBeLessThan(200);
  });

  it("serves several models, one of them from a folder", async () => {
    mkdirSync(at("one"));
    copyFileSync(shipped("mnist-cnn"), at("one/any.safetensors"));
    const models = [
      { name: "mlp", path: MODEL_FILE },
      { name: "cnn", path: at("one") },
    ];
    const server = await start({ models });
    expect((await infer(server, "mlp")).words).toEqual(wordsOf("mnist-mlp"));
    expect((await infer(server, "cnn")).words).toEqual(wordsOf("mnist-cnn"));
    expect((await infer(server, "mnist")).status).toBe(404);
  });

  it("refuses to start with files, names or addresses that do not hold", async () => {
    writeFileSync(at("cut"), readFileSync(MODEL_FILE).subarray(0, 5000));
    mkdirSync(at("empty"));
    const model = { name: "mnist", path: MODEL_FILE };
    await expect(start({ models: [{ name: "cut", path: at("cut") }] })).rejects.toMatchObject({ code: "MODEL_FILE" });
    await expect(start({ models: [{ name: "none", path: at("none") }] })).rejects.toThrow(DataError);
    await expect(start({ models: [{ name: "empty", path: at("empty") }] })).rejects.toThrow(DataError);
    await expect(start({ models: [] })).rejects.toThrow(OptionError);
    await expect(start({ models: [model, model] })).rejects.toThrow("got mnist twice");
    await expect(start({ threads: 0 })).rejects.toThrow(OptionError);
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(`127.0.0.1:${port}: expected an address to listen on`);
  });

  it("answers 504 if an inference does not come in time, and forgets it", async () => {
    const server = await start({ windowMilliseconds: 60_000, timeoutMilliseconds: 30 });
    const { status, json } = await infer(server);
    expect([status, json.code]).toEqual([504, "REQUEST"]);
    expect(await page(server, "/metrics")).toContain("circulant_items_waiting 0\n");
  });
});

describe("clients that go away", () => {
  it("leave nothing behind, whenever they go", async () => {
    const server = await start();
    const { body, headers } = binaryBody(HEAD, pixels);
    const fields = Object.entries({ host: "x", "content-length": body.length, ...headers });
    const head = `POST /v2/models/mnist/infer HTTP/1.1\r\n${fields.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`;
    const whole = Buffer.concat([Buffer.from(head), body]);
    const gone = Array.from({ length: 300 }, (_, i) => {
      const socket = connect(server.port, "127.0.0.1");
      const part = i % 3 === 0 ? whole : whole.subarray(0, 1 + ((i * 37) % whole.length));
      socket.on("error", () => {});
      socket.on("connect", () => socket.write(part, () => (i % 2 === 0 ? socket.destroy() : socket.resetAndDestroy())));
      return new Promise<void>((resolve) => socket.on("close", () => resolve()));
    });
    await Promise.all(gone);
    expect((await infer(server)).words).toEqual(wordsOf("mnist-mlp"));
    await until(async () => (await page(server, "/metrics")).includes("circulant_items_waiting 0\n"));
    expect(lines.filter((line) => line.includes('"fault"'))).toEqual([]);
    expect(await page(server, "/metrics")).not.toMatch(/status="500"/);
  });
});

describe("a model file that is replaced", () => {
  beforeAll(() => mkdirSync(at("hot")));
  const file = at("hot/model.safetensors");
  const put = (bytes: Uint8Array) => {
    writeFileSync(`${file}.part`, bytes);
    renameSync(`${file}.part`, file);
  };

  it("is served once it has been proved, and the one before until then", async () => {
    put(readFileSync(MODEL_FILE));
    const server = await start({ models: [{ name: "mnist", path: file }], watchMilliseconds: 20, threads: 2 });
    const before = await infer(server);
    expect(before.words).toEqual(wordsOf("mnist-mlp"));

    put(readFileSync(shipped("mnist-cnn")).subarray(0, 9000));
    await until(async () => /result="refused"\} [1-9]/.test(await page(server, "/metrics")));
    put(readFileSync(shipped("cifar10-cnn")));
    await until(() => lines.some((line) => line.includes("restart to change it")));
    expect(await infer(server)).toEqual(before);
    expect(lines.some((line) => line.includes("model file refused, the one before goes on"))).toBe(true);

    put(readFileSync(shipped("mnist-cnn")));
    await until(async () => /result="swapped"\} 1/.test(await page(server, "/metrics")));
    const after = await infer(server);
    expect(after.words).toEqual(wordsOf("mnist-cnn"));
    expect(after.json.model_version).not.toBe(before.json.model_version);
    expect(await page(server, "/metrics")).toContain(`version="${after.json.model_version}"} 1\n`);
  });

  it("leaves no request unanswered: each gets the words of the version that it names", async () => {
    put(readFileSync(MODEL_FILE));
    const server = await start({ models: [{ name: "mnist", path: file }], threads: 2 });
    const seen = new Map<unknown, string>();
    const words = new Set([String(wordsOf("mnist-mlp")), String(wordsOf("mnist-cnn"))]);
    let ended = false;
    const client = async () => {
      while (!ended) {
        const { status, json, words: got } = await infer(server);
        expect(status).toBe(200);
        expect(seen.get(json.model_version) ?? String(got)).toBe(String(got));
        seen.set(json.model_version, String(got));
      }
    };
    const clients = Promise.all(Array.from({ length: 4 }, client));
    for (const name of ["mnist-cnn", "mnist-mlp", "mnist-cnn"]) {
      put(readFileSync(shipped(name)));
      await server.reload();
    }
    await until(() => seen.size === 2);
    ended = true;
    await clients;
    expect(new Set(seen.values())).toEqual(words);
    expect(await page(server, "/metrics")).toContain('result="swapped"} 3\n');
  });
});

describe("a server that ends", () => {
  /** A request whose body has not come in full; `finish` sends the rest, `answer` is what came until the end. */
  async function begin(server: RunningServer) {
    const { body, headers } = binaryBody(HEAD, pixels);
    const lines = Object.entries({ host: "x", "content-length": body.length, ...headers });
    const head = `POST /v2/models/mnist/infer HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`;
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    const answer = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
    socket.write(body.subarray(0, 50));
    await until(async () => (await page(server, "/v2/health/live")) !== "");
    return { answer, finish: () => socket.write(body.subarray(50)) };
  }

  it("answers what it took, says so on the connection, and takes nothing more", async () => {
    const server = await start();
    const { answer, finish } = await begin(server);
    const closed = server.close(60_000);
    await expect(fetch(address(server, "/v2/health/live"))).rejects.toThrow();
    finish();
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    expect(JSON.parse(text.split("\r\n\r\n")[1]).outputs[1].data).toEqual(wordsOf("mnist-mlp"));
    await closed;
    running.length = 0;
  });

  it("ends what is left after its grace", async () => {
    const server = await start();
    const { answer } = await begin(server);
    await server.close(50);
    expect(await answer).toBe("");
    running.length = 0;
  });

  it("answers 408 to a request that does not come in time", async () => {
    const server = await start({ timeoutMilliseconds: 300 });
    const { answer } = await begin(server);
    expect(await answer).toMatch(/^HTTP\/1.1 408 .*"code":"REQUEST"/s);
  });
});
