import { RequestError, type RuntimeError } from "../../errors.ts";
import { compiledKernels } from "../../runtime/capabilities.ts";
import { loadModel } from "../../runtime/create.ts";
import { sidesOf } from "../../runtime/results.ts";
import { hireCrew, type Thread } from "../../threads/crew.ts";
import type { ModelFacts, Numbers } from "../served-model.ts";
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
  /** Reads a model file, loads it in every thread and runs it once. @throws ModelFileError and others if it does not hold */
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
  const live = new Set<Thread>();
  let idle: Thread[] = [];
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
      void work(thread, batch, thread.run(key, numbers));
      onBatch?.(key, items);
    }
  };

  const work = async (thread: Thread, batch: readonly Job[], words: Promise<Int16Array>) => {
    await words.then(
      (words) => shareWords(batch, words),
      (error) => fail(batch, error),
    );
    if (!live.has(thread)) return;
    idle.push(thread);
    dispatch();
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
      live.add(thread);
      idle.push(thread);
      if (queue.length > 0) schedule();
    },
    onLost(error, thread) {
      if (thread) live.delete(thread);
      idle = idle.filter((one) => one !== thread);
      onLost?.(error);
    },
  });

  const users = createUsers(crew.unload);
  return {
    live: crew.live,
    async load(key, bytes) {
      const model = await loadModel(bytes, {}, compiledKernels);
      await crew.load(key, model);
      return { ...sidesOf(model), labels: model.labels };
    },
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
