import { SHARDS, type TrainConfig } from "./config.ts";
import { layOut } from "./parameters.ts";

/** What the threads of a run share; every array lies in a SharedArrayBuffer. */
export interface Shared {
  readonly parameters: Float32Array;
  /** Moments of AdamW. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** Running average of the parameters. */
  readonly average: Float32Array;
  /** The gradient of every shard of a batch. */
  readonly gradients: readonly Float32Array[];
  /** Loss and right answers of every shard of every step of the epoch. */
  readonly statistics: Float32Array;
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
  readonly index: number;
  readonly workers: number;
  /** Images to train on; those after them are held out. */
  readonly count: number;
  readonly steps: number;
}

/** Asks a worker for an epoch or only for the number of right answers on the held-out images. */
export interface WorkerRequest {
  readonly kind: "train" | "evaluate";
  readonly epoch: number;
}

export interface WorkerReply {
  readonly kind: "done" | "diverged";
  readonly step: number;
}

export function allocate(config: TrainConfig, images: Uint8Array, labels: Uint8Array, steps: number): Shared {
  const { words } = layOut(config);
  const floats = (count: number) => new Float32Array(new SharedArrayBuffer(4 * count));
  const bytes = (source: Uint8Array) => {
    const copy = new Uint8Array(new SharedArrayBuffer(source.length));
    copy.set(source);
    return copy;
  };
  return {
    parameters: floats(words),
    mean: floats(words),
    square: floats(words),
    average: floats(words),
    gradients: Array.from({ length: SHARDS }, () => floats(words)),
    statistics: floats(2 * SHARDS * steps),
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
