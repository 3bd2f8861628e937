import { createHash } from "node:crypto";
import type { ImageSet } from "../data/images.ts";
import { CheckpointError, DataError, OptionError } from "../errors.ts";
import { type Checkpoint, digestOf, type EpochRecord } from "./checkpoint.ts";
import { SHARDS, type TrainConfig } from "./config.ts";
import { hire } from "./crew.ts";
import { firstDifference } from "./differ.ts";
import { type Progress, progressOf, runEpoch, validate } from "./epoch.ts";
import { initialise, layOut } from "./parameters.ts";
import { allocate, type Shared, type WorkerTask } from "./shared.ts";
import { checkTeacher } from "./teacher.ts";
import { toNetwork } from "./to-network.ts";

export interface TrainOptions {
  /** Threads, 1 to 4; the result does not depend on it. */
  readonly workers?: number;
  /** Goes on from here; its recipe must be the same. */
  readonly resume?: Checkpoint;
  /** A network of the recipe's layers to begin with in place of random weights, unless resumed; its averages are taken. */
  readonly init?: Pick<Checkpoint, "config" | "average" | "statistics">;
  /** The network to learn from, as the recipe's distillation says. */
  readonly teacher?: Checkpoint;
  /** Aborts between two reports; the last checkpoint given to `onEpoch` stays good. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called after every epoch, and once before the first; training waits for it. */
  readonly onEpoch?: (checkpoint: Checkpoint) => void | Promise<void>;
}

/**
 * Trains a network on images. The result depends on the recipe and the images alone: not on the number of workers,
 * nor on interruptions.
 *
 * @returns the state after the last epoch
 * @throws OptionError if the recipe does not fit the images, TrainingError if the loss is no longer finite,
 *   CheckpointError if the checkpoint to resume is of another recipe or other images
 */
export async function train(config: TrainConfig, set: ImageSet, options: TrainOptions = {}): Promise<Checkpoint> {
  const { workers = 2, resume, init, teacher, signal, onProgress, onEpoch } = options;
  checkFit(config, set, workers);
  checkTeacher(config, teacher);
  const data = createHash("sha256").update(set.images).update(set.labels).digest("hex");
  const taught = teacher && { config: teacher.config, average: teacher.average, statistics: teacher.statistics };
  const origin = { config, data, teacher: teacher ? digestOf(teacher) : null };
  if (resume) checkResume(origin, resume);
  if (init) checkInit(config, init.config);
  const count = set.count - config.validation;
  const steps = Math.floor(count / config.batch);
  const shared = allocate(config, set.images, set.labels, count, steps);
  start(config, shared, resume, init);
  const history: EpochRecord[] = [...(resume?.history ?? [])];
  const snapshot = (): Checkpoint => capture(origin, shared, history);
  if (!resume) await onEpoch?.(snapshot());
  const task: WorkerTask = { config, shared, teacher: taught, index: 0, workers, count, steps };
  const crew = hire("train", task, signal);
  const run = { config, shared, crew, steps };
  try {
    for (let epoch = history.length; epoch < config.epochs; epoch++) {
      await runEpoch(run, epoch, onProgress);
      if (shared.statistics.length > 0) await crew.ask({ kind: "measure", epoch });
      const { loss, accuracy } = progressOf(run, epoch);
      history.push({ epoch: epoch + 1, loss, accuracy, validation: await validate(run, epoch) });
      await onEpoch?.(snapshot());
    }
  } finally {
    await crew.dismiss();
  }
  return snapshot();
}

/** @throws OptionError or DataError if a recipe, images and a number of workers do not fit one another */
export function checkFit(config: TrainConfig, set: ImageSet, workers: number): void {
  const expected = config.input.shape.join(" x ");
  const got = [set.height, set.width, set.channels].join(" x ");
  if (got !== expected) {
    throw new DataError(`images: expected ${expected} as in the recipe's input.shape, got ${got}`, { got });
  }
  if (config.validation >= set.count) {
    throw new OptionError(`validation: expected less than the ${set.count} images, got ${config.validation}`, {
      option: "validation",
    });
  }
  if (set.count - config.validation < config.batch) {
    const got = `${set.count} - ${config.validation} held out`;
    throw new OptionError(`batch: expected at most the images to train on, ${got}, got ${config.batch}`, {
      option: "batch",
    });
  }
  const classes = config.labels.length;
  const most = set.labels.reduce((top, label) => Math.max(top, label), 0);
  if (most >= classes) throw new DataError(`labels: expected 0 to ${classes - 1}, got ${most}`, { got: most });
  if (!Number.isInteger(workers) || workers < 1 || workers > SHARDS) {
    throw new OptionError(`workers: expected 1 to ${SHARDS}, got ${workers}`, { option: "workers" });
  }
}

/** What a run is made of; a resumed one must be of the same. */
type Origin = Pick<Checkpoint, "config" | "data" | "teacher">;

function checkResume({ config, data, teacher }: Origin, resume: Checkpoint): void {
  const difference = firstDifference(config, resume.config);
  if (difference) {
    const { field, expected, got } = difference;
    throw new CheckpointError(
      `checkpoint: expected ${field} ${expected} as in the recipe, got ${got}; resume with the recipe it was begun with`,
      { ...difference },
    );
  }
  if (resume.data !== data) {
    throw new CheckpointError(
      `checkpoint: expected images of SHA-256 ${data}, got ${resume.data}; use the same images`,
    );
  }
  if (resume.teacher !== teacher) {
    throw new CheckpointError(
      `checkpoint: expected a teacher of SHA-256 ${teacher ?? "none"}, got ${resume.teacher ?? "none"}; use the same teacher`,
      { expected: teacher, got: resume.teacher },
    );
  }
}

function checkInit(config: TrainConfig, init: TrainConfig): void {
  const [ours, theirs] = [config, init].map(({ input, layers }) => ({ input, layers }));
  const difference = firstDifference(ours, theirs);
  if (!difference) return;
  const { field, expected, got } = difference;
  throw new CheckpointError(
    `init: expected ${field} ${expected} as in the recipe, got ${got}; begin with a network of the recipe's layers`,
    { ...difference },
  );
}

function start(
  config: TrainConfig,
  shared: Shared,
  resume: Checkpoint | undefined,
  init: TrainOptions["init"] | undefined,
): void {
  if (resume) {
    for (const name of ["parameters", "mean", "square", "average", "statistics"] as const)
      shared[name].set(resume[name]);
    return;
  }
  shared.parameters.set(init ? init.average : initialise(layOut(config), config.seed));
  if (init) shared.statistics.set(init.statistics);
  shared.average.set(shared.parameters);
}

function capture(origin: Origin, shared: Shared, history: readonly EpochRecord[]): Checkpoint {
  const { config } = origin;
  const average = shared.average.slice();
  const statistics = shared.statistics.slice();
  return {
    ...origin,
    history: [...history],
    parameters: shared.parameters.slice(),
    mean: shared.mean.slice(),
    square: shared.square.slice(),
    average,
    statistics,
    network: toNetwork(config, layOut(config), average, statistics),
  };
}
