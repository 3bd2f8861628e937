import type { RuntimeError } from "../errors.ts";
import type { Thread } from "./crew.ts";
import type { Numbers } from "./messages.ts";
import { createTurns } from "./turns.ts";

/** Hands the pieces of runs to idle threads. */
export interface Dispatcher {
  /**
   * The words or the error of each piece, in order. Runs that wait at a time take turns, piece by piece. If the signal
   * aborts, pieces that wait are dropped, and its reason is the error of all.
   */
  readonly run: (key: string, pieces: readonly Numbers[], signal?: AbortSignal) => Promise<Made[]>;
  readonly onHired: (thread: Thread) => void;
  readonly onLost: (error: RuntimeError, thread: Thread | undefined, live: number) => void;
  /** Rejects all that waits or runs. */
  readonly end: (error: Error) => void;
}

type Made = PromiseSettledResult<Int16Array>;

/** A piece on its way to a thread. */
interface Job {
  readonly key: string;
  readonly numbers: Numbers;
  readonly resolve: (words: Int16Array) => void;
  readonly reject: (error: unknown) => void;
}

/** @param onBusy is told when the first run comes and when the last is done */
export function createDispatcher(onBusy: (isBusy: boolean) => void): Dispatcher {
  const live = new Set<Thread>();
  const idle = new Set<Thread>();
  const turns = createTurns<Job>();
  const running = new Set<Job>();
  let runs = 0;

  const dispatch = () => {
    for (const thread of idle) {
      const job = turns.next();
      if (!job) return;
      idle.delete(thread);
      void work(thread, job);
    }
  };

  const work = async (thread: Thread, job: Job) => {
    running.add(job);
    await thread.run(job.key, job.numbers).then(job.resolve, job.reject);
    running.delete(job);
    if (!live.has(thread)) return;
    idle.add(thread);
    dispatch();
  };

  const count = (change: 1 | -1) => {
    runs += change;
    if (runs === (change === 1 ? 1 : 0)) onBusy(change === 1);
  };

  const run = async (key: string, pieces: readonly Numbers[], signal: AbortSignal | undefined) => {
    const jobs: Job[] = [];
    const made = pieces.map((numbers) => {
      return new Promise<Int16Array>((resolve, reject) => {
        jobs.push({ key, numbers, resolve, reject });
      });
    });
    const onAbort = () => {
      for (const { reject } of jobs) reject(signal?.reason);
      turns.drop(jobs);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    turns.add(jobs);
    dispatch();
    const settled = await Promise.allSettled(made);
    signal?.removeEventListener("abort", onAbort);
    return settled;
  };

  return {
    async run(key, pieces, signal) {
      signal?.throwIfAborted();
      count(1);
      try {
        return await run(key, pieces, signal);
      } finally {
        count(-1);
      }
    },
    onHired(thread) {
      live.add(thread);
      idle.add(thread);
      dispatch();
    },
    onLost(error, thread, left) {
      if (thread) {
        live.delete(thread);
        idle.delete(thread);
      }
      if (left === 0) for (const { reject } of turns.clear()) reject(error);
    },
    end(error) {
      live.clear();
      idle.clear();
      for (const { reject } of [...turns.clear(), ...running]) reject(error);
    },
  };
}
