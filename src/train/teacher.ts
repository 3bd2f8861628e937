import { OptionError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";

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
