import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  capabilities,
  InputError,
  ModelFileError,
  OptionError,
  RuntimeError,
  Session,
  ShapeError,
} from "../../src/index.ts";
import { volume } from "../../src/model/shape.ts";
import { type ThreadedOptions, ThreadedSession } from "../../src/threads/index.ts";
import { createRandom, DRAWS, randomWords } from "../contract/random.ts";
import { randomNetwork } from "../runtime/models.ts";

const SEED = 2711;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const bytesOf = (name: string) => new Uint8Array(readFileSync(`${ROOT}models/${name}.safetensors`));
const MLP = bytesOf("mnist-mlp");

const opened: ThreadedSession[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await Promise.all(opened.splice(0).map((session) => session.release()));
});

async function open(options: ThreadedOptions, bytes = MLP): Promise<ThreadedSession> {
  const session = await ThreadedSession.create(bytes, options);
  opened.push(session);
  return session;
}

/** Pixels of items that differ. */
function pixelsOf(items: number, words = 784): Uint8Array<ArrayBuffer> {
  const random = createRandom(SEED);
  return Uint8Array.from({ length: items * words }, () => random(256));
}

/** What an action rejects with. */
async function refusal(action: Promise<unknown>): Promise<Error> {
  return action.then(
    () => expect.unreachable("expected an error, got none"),
    (error) => error,
  );
}

