import { SHARDS, type TrainConfig } from "./config.ts";
import { initialStatistics, layOut } from "./parameters.ts";
import type { Taught } from "./teacher.ts";

/** What the threads of a run share; every array lies in a SharedArrayBuffer. */
export interface Shared {
  readonly parameters: Float32Array;
  /** Moments of AdamW. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** Running average of the parameters. */
  readonly average: Float32Array;
  /** Statistics of the norms for the running average. */
  readonly statistics: Float32Array;
  /** The statistics of every group of images that they are made of. */
  readonly samples: Float32Array;
  /** The gradient of every shard of a batch. */
  readonly gradients: readonly Float32Array[];
  /** Loss and right answers of every shard of every step of the epoch. */
  readonly losses: Float32Array;
  /** See `Slot`. */
  readonly control: Int32Array;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Words of `control`. */
export const Slot = { arrived: 0, generation: 1, step: 2, correct: 3, words: 4 } as const;

/** What a worker is started with. */
export interface WorkerTask {
  readonly config: TrainConfig;
  readonly shared: Shared;
  readonly teacher?: Taught;
  readonly index: number;
  readonly workers: number;
  /** Images to train on; those after them are held out. */
  readonly count: number;
  readonly steps: number;
}

/**
 * Asks a worker for an epoch, for the statistics of the running average, or for the number of right answers on the
 * held-out images.
 */
export interface WorkerRequest {
  readonly kind: "train" | "measure" | "evaluate";
  readonly epoch: number;
}

export interface WorkerReply {
  readonly kind: "done" | "diverged";
  readonly step: number;
}

/** Images of which the statistics of the norms are taken after an epoch, if there are as many. */
const MEASURED_IMAGES = 1024;

/**
 * Images that go through the kernels together. Pictures go in small groups, which stay in the cache; the statistics of
 * norms are those of a group. Vectors go by whole shards.
 */
export function groupOf(config: TrainConfig): number {
  const shard = config.batch / SHARDS;
  const pictures = layOut(config).nodes.some(({ op }) => op !== "dense" && op !== "flatten");
  return pictures && shard % 16 === 0 ? 16 : pictures ? 8 : shard;
}

/** Groups of images of which statistics are taken. */
export function measuredGroups(config: TrainConfig, count: number): number {
  return Math.floor(Math.min(count, MEASURED_IMAGES) / groupOf(config));
}

export function allocate(
  config: TrainConfig,
  images: Uint8Array,
  labels: Uint8Array,
  count: number,
  steps: number,
): Shared {
  const shape = layOut(config);
  const { words, statisticsWords } = shape;
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
  const bytes = (source: Uint8Array) => {
    const copy = new Uint8Array(new SharedArrayBuffer(source.length));
    copy.set(source);
    return copy;
  };
  const statistics = floats(statisticsWords);
  statistics.set(initialStatistics(shape));
  return {
    parameters: floats(words),
    mean: floats(words),
    square: floats(words),
    average: floats(words),
    statistics,
    samples: floats(statisticsWords * measuredGroups(config, count)),
    gradients: Array.from({ length: SHARDS }, () => floats(words)),
    losses: floats(2 * SHARDS * steps),
    control: new Int32Array(new SharedArrayBuffer(4 * Slot.words)),
    images: bytes(images),
    labels: bytes(labels),
  };
}

/** Waits until all workers have come here. */
export function barrier(control: Int32Array, workers: number): void {
  const generation = Atomics.load(control, Slot.generation);
  if (Atomics.add(control, Slot.arrived, 1) === workers - 1) {
    Atomics.store(control, Slot.arrived, 0);
    Atomics.add(control, Slot.generation, 1);
    Atomics.notify(control, Slot.generation);
    return;
  }
  while (Atomics.load(control, Slot.generation) === generation) Atomics.wait(control, Slot.generation, generation);
}
