import { OptionError, type RuntimeError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { messageOf } from "../runtime/message.ts";
import { type Channel, startThread, type ThreadProgram } from "./channel.ts";
import { errorOf, threadError } from "./fault.ts";
import type { Loaded, Numbers, ThreadOptions, ThreadReply, ThreadRequest } from "./messages.ts";

/** A thread of a crew, which does one thing at a time. */
export interface Thread {
  /**
   * The output's words of whole items, whose buffer is sent away.
   *
   * @throws InputError on a NaN, RuntimeError if the thread ends
   */
  readonly run: (key: string, numbers: Numbers) => Promise<Int16Array>;
}

export interface CrewOptions extends ThreadOptions {
  readonly threads: number;
  /** Where `circulant/threads/worker` is, if it is not beside this file. */
  readonly worker?: ThreadProgram;
  /** A thread is there: at first, or in the place of a lost one. */
  readonly onHired: (thread: Thread) => void;
  /** A thread ended by itself, or none could be put in its place; `live` are left. */
  readonly onLost: (error: RuntimeError, thread: Thread | undefined, live: number) => void;
}

/** Threads with the same models. One that ends by itself is replaced by another. */
export interface Crew {
  readonly live: () => number;
  /** Loads a model in every thread and runs it once. @throws what the first that refuses it says; then no thread has it */
  readonly load: (key: string, model: Model) => Promise<readonly Loaded[]>;
  readonly unload: (key: string) => void;
  /** Whether the process waits for the threads, where a process ends by itself. At first it does. */
  readonly hold: (isHeld: boolean) => void;
  readonly close: () => Promise<void>;
}

/** Pause before a lost thread is replaced, so that one that cannot live does not take the processor. */
const REPLACE_MILLISECONDS = 200;

const THREADS_MAX = 1024;

interface Settle<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** A thread and what it owes. */
interface Hired extends Thread {
  readonly channel: Channel;
  readonly loading: Map<string, Settle<Loaded>>;
  readonly running: Settle<Int16Array>[];
}

/**
 * @throws OptionError if `threads` is no integer from 1 to 1024
 * @throws RuntimeError if the engine starts none
 */
export function hireCrew({ threads: count, worker, onHired, onLost, ...options }: CrewOptions): Crew {
  if (!Number.isInteger(count) || count < 1 || count > THREADS_MAX) {
    throw new OptionError(`threads: expected an integer from 1 to ${THREADS_MAX}, got ${count}`, { option: "threads" });
  }
  const threads = new Set<Hired>();
  const models = new Map<string, Model>();
  let closed = false;
  let held = true;

  const hire = () => {
    const loading: Hired["loading"] = new Map();
    const running: Hired["running"] = [];
    const channel = startThread(worker, {
      onMessage: (reply) => settle(thread, reply as ThreadReply),
      onEnd: (cause) => lose(thread, cause),
    });
    const run: Thread["run"] = (key, numbers) => {
      return new Promise((resolve, reject) => {
        channel.post({ kind: "run", key, numbers } satisfies ThreadRequest, [numbers.buffer]);
        running.push({ resolve, reject });
      });
    };
    const thread: Hired = { channel, loading, running, run };
    threads.add(thread);
    channel.hold(held);
    for (const [key, model] of models) {
      load(thread, key, model).catch(async (error) => {
        await channel.end();
        lose(thread, messageOf(error));
      });
    }
    onHired(thread);
  };

  const settle = ({ loading, running }: Hired, reply: ThreadReply) => {
    if (reply.kind === "words") running.shift()?.resolve(reply.words);
    else if (reply.kind === "failed") running.shift()?.reject(errorOf(reply.fault));
    else {
      const waiting = loading.get(reply.key);
      loading.delete(reply.key);
      if (reply.kind === "loaded") waiting?.resolve(reply.loaded);
      else waiting?.reject(errorOf(reply.fault));
    }
  };

  const lose = (thread: Hired, cause: string) => {
    if (!threads.delete(thread) || closed) return;
    const error = threadError(cause);
    onLost(error, thread, threads.size);
    for (const { reject } of [...thread.loading.values(), ...thread.running]) reject(error);
    replaceLater();
  };

  const replaceLater = () => {
    setTimeout(() => {
      if (closed) return;
      try {
        hire();
      } catch (error) {
        onLost(threadError(messageOf(error)), undefined, threads.size);
        replaceLater();
      }
    }, REPLACE_MILLISECONDS);
  };

  const load = ({ channel, loading }: Hired, key: string, model: Model) => {
    return new Promise<Loaded>((resolve, reject) => {
      channel.post({ kind: "load", key, model, options } satisfies ThreadRequest, []);
      loading.set(key, { resolve, reject });
    });
  };

  const unload = (key: string) => {
    models.delete(key);
    for (const { channel } of threads) channel.post({ kind: "unload", key } satisfies ThreadRequest, []);
  };

  const close = async () => {
    closed = true;
    await Promise.all([...threads].map(({ channel }) => channel.end()));
    threads.clear();
  };

  try {
    for (let i = 0; i < count; i++) hire();
  } catch (error) {
    void close();
    throw error;
  }
  return {
    live: () => threads.size,
    unload,
    close,
    async load(key, model) {
      if (threads.size === 0) throw threadError("none");
      models.set(key, model);
      const loads = await Promise.allSettled([...threads].map((thread) => load(thread, key, model)));
      const refused = loads.find((result) => result.status === "rejected");
      if (!refused) return loads.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      unload(key);
      throw refused.reason;
    },
    hold(isHeld) {
      held = isHeld;
      for (const { channel } of threads) channel.hold(isHeld);
    },
  };
}
