import { Worker } from "node:worker_threads";
import { TrainingError } from "../errors.ts";
import type { WorkerReply, WorkerRequest } from "./shared.ts";

/** The threads of a run. */
export interface Crew {
  /** Hands all the same request and gathers the replies. */
  readonly ask: (request: WorkerRequest) => Promise<WorkerReply[]>;
  readonly dismiss: () => Promise<void>;
}

/** Starts `worker.js` of a room as often as the task says, each with its number. */
export function hire<Task extends { readonly workers: number; readonly index: number }>(
  room: "train" | "finetune",
  task: Task,
  signal: AbortSignal | undefined,
): Crew {
  const file = `${import.meta.url.endsWith(".ts") ? "../../dist" : ".."}/${room}/worker.js`;
  const workers = Array.from(
    { length: task.workers },
    (_, index) => new Worker(new URL(file, import.meta.url), { workerData: { ...task, index }, execArgv: [] }),
  );
  const failure = new Promise<never>((_, reject) => {
    for (const worker of workers) {
      worker.once("error", (error) =>
        reject(error.name === "TrainingError" ? new TrainingError(error.message) : error),
      );
    }
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
  failure.catch(() => {});
  const ask = (request: WorkerRequest) => {
    const replies = workers.map(
      (worker) =>
        new Promise<WorkerReply>((resolve) => {
          worker.once("message", resolve);
          worker.postMessage(request);
        }),
    );
    return Promise.race([Promise.all(replies), failure]);
  };
  const dismiss = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { ask, dismiss };
}
