import { Worker } from "node:worker_threads";
import { CirculantError, OptionError, RuntimeError } from "../../errors.ts";
import type { ModelFacts, ThreadReply, ThreadRequest, ThreadTask } from "./messages.ts";
import type { Job } from "./queue.ts";

/** A thread and what it works on. */
export interface Thread {
  readonly worker: Worker;
  batch: readonly Job[];
  readonly loading: Map<string, Loading>;
}

interface Loading {
  readonly resolve: (facts: ModelFacts) => void;
  readonly reject: (error: Error) => void;
}

export interface CrewOptions {
  readonly threads: number;
  /** The kernels, compiled once for all. */
  readonly module: WebAssembly.Module;
  /** A thread is there: at first, or in the place of a lost one. */
  readonly onHired: (thread: Thread) => void;
  /** A thread is done with its batch. */
  readonly onDone: (thread: Thread, reply: Extract<ThreadReply, { kind: "words" | "failed" }>) => void;
  /** A thread ended by itself. */
  readonly onLost: (thread: Thread, error: RuntimeError) => void;
}

/** The threads of a pool. One that ends by itself is replaced by another with the same models. */
export interface Crew {
  readonly live: () => number;
  /** Loads a model file in every thread. @throws what the first that refuses it says; then no thread has it */
  readonly load: (key: string, bytes: Uint8Array) => Promise<ModelFacts>;
  readonly unload: (key: string) => void;
  readonly close: () => Promise<void>;
}

/** Pause before a lost thread is replaced, so that one that cannot live does not take the processor. */
const REPLACE_MILLISECONDS = 200;

/** @throws OptionError if `threads` is no positive integer */
export function hireCrew({ threads: count, module, onHired, onDone, onLost }: CrewOptions): Crew {
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new OptionError(`threads: expected an integer from 1 to 1024, got ${count}`, { option: "threads" });
  }
  const threads = new Set<Thread>();
  const files = new Map<string, Uint8Array>();
  let closed = false;

  const hire = () => {
    const task: ThreadTask = { module };
    const worker = new Worker(THREAD, { workerData: task, execArgv: [] });
    const thread: Thread = { worker, batch: [], loading: new Map() };
    threads.add(thread);
    let failure: Error | undefined;
    worker.on("message", (reply: ThreadReply) => settle(thread, reply));
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", (code) => lose(thread, failure?.message ?? `one that ended with code ${code}`));
    for (const [key, bytes] of files) load(thread, key, bytes).catch(() => {});
    onHired(thread);
  };

  const settle = (thread: Thread, reply: ThreadReply) => {
    if (reply.kind === "words" || reply.kind === "failed") return onDone(thread, reply);
    const waiting = thread.loading.get(reply.key);
    thread.loading.delete(reply.key);
    if (reply.kind === "loaded") waiting?.resolve(reply.facts);
    else waiting?.reject(new CirculantError(reply.code, reply.message));
  };

  const lose = (thread: Thread, cause: string) => {
    threads.delete(thread);
    if (closed) return;
    const error = new RuntimeError(`thread: expected one that works, got ${cause}`);
    for (const { reject } of thread.loading.values()) reject(error);
    onLost(thread, error);
    setTimeout(() => {
      if (!closed) hire();
    }, REPLACE_MILLISECONDS);
  };

  const load = ({ worker, loading }: Thread, key: string, bytes: Uint8Array) => {
    return new Promise<ModelFacts>((resolve, reject) => {
      loading.set(key, { resolve, reject });
      worker.postMessage({ kind: "load", key, bytes } satisfies ThreadRequest);
    });
  };

  const unload = (key: string) => {
    files.delete(key);
    for (const { worker } of threads) worker.postMessage({ kind: "unload", key } satisfies ThreadRequest);
  };

  for (let i = 0; i < count; i++) hire();
  return {
    live: () => threads.size,
    unload,
    async load(key, bytes) {
      files.set(key, bytes);
      const loads = await Promise.allSettled([...threads].map((thread) => load(thread, key, bytes)));
      const refused = loads.find(({ status }) => status === "rejected");
      const loaded = loads.find((result) => result.status === "fulfilled");
      if (loaded && !refused) return loaded.value;
      unload(key);
      throw refused?.status === "rejected"
        ? refused.reason
        : new RuntimeError("threads: expected one that works, got none");
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
