import { OptionError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import { createEngine, type Engine, type Lesson } from "./engine.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { volume } from "./network.ts";

/**
 * Checks that there is a teacher where the recipe learns from one, and that it answers the same images with the same
 * classes.
 *
 * @throws OptionError naming what does not fit
 */
export function checkTeacher({ distillation, input, labels }: TrainConfig, teacher: Checkpoint | undefined): void {
  if (teacher === undefined) {
    if (distillation.weight === 0) return;
    throw misfit("distillation.weight", "0 without a teacher (--teacher)", distillation.weight);
  }
  if (distillation.weight === 0) throw misfit("distillation.weight", "more than 0 with a teacher", 0);
  const { config } = teacher;
  const [ours, theirs] = [input.shape.join(" x "), config.input.shape.join(" x ")];
  if (ours !== theirs) throw misfit("teacher", `images of ${ours}`, theirs);
  if (config.labels.join() !== labels.join()) {
    throw misfit("teacher", `the classes ${labels.join(", ")}`, config.labels.join(", "));
  }
}

function misfit(option: string, expected: string, got: string | number): OptionError {
  return new OptionError(`${option}: expected ${expected}, got ${got}`, { option, expected, got });
}

/** What workers need of a teacher. */
export type Taught = Pick<Checkpoint, "config" | "average" | "statistics">;

/** Lays out the teacher beside a pupil's engine. The result answers what stands in the pupil's input, before it is used up. */
export function createTeacher(
  kernels: Kernels,
  arena: Arena,
  pupil: TrainConfig,
  engine: Engine,
  teacher: Taught,
): () => Lesson {
  const { config, average, statistics } = teacher;
  const own = createEngine(kernels, arena, config, engine.images);
  arena.floats(own.parameters, average.length).set(average);
  arena.floats(own.statistics, statistics.length).set(statistics);
  own.prepare();
  const words = volume(config.input.shape);
  const factor = pupil.input.deviation / config.input.deviation;
  const shift = (pupil.input.mean - config.input.mean) / config.input.deviation;
  const lesson = { ...pupil.distillation, logits: own.logitsAddress };
  return () => {
    const rows = [engine.input, engine.inputTable, own.input, own.inputTable];
    kernels.scaleRows(...rows, words, 4 * engine.images, factor, shift);
    own.forward(true);
    return lesson;
  };
}
