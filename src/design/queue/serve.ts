import { readImageSet } from "../../data/read.ts";
import { CirculantError, DataError } from "../../errors.ts";
import { digestOfData } from "../data-digest.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Files } from "../job.ts";
import { hireProcesses } from "../pool.ts";
import { connect, loadQueue } from "./load.ts";
import { fileStore, type Left, type Message, QUEUE } from "./messages.ts";

export interface ServeOptions {
  /** Folder of the images: the same as that of the runs. */
  readonly data: string;
  /** Jobs at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onJob?: (id: string, state: "begun" | "done" | "failed") => void;
}

/**
 * Milliseconds for which a job is a worker's own; it says again that it lives in half of them. The job of one that is
 * gone goes back into the queue after that.
 */
const LOCK = 10_000;

/** Workers that a job may lose before it fails. */
const MOST_LOST = 100;

/**
 * Works off jobs of a queue until the signal says stop. Jobs run in processes of their own, so that the queue hears of
 * this one while they compute.
 *
 * @throws RuntimeError if the packages or the server are not there, DataError if the images are not
 */
export async function serveQueue(url: string, { data, workers, signal, onJob }: ServeOptions): Promise<void> {
  const { Worker } = await loadQueue();
  const images = digestOfData(readImageSet(data, "train"));
  const redis = await connect(url);
  const taking = redis.duplicate();
  const store = fileStore(redis);
  const pools = new Map<string, Dispatcher>();

  const work = async ({ run, config, id, job, files, threads }: Message, say: (progress: object) => unknown) => {
    if (run.data !== images) {
      throw new DataError(`${data}: expected images of SHA-256 ${run.data} as of the run, got ${images}`, {
        file: data,
      });
    }
    const given: Record<string, Uint8Array> = {};
    for (const [name, digest] of Object.entries(files)) {
      const bytes = await store.get(digest);
      if (!bytes) throw new DataError(`queue: expected the file ${name} of ${id} in Redis, got none`, { file: name });
      given[name] = bytes;
    }
    const pool = pools.get(run.config) ?? hireProcesses({ config, data }, workers);
    pools.set(run.config, pool);
    const made = await pool.submit({ id, job, files: given as Files, threads }, say);
    const digests = Object.entries(made.files).map(async ([name, bytes]) => [name, await store.put(bytes)] as const);
    return { result: made.result, files: Object.fromEntries(await Promise.all(digests)), seconds: made.seconds };
  };

  const worker = new Worker<Message, Left>(
    QUEUE,
    async (job) => {
      onJob?.(job.data.id, "begun");
      try {
        const left = await work(job.data, (progress) => job.updateProgress(progress));
        onJob?.(job.data.id, "done");
        return left;
      } catch (error) {
        if (!(error instanceof CirculantError) || signal.aborted) throw error;
        onJob?.(job.data.id, "failed");
        return { failed: { message: error.message, code: error.code, fields: error.fields } };
      }
    },
    {
      connection: taking,
      concurrency: workers,
      lockDuration: LOCK,
      stalledInterval: LOCK / 2,
      maxStalledCount: MOST_LOST,
    },
  );
  worker.on("error", () => {});
  try {
    await new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener("abort", resolve, { once: true });
    });
  } finally {
    await worker.close(true);
    for (const pool of pools.values()) await pool.close();
    for (const connection of [taking, redis]) connection.disconnect();
  }
}
