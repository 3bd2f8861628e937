import { TrainingError } from "../errors.ts";
import { SHARDS, type TrainConfig } from "./config.ts";
import type { Crew } from "./crew.ts";
import { type Shared, Slot } from "./shared.ts";

/** Where training stands within an epoch. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  /** Mean loss and share of right answers of the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
}

/** What the epochs of a run have in common. */
export interface Run {
  readonly config: TrainConfig;
  readonly shared: Shared;
  readonly crew: Crew;
  /** Of an epoch. */
  readonly steps: number;
}

/**
 * Lets the workers go through an epoch.
 *
 * @param epoch from 0
 * @param onProgress called about ten times a second, and at the end
 * @throws TrainingError if a worker met a loss that is not finite
 */
export async function runEpoch(run: Run, epoch: number, onProgress?: (progress: Progress) => void): Promise<void> {
  const { shared, crew, steps } = run;
  Atomics.store(shared.control, Slot.step, 0);
  const report = () => onProgress?.(progressOf(run, epoch));
  const timer = setInterval(report, 100);
  const replies = await crew.ask({ kind: "train", epoch }).finally(() => clearInterval(timer));
  const diverged = replies.find(({ kind }) => kind === "diverged");
  if (diverged) {
    const step = epoch * steps + diverged.step;
    throw new TrainingError(`loss at step ${step}: expected a finite number, got none; lower the rate`, { step });
  }
  report();
}

/** Where the workers stand. */
export function progressOf({ config, shared, steps }: Run, epoch: number): Progress {
  const step = Atomics.load(shared.control, Slot.step);
  let loss = 0;
  let correct = 0;
  for (let at = 0; at < step * SHARDS; at++) {
    loss += shared.losses[2 * at];
    correct += shared.losses[2 * at + 1];
  }
  const images = Math.max(1, step * config.batch);
  return { epoch: epoch + 1, step, steps, loss: loss / images, accuracy: correct / images };
}

/** The share of the held-out images that the workers answer right; null without such images. */
export async function validate({ config, shared, crew }: Run, epoch: number): Promise<number | null> {
  if (config.validation === 0) return null;
  Atomics.store(shared.control, Slot.correct, 0);
  await crew.ask({ kind: "evaluate", epoch });
  return Atomics.load(shared.control, Slot.correct) / config.validation;
}
