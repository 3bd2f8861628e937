import type { Numbers } from "../served-model.ts";

/** A request's items on their way to a thread. */
export interface Job {
  /** Of the model. */
  readonly key: string;
  readonly numbers: Numbers;
  readonly count: number;
  readonly resolve: (words: Int16Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Takes the first job out of the queue, and behind it all of the same model and type that fit into `maxItems` with it;
 * the order of the others stays.
 */
export function takeBatch(queue: Job[], maxItems: number): Job[] {
  const [first] = queue;
  const batch: Job[] = [];
  let items = 0;
  let kept = 0;
  for (const job of queue) {
    const isAlike = job.key === first.key && job.numbers.constructor === first.numbers.constructor;
    if (isAlike && (batch.length === 0 || items + job.count <= maxItems)) {
      batch.push(job);
      items += job.count;
    } else {
      queue[kept++] = job;
    }
  }
  queue.length = kept;
  return batch;
}

/** The numbers of a batch in one array, which is the first job's own if it is alone. */
export function joinNumbers(batch: readonly Job[]): Numbers {
  const [{ numbers: first }] = batch;
  if (batch.length === 1) return first;
  const length = batch.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const joined =
    first instanceof Float32Array
      ? new Float32Array(length)
      : first instanceof Int16Array
        ? new Int16Array(length)
        : new Uint8Array(length);
  let at = 0;
  for (const { numbers } of batch) {
    joined.set(numbers, at);
    at += numbers.length;
  }
  return joined;
}

/** Gives each job of a batch its words. */
export function shareWords(batch: readonly Job[], words: Int16Array): void {
  const items = batch.reduce((sum, { count }) => sum + count, 0);
  const size = words.length / items;
  let at = 0;
  for (const { count, resolve } of batch) {
    resolve(words.subarray(at, at + count * size));
    at += count * size;
  }
}
