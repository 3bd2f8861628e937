import { Worker } from "node:worker_threads";
import { CirculantError, OptionError, RequestError, RuntimeError } from "../../errors.ts";
import { compiledKernels } from "../../runtime/capabilities.ts";
import type { Numbers } from "../served-model.ts";
import type { ModelFacts, ThreadReply, ThreadRequest, ThreadTask } from "./messages.ts";
import { type Job, joinNumbers, shareWords, takeBatch } from "./queue.ts";

export interface PoolOptions {
  readonly threads: number;
  /** Most items that a thread gets at once, unless a single request has more. */
  readonly batch: number;
  /** How long the first of a batch waits for others while a thread is idle; 0: until the events at hand are handled. */
  readonly windowMilliseconds: number;
  /** How long a request may wait and run. */
  readonly timeoutMilliseconds: number;
  readonly onBatch?: (key: string, items: number) => void;
  /** A thread ended by itself; another takes its place. */
  readonly onLost?: (error: Error) => void;
}

/** Threads that run models, each with sessions of its own; they share nothing but the compiled kernels. */
export interface Pool {
  /** Loads a model file in every thread and runs it once. @throws ModelFileError and others of a file that does not hold */
  readonly load: (key: string, bytes: Uint8Array) => Promise<ModelFacts>;
  /** Lets go of a model once its requests are done. */
  readonly unload: (key: string) => void;
  /** @throws RequestError 504 if it takes too long, RuntimeError if its thread ends */
  readonly run: (key: string, numbers: Numbers, count: number) => Promise<Int16Array>;
  /** Threads that work. */
  readonly live: () => number;
  readonly close: () => Promise<void>;
}

/** Pause before a lost thread is replaced, so that one that cannot live does not take the processor. */
const REPLACE_MILLISECONDS = 200;

interface Thread {
  readonly worker: Worker;
  batch: readonly Job[];
}

interface Loading {
  readonly resolve: (facts: ModelFacts) => void;
  readonly reject: (error: Error) => void;
}

