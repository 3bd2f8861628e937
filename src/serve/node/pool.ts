import { RequestError, RuntimeError } from "../../errors.ts";
import { compiledKernels } from "../../runtime/capabilities.ts";
import type { Numbers } from "../served-model.ts";
import { hireCrew, type Thread } from "./crew.ts";
import type { ModelFacts, ThreadRequest } from "./messages.ts";
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
  readonly onLost?: (error: RuntimeError) => void;
}

/** Threads that run models, each with sessions of its own; they share nothing but the compiled kernels. */
export interface Pool {
  /** Loads a model file in every thread and runs it once. @throws ModelFileError and others if it does not hold */
  readonly load: (key: string, bytes: Uint8Array) => Promise<ModelFacts>;
  /** Lets go of a model once its requests are done. */
  readonly unload: (key: string) => void;
  /** @throws RequestError 504 if it takes too long, RuntimeError if its thread ends */
  readonly run: (key: string, numbers: Numbers, count: number) => Promise<Int16Array>;
  /** Threads that work. */
  readonly live: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Requests that come while all threads work form the next batch; `windowMilliseconds` makes them wait for others also
 * while a thread is idle.
 *
 * @throws OptionError if an option does not hold, RuntimeError if the engine cannot run the kernels
 */
export function createPool(options: PoolOptions): Pool {
  const { batch: maxItems, windowMilliseconds, timeoutMilliseconds, onBatch, onLost } = options;
  const idle: Thread[] = [];
  const queue: Job[] = [];
  let queued = 0;
  let scheduled = false;

  const dispatch = () => {
    scheduled = false;
    for (let thread = idle.at(-1); thread && queue.length > 0; thread = idle.at(-1)) {
      const batch = takeBatch(queue, Math.min(maxItems, Math.ceil(queued / idle.length)));
      const items = batch.reduce((sum, { count }) => sum + count, 0);
      const [{ key }] = batch;
      const numbers = joinNumbers(batch);
      idle.pop();
      queued -= items;
      thread.batch = batch;
      thread.worker.postMessage({ kind: "run", key, numbers } satisfies ThreadRequest, [numbers.buffer]);
      onBatch?.(key, items);
    }
  };

  const schedule = () => {
    if (scheduled || idle.length === 0) return;
    scheduled = true;
    if (windowMilliseconds === 0) setImmediate(dispatch);
    else setTimeout(dispatch, windowMilliseconds);
  };

  const fail = (batch: readonly Job[], error: Error) => {
    for (const { reject } of batch) reject(error);
  };

  const crew = hireCrew({
    threads: options.threads,
    module: compiledKernels(),
    onHired(thread) {
      idle.push(thread);
      if (queue.length > 0) schedule();
    },
    onDone(thread, reply) {
      const { batch } = thread;
      thread.batch = [];
      if (reply.kind === "words") shareWords(batch, reply.words);
      else fail(batch, new RuntimeError(`thread: ${reply.message}`));
      idle.push(thread);
      dispatch();
    },
    onLost(thread, error) {
      const at = idle.indexOf(thread);
      if (at >= 0) idle.splice(at, 1);
      fail(thread.batch, error);
      onLost?.(error);
    },
  });

  const users = createUsers(crew.unload);
  return {
    live: crew.live,
    load: crew.load,
    unload: users.retire,
    close: crew.close,
    run(key, numbers, count) {
      users.enter(key);
      return new Promise<Int16Array>((resolve, reject) => {
        const timer = setTimeout(() => {
          const at = queue.indexOf(job);
          if (at >= 0) queued -= queue.splice(at, 1)[0].count;
          reject(timedOut(timeoutMilliseconds));
        }, timeoutMilliseconds);
        const settled =
          <Value>(settle: (value: Value) => void) =>
          (value: Value) => {
            clearTimeout(timer);
            settle(value);
          };
        const job: Job = { key, numbers, count, resolve: settled(resolve), reject: settled(reject) };
        queue.push(job);
        queued += count;
        schedule();
      }).finally(() => users.leave(key));
    },
  };
}

/** Counts the requests of each model, so that it is unloaded only behind the last of them. */
function createUsers(unload: (key: string) => void) {
  const users = new Map<string, number>();
  const retired = new Set<string>();
  const unloadIfUnused = (key: string) => {
    if (!users.has(key) && retired.delete(key)) unload(key);
  };
  return {
    enter(key: string) {
      users.set(key, (users.get(key) ?? 0) + 1);
    },
    leave(key: string) {
      const left = (users.get(key) ?? 1) - 1;
      if (left > 0) users.set(key, left);
      else users.delete(key);
      unloadIfUnused(key);
    },
    retire(key: string) {
      retired.add(key);
      unloadIfUnused(key);
    },
  };
}

function timedOut(milliseconds: number): RequestError {
  return new RequestError(504, `inference: expected within ${milliseconds} ms, got none yet; send fewer items at once`);
}
