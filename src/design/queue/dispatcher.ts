import { CirculantError, RuntimeError } from "../../errors.ts";
import type { DesignConfig } from "../config.ts";
import type { Dispatcher, Order, Worked } from "../dispatch.ts";
import type { JobProgress } from "../job.ts";
import type { Origin } from "../journal.ts";
import { connect, loadQueue } from "./load.ts";
import { fileStore, type Left, type Message, QUEUE, queueId } from "./messages.ts";

/**
 * Hands jobs to the workers behind a queue. A job that stands in the queue already, as one of a run that was stopped, is
 * not put there again; what a worker has left of it is taken.
 *
 * @param url of Redis, as in "redis://host:6379"
 * @throws RuntimeError if the packages or the server are not there
 */
export async function openQueue(url: string, config: DesignConfig): Promise<(run: Origin) => Dispatcher> {
  const { Queue, QueueEvents } = await loadQueue();
  const redis = await connect(url);
  const queue = new Queue<Message, Left>(QUEUE, { connection: redis });
  const listening = redis.duplicate();
  const events = new QueueEvents(QUEUE, { connection: listening });
  const store = fileStore(redis);
  queue.on("error", () => {});
  events.on("error", () => {});
  await events.waitUntilReady();
  return (run) => {
    const listeners = new Map<string, (progress: JobProgress) => void>();
    const placed = new Set<string>();
    events.on("progress", ({ jobId, data }) => listeners.get(jobId)?.(data as JobProgress));

    const submit = async (order: Order, onProgress: (progress: JobProgress) => void): Promise<Worked> => {
      const jobId = queueId(run, order.id);
      listeners.set(jobId, onProgress);
      const digests = await Promise.all(
        Object.entries(order.files).map(async ([name, bytes]) => [name, await store.put(bytes)] as const),
      );
      const { id, job, threads } = order;
      const message: Message = { id, run, config, job, files: Object.fromEntries(digests), threads };
      await (await queue.getJob(jobId).then(async (old) => ((await old?.isFailed()) ? old : undefined)))?.remove();
      const placedJob = await queue.add(order.id, message, { jobId });
      placed.add(jobId);
      const left = await placedJob.waitUntilFinished(events).catch((cause: Error): Left => {
        return { failed: { message: `${order.id}: ${cause.message}` } };
      });
      if ("failed" in left) {
        await placedJob.remove().catch(() => {});
        const { message: text, code, fields } = left.failed;
        throw code ? new CirculantError(code, text, { ...fields }) : new RuntimeError(text, { problem: "WORKER" });
      }
      const files = await Promise.all(
        Object.entries(left.files).map(async ([name, digest]) => [name, await taken(digest)] as const),
      );
      return { result: left.result, files: Object.fromEntries(files), seconds: left.seconds };
    };
    const taken = async (digest: string): Promise<Uint8Array> => {
      const bytes = await store.get(digest);
      if (bytes) return bytes;
      throw new RuntimeError(
        `queue: expected a file of SHA-256 ${digest} in Redis, got none; --resume does the job again`,
        {
          problem: "QUEUE_FILE",
        },
      );
    };
    const close = async () => {
      for (const jobId of placed) await (await queue.getJob(jobId))?.remove().catch(() => {});
      placed.clear();
      await events.close();
      await queue.close();
      for (const connection of [listening, redis]) connection.disconnect();
    };
    return { submit, close };
  };
}