/** @throws OptionError if an option does not hold @throws RuntimeError if the engine cannot run the kernels */
export function createPool(options: PoolOptions): Pool {
  const { threads: count, batch: maxItems, windowMilliseconds, timeoutMilliseconds, onBatch, onLost } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new OptionError(`threads: expected a positive integer, got ${count}`, { option: "threads" });
  }
  const module = compiledKernels();
  const files = new Map<string, Uint8Array>();
  const outstanding = new Map<string, number>();
  const leaving = new Set<string>();
  const threads = new Set<Thread>();
  const idle: Thread[] = [];
  const loading = new Map<Thread, Map<string, Loading>>();
  const queue: Job[] = [];
  let queued = 0;
  let scheduled = false;
  let closed = false;

  const dispatch = () => {
    scheduled = false;
    while (queue.length > 0 && idle.length > 0) {
      const share = Math.min(maxItems, Math.ceil(queued / idle.length));
      const batch = takeBatch(queue, share);
      const items = batch.reduce((sum, job) => sum + job.count, 0);
      queued -= items;
      const thread = idle.pop() as Thread;
      thread.batch = batch;
      const numbers = joinNumbers(batch);
      const request: ThreadRequest = { kind: "run", key: batch[0].key, numbers };
      thread.worker.postMessage(request, [numbers.buffer]);
      onBatch?.(batch[0].key, items);
    }
  };

  const schedule = () => {
    if (scheduled || idle.length === 0) return;
    if (queued >= maxItems * idle.length) return dispatch();
    scheduled = true;
    if (windowMilliseconds === 0) setImmediate(dispatch);
    else setTimeout(dispatch, windowMilliseconds);
  };

  const finish = (thread: Thread, settle: (batch: readonly Job[]) => void) => {
    const { batch } = thread;
    thread.batch = [];
    settle(batch);
  };

  const onReply = (thread: Thread, reply: ThreadReply) => {
    if (reply.kind === "loaded") return loading.get(thread)?.get(reply.key)?.resolve(reply.facts);
    if (reply.kind === "refused") {
      return loading.get(thread)?.get(reply.key)?.reject(new CirculantError(reply.code, reply.message));
    }
    finish(thread, (batch) => {
      if (reply.kind === "words") return shareWords(batch, reply.words);
      for (const { reject } of batch) reject(new RuntimeError(`thread: ${reply.message}`));
    });
    idle.push(thread);
    dispatch();
  };

  const hire = () => {
    const task: ThreadTask = { module };
    const worker = new Worker(THREAD, { workerData: task, execArgv: [] });
    const thread: Thread = { worker, batch: [] };
    threads.add(thread);
    loading.set(thread, new Map());
    idle.push(thread);
    let failure: Error | undefined;
    worker.on("message", (reply: ThreadReply) => onReply(thread, reply));
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", (code) => lose(thread, failure ?? new Error(`it ended with code ${code}`)));
    for (const [key, bytes] of files) load(thread, key, bytes).catch(() => {});
    return thread;
  };

  const lose = (thread: Thread, cause: Error) => {
    threads.delete(thread);
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
    const error = new RuntimeError(`thread: expected one that works, got ${cause.message}`);
    finish(thread, (batch) => {
      for (const { reject } of batch) reject(error);
    });
    for (const { reject } of loading.get(thread)?.values() ?? []) reject(error);
    loading.delete(thread);
    if (closed) return;
    onLost?.(error);
    setTimeout(() => {
      if (closed) return;
      hire();
      dispatch();
    }, REPLACE_MILLISECONDS);
  };

  const load = (thread: Thread, key: string, bytes: Uint8Array) => {
    const facts = new Promise<ModelFacts>((resolve, reject) => loading.get(thread)?.set(key, { resolve, reject }));
    const request: ThreadRequest = { kind: "load", key, bytes };
    thread.worker.postMessage(request);
    return facts.finally(() => loading.get(thread)?.delete(key));
  };

  const unloadIfDone = (key: string) => {
    if (!leaving.has(key) || outstanding.has(key)) return;
    leaving.delete(key);
    files.delete(key);
    const request: ThreadRequest = { kind: "unload", key };
    for (const { worker } of threads) worker.postMessage(request);
  };

  const done = (key: string) => {
    const left = (outstanding.get(key) ?? 1) - 1;
    if (left > 0) outstanding.set(key, left);
    else outstanding.delete(key);
    unloadIfDone(key);
  };

  for (let i = 0; i < count; i++) hire();

  return {
    live: () => threads.size,
    async load(key, bytes) {
      files.set(key, bytes);
      const results = await Promise.allSettled([...threads].map((thread) => load(thread, key, bytes)));
      const refused = results.find((result) => result.status === "rejected");
      const loaded = results.find((result) => result.status === "fulfilled");
      if (refused || !loaded) {
        files.delete(key);
        for (const { worker } of threads) worker.postMessage({ kind: "unload", key } satisfies ThreadRequest);
        throw refused ? refused.reason : new RuntimeError("threads: expected one that works, got none");
      }
      return loaded.value;
    },
    unload(key) {
      leaving.add(key);
      unloadIfDone(key);
    },
    run(key, numbers, count) {
      outstanding.set(key, (outstanding.get(key) ?? 0) + 1);
      return new Promise<Int16Array>((resolve, reject) => {
        const settle = <Value>(then: (value: Value) => void) => {
          return (value: Value) => {
            clearTimeout(timer);
            then(value);
          };
        };
        const job: Job = { key, numbers, count, resolve: settle(resolve), reject: settle(reject) };
        const timer = setTimeout(() => {
          const at = queue.indexOf(job);
          if (at >= 0) queue.splice(at, 1);
          if (at >= 0) queued -= count;
          const got = at >= 0 ? "it still waits" : "it still runs";
          reject(
            new RequestError(504, `inference: expected within ${timeoutMilliseconds} ms, ${got}; send less at once`),
          );
        }, timeoutMilliseconds);
        queue.push(job);
        queued += count;
        schedule();
      }).finally(() => done(key));
    },
    async close() {
      closed = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "../../../dist/serve/node/thread.js" : "thread.js",
  import.meta.url,
);