describe("a threaded session gives a session's results", () => {
  it.each([1, 2, 3])("for batches of every size and type, %i threads", async (threads) => {
    const threaded = await open({ threads, pieceItems: 1 });
    using session = Session.createSync(MLP);
    expect(threaded.inputs).toEqual(session.inputs);
    expect(threaded.outputs).toEqual(session.outputs);
    expect(threaded.labels).toEqual(session.labels);
    expect(threaded.backend).toBe("wasm");
    for (const items of [1, 2, 7, 33]) {
      const pixels = pixelsOf(items);
      const clamped = Uint8ClampedArray.from(pixels);
      const reals = Float32Array.from(pixels, (pixel) => pixel / 128 - 1);
      const words = Int16Array.from(pixels, (pixel) => 97 * pixel - 12000);
      for (const data of [pixels, clamped, reals, words]) {
        expect(await threaded.run({ input: data })).toEqual(session.runSync({ input: data }));
      }
      const [{ dims }] = session.inputs;
      const tensor = { type: "uint8", data: pixels, dims: [items, ...dims] } as const;
      expect(await threaded.run({ input: tensor })).toEqual(session.runSync({ input: tensor }));
    }
  });

  it.each([
    ["mnist-mlp", 150],
    ["mnist-cnn", 9],
    ["fashion-cnn", 5],
    ["cifar10-cnn", 3],
  ])("for %s, %i items in pieces of its own", async (name, items) => {
    const bytes = bytesOf(name);
    const threaded = await open({ threads: 2 }, bytes);
    using session = Session.createSync(bytes);
    const input = pixelsOf(items, volume(session.inputs[0].dims));
    expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
  });

  it(`for models in memory with operations of every kind (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 8; round++) {
      const model = randomNetwork(random);
      using session = Session.fromModel(model);
      await using threaded = await ThreadedSession.fromModel(model, { threads: 2, pieceItems: 1 });
      const input = randomWords(3 * volume(model.input.shape), DRAWS[random(4)], random);
      expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
    }
  });

  it("with the reference in the threads", async () => {
    const threaded = await open({ threads: 2, pieceItems: 1, backend: "reference" });
    using session = Session.createSync(MLP);
    expect(threaded.backend).toBe("reference");
    expect(threaded.memoryBytes).toBe(0);
    const input = pixelsOf(2);
    expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
  });

  it("for a Buffer, which stays the caller's", async () => {
    const threaded = await open({ threads: 2, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const input = Buffer.allocUnsafe(3 * 784);
    const other = Buffer.from("in the same memory");
    input.set(pixelsOf(3));
    expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
    expect(input).toEqual(Buffer.from(pixelsOf(3)));
    expect(other.toString()).toBe("in the same memory");
  });

  it("for data that the caller overwrites at once, also in shared memory", async () => {
    const threaded = await open({ threads: 2, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const input = new Uint8Array(new SharedArrayBuffer(5 * 784));
    input.set(pixelsOf(5));
    const expected = session.runSync({ input: input.slice() });
    const running = threaded.run({ input });
    input.fill(0);
    expect(await running).toEqual(expected);
  });
});

describe("runs at a time", () => {
  it("each get their own results", async () => {
    const threaded = await open({ threads: 2, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const inputs = Array.from({ length: 40 }, (_, i) => pixelsOf(1 + (i % 9)).map((pixel) => pixel ^ i));
    const results = await Promise.all(inputs.map((input) => threaded.run({ input })));
    expect(results).toEqual(inputs.map((input) => session.runSync({ input })));
  });

  it("take turns: a single item is not kept waiting by all of a large batch", async () => {
    const threaded = await open({ threads: 1 }, bytesOf("mnist-cnn"));
    const order: string[] = [];
    await Promise.all([
      threaded.run({ input: pixelsOf(200) }).then(() => order.push("batch")),
      threaded.run({ input: pixelsOf(1) }).then(() => order.push("item")),
    ]);
    expect(order).toEqual(["item", "batch"]);
  });

  it("are ended by a signal, and others go on", async () => {
    const threaded = await open({ threads: 1, pieceItems: 1 });
    const input = pixelsOf(3);
    await expect(threaded.run({ input }, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    const controller = new AbortController();
    const ended = threaded.run({ input }, { signal: controller.signal });
    const others = threaded.run({ input });
    controller.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    using session = Session.createSync(MLP);
    expect(await others).toEqual(session.runSync({ input }));
  });
});

describe("bad input is refused as a session refuses it", () => {
  const reals = (items: number, ...at: number[]) => {
    const data = new Float32Array(items * 784).fill(0.5);
    for (const index of at) data[index] = Number.NaN;
    return { input: data };
  };

  it.each([
    ["no input", {}, InputError],
    ["none at all", undefined, InputError],
    ["a type that cannot be run", { input: new Float64Array(784) }, InputError],
    ["a part of an item", { input: new Uint8Array(783) }, ShapeError],
    ["other sides", { input: { type: "uint8", data: new Uint8Array(784), dims: [2, 392] } }, ShapeError],
    ["NaN in the first item", reals(1, 5), InputError],
    ["NaN in the last of five items", reals(5, 4 * 784 + 3), InputError],
    ["NaN in several items", reals(6, 5 * 784, 3 * 784 + 9, 3 * 784 + 8), InputError],
  ])("%s", async (_, feeds, kind) => {
    const threaded = await open({ threads: 3, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const expected = await refusal(session.run(feeds as never));
    const error = await refusal(threaded.run(feeds as never));
    expect(error).toBeInstanceOf(kind);
    expect({ ...error, message: error.message }).toEqual({ ...expected, message: expected.message });
    const input = pixelsOf(4);
    expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
  });
});

describe("a threaded session is refused for", () => {
  it("a number of threads or items that is none", async () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 1025, undefined]) {
      const error = await refusal(ThreadedSession.create(MLP, { threads } as ThreadedOptions));
      expect(error).toMatchObject({ name: "OptionError", fields: { option: "threads" } });
    }
    for (const pieceItems of [0, 0.5, Number.NaN]) {
      const error = await refusal(ThreadedSession.create(MLP, { threads: 1, pieceItems }));
      expect(error).toMatchObject({ name: "OptionError", fields: { option: "pieceItems" } });
    }
  });

  it("what a session is refused for, with the same error", async () => {
    const cut = MLP.slice(0, 999);
    const options = { threads: 2 };
    expect(await refusal(ThreadedSession.create(cut, options))).toEqual(await refusal(Session.create(cut)));
    expect(await refusal(ThreadedSession.create(cut, options))).toBeInstanceOf(ModelFileError);
    for (const given of [{ limits: { memoryBytes: 1000 } }, { backend: "gpu" as never }, { module: {} as never }]) {
      const error = await refusal(ThreadedSession.create(MLP, { ...options, ...given }));
      const expected = await refusal(Session.create(MLP, given));
      expect(error).toBeInstanceOf(OptionError);
      expect({ ...error, message: error.message }).toEqual({ ...expected, message: expected.message });
    }
  });

  it("an engine without threads, which capabilities() says", async () => {
    expect(capabilities().engine.threads).toBe(true);
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    expect(capabilities().engine.threads).toBe(false);
    const error = await refusal(ThreadedSession.create(MLP, { threads: 2 }));
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ fields: { problem: "NO_THREADS" } });
    expect(error.message).toMatch(/neither Worker nor node:worker_threads; use Session/);
  });

  it("an edge runtime, which is not asked for Node's modules", async () => {
    vi.stubGlobal("EdgeRuntime", "edge-runtime");
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
      throw new Error("A Node.js API is used which is not supported in the Edge Runtime");
    });
    expect(capabilities().engine.threads).toBe(false);
    const error = await refusal(ThreadedSession.create(MLP, { threads: 2 }));
    expect(error).toMatchObject({ fields: { problem: "NO_THREADS" } });
  });

  it("an engine that refuses a thread, with its reason", async () => {
    vi.stubGlobal(
      "Worker",
      class extends EventTarget {
        constructor() {
          super();
          throw new Error("refused by the page's policy");
        }
      },
    );
    const error = await refusal(ThreadedSession.create(MLP, { threads: 2 }));
    expect(error).toMatchObject({ name: "RuntimeError", fields: { problem: "NO_THREADS" } });
    expect(error.message).toContain("refused by the page's policy");
  });

  it("no program that gives Node's Worker the web's name", async () => {
    vi.stubGlobal("Worker", Worker);
    const threaded = await open({ threads: 2 });
    const { words } = await threaded.run({ input: pixelsOf(3) });
    using session = Session.createSync(MLP);
    expect(words).toEqual(session.runSync({ input: pixelsOf(3) }).words);
  });

  it("a page's worker whose program does not load, with the remedy", async () => {
    const terminate = vi.fn();
    vi.stubGlobal(
      "Worker",
      class extends EventTarget {
        onerror: ((event: Event) => void) | undefined;
        terminate = terminate;
        constructor() {
          super();
          setTimeout(() => this.onerror?.(new Event("error")));
        }
        postMessage() {}
      },
    );
    const error = await refusal(ThreadedSession.create(MLP, { threads: 1 }));
    expect(error).toMatchObject({ name: "RuntimeError", fields: { problem: "THREAD" } });
    expect(error.message).toMatch(/no program found at \.\/worker\.js.*pass the address of circulant\/threads\/worker/);
    expect(terminate).toHaveBeenCalled();
  });

  it("a program that is not there, with the remedy", async () => {
    const worker = new URL("file:///no/such/worker.js");
    const error = await refusal(ThreadedSession.create(MLP, { threads: 2, worker }));
    expect(error).toMatchObject({ name: "RuntimeError", fields: { problem: "THREAD" } });
    expect(error.message).toMatch(/no\/such\/worker.js.*pass the address of circulant\/threads\/worker/s);
  });
});

describe("memory of a threaded session", () => {
  it.each([1, 2, 3])("is that of as many sessions as threads: %i", async (threads) => {
    const threaded = await open({ threads });
    using session = Session.createSync(MLP);
    expect(threaded.memoryBytes).toBe(threads * session.memoryBytes);
    for (const kind of ["tensors", "working", "constants"] as const) {
      expect(threaded.memory[kind]).toBe(threads * session.memory[kind]);
    }
  });
});

/** The threads that are started from now on, and a way to end one when it is next sent something. */
function watchThreads() {
  const workers = new Set<Worker>();
  const { postMessage } = Worker.prototype;
  const spy = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, ...args) {
    workers.add(this);
    return postMessage.apply(this, args);
  });
  const killNext = () =>
    spy.mockImplementationOnce(function (this: Worker) {
      void this.terminate();
    });
  return { workers, killNext };
}

describe("a thread that ends by itself", () => {
  it("fails the runs that it works on, and another with the same model takes its place", async () => {
    const { workers, killNext } = watchThreads();
    const threaded = await open({ threads: 2, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const input = pixelsOf(6);
    const expected = session.runSync({ input });
    killNext();
    const failed = threaded.run({ input });
    const other = threaded.run({ input });
    const error = await refusal(failed);
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ fields: { problem: "THREAD" } });
    expect(await other).toEqual(expected);
    await vi.waitFor(() => expect(workers.size).toBe(3), 5000);
    expect(await threaded.run({ input })).toEqual(expected);
    expect(threaded.memoryBytes).toBe(2 * session.memoryBytes);
  });

  it("fails what waits too if it was the last one; later runs go to its successor", async () => {
    const { killNext } = watchThreads();
    const threaded = await open({ threads: 1, pieceItems: 1 });
    using session = Session.createSync(MLP);
    const input = pixelsOf(2);
    killNext();
    const runs = await Promise.all([refusal(threaded.run({ input })), refusal(threaded.run({ input }))]);
    for (const error of runs) expect(error).toMatchObject({ name: "RuntimeError", fields: { problem: "THREAD" } });
    expect(await threaded.run({ input })).toEqual(session.runSync({ input }));
  });

  it("leaves a session that can be released", async () => {
    const { killNext } = watchThreads();
    const threaded = await open({ threads: 1 });
    killNext();
    await refusal(threaded.run({ input: pixelsOf(1) }));
    const waits = threaded.run({ input: pixelsOf(1) });
    await threaded.release();
    await expect(waits).rejects.toThrow(/released/);
  });
});

describe("a process", () => {
  it("that may start no threads says so", () => {
    const program = `
      const { capabilities } = require("circulant");
      const { ThreadedSession } = require("circulant/threads");
      const model = require("node:fs").readFileSync("models/mnist-mlp.safetensors");
      ThreadedSession.create(model, { threads: 2 }).catch(({ name, message, fields }) => {
        console.log(JSON.stringify({ threads: capabilities().engine.threads, name, message, fields }));
      });`;
    const args = ["--experimental-permission", "--allow-fs-read=*", "--no-warnings", "-e", program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect(stderr).toBe("");
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ threads: false, name: "RuntimeError", fields: { problem: "NO_THREADS" } });
    expect(answer.message).toMatch(/restricted.*; use Session/);
  });

  it("ends by itself though its session was not released, and not before its runs are done", () => {
    const program = `
      import { readFileSync } from "node:fs";
      import { ThreadedSession } from "circulant/threads";
      const session = await ThreadedSession.create(readFileSync("models/mnist-mlp.safetensors"), { threads: 2 });
      const { words } = await session.run({ input: new Uint8Array(300 * 784) });
      console.log(words.data.length);`;
    const args = ["--input-type=module", "-e", program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "3000\n", stderr: "" });
  });
});

describe("release", () => {
  it("ends all threads, rejects what runs and waits, and may be called again", async () => {
    const { workers } = watchThreads();
    const threaded = await open({ threads: 2, pieceItems: 1 });
    const exits = [...workers].map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    expect(exits).toHaveLength(2);
    const runs = Array.from({ length: 4 }, () => refusal(threaded.run({ input: pixelsOf(3) })));
    const ending = threaded.release();
    for (const error of await Promise.all(runs)) {
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error.message).toBe("session: expected one that is loaded, got one that was released");
    }
    await ending;
    await Promise.all(exits);
    await threaded.release();
    await expect(threaded.run({ input: pixelsOf(1) })).rejects.toThrow(RuntimeError);
    expect(() => threaded.memoryBytes).toThrow(RuntimeError);
    expect(() => threaded.memory).toThrow(RuntimeError);
  });
});
