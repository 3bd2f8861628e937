import type { ImageSet } from "../data/images.ts";
import { OptionError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import type { Checkpoint, EpochRecord } from "../train/checkpoint.ts";
import { hire } from "../train/crew.ts";
import { type Progress, progressOf, runEpoch, validate } from "../train/epoch.ts";
import { fromNetwork } from "../train/from-network.ts";
import { layOut } from "../train/parameters.ts";
import { allocate } from "../train/shared.ts";
import { toNetwork } from "../train/to-network.ts";
import { checkFit } from "../train/train.ts";
import { masterOf } from "./master.ts";
import { quantiseNetwork } from "./quantise.ts";
import { type FinetuneSettings, finetuneRecipe } from "./recipe.ts";
import { COMPILED, type FinetuneTask } from "./task.ts";

/** An epoch of fine-tuning; `validation` is of the integers that would be deployed after it. */
export interface FinetuneRecord extends EpochRecord {
  /** Sums of weights that were shrunk so that no accumulator can wrap. */
  readonly held: number;
}

export interface FinetuneOptions extends FinetuneSettings {
  /** Threads, 1 to 4; the result does not depend on it. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onEpoch?: (history: readonly FinetuneRecord[]) => void;
}

export interface Finetuned {
  /** Share of the held-out images that the compiled model answers right; null without such images. */
  readonly before: number | null;
  readonly history: readonly FinetuneRecord[];
  /** The result, and the epoch that it is of: 0 for the compiled model. */
  readonly model: Model;
  readonly kept: number;
}

/**
 * Trains a compiled network on with the deployed integers in the forward pass: formats, schedules and shifts are those
 * that the compiler chose; each step quantises float weights, runs the SIMD kernels on every image and
 * takes the gradients of the float network at the real values of their words, straight through the rounding.
 *
 * Kept is the model of the last epoch, or the compiled one if that answers as many held-out images right or more. The
 * result does not depend on the number of workers.
 *
 * @param compiled what `compile` made of the checkpoint's network
 * @throws OptionError if an option does not hold, TrainingError if the loss is no longer finite
 * @throws DataError if the images are not those of the recipe, ShapeError if the model is not the checkpoint's
 * @see docs/training.md; Bengio et al., Estimating or propagating gradients through stochastic neurons, 2013
 */
export async function finetune(
  checkpoint: Checkpoint,
  compiled: Model,
  set: ImageSet,
  options: FinetuneOptions,
): Promise<Finetuned> {
  const { epochs, rate, seed, validation, workers = 2, signal, onProgress, onEpoch } = options;
  const config = finetuneRecipe(checkpoint.config, { epochs, rate, seed, validation });
  if (rate === 0) throw new OptionError("rate: expected a number above 0, got 0", { option: "rate" });
  checkFit(config, set, workers);
  const count = set.count - config.validation;
  const steps = Math.floor(count / config.batch);
  const shape = layOut(config);
  const shared = allocate(config, set.images, set.labels, count, steps);
  shared.parameters.set(fromNetwork(shape, masterOf(checkpoint.network, compiled)).parameters);
  shared.average.set(shared.parameters);
  const task: FinetuneTask = { config, shared, index: 0, workers, count, steps, model: compiled };
  const crew = hire("finetune", task, signal);
  const run = { config, shared, crew, steps };
  const history: FinetuneRecord[] = [];
  try {
    const before = await validate(run, COMPILED);
    let last = compiled;
    for (let epoch = 0; epoch < epochs; epoch++) {
      await runEpoch(run, epoch, onProgress);
      const { model, held } = quantiseNetwork(toNetwork(config, shape, shared.average, shared.statistics), compiled);
      const { loss, accuracy } = progressOf(run, epoch);
      history.push({ epoch: epoch + 1, loss, accuracy, validation: await validate(run, epoch), held });
      last = model;
      onEpoch?.(history);
    }
    const isBetter = before === null || (history[epochs - 1].validation ?? 0) > before;
    return { before, history, model: isBetter ? last : compiled, kept: isBetter ? epochs : 0 };
  } finally {
    await crew.dismiss();
  }
}
