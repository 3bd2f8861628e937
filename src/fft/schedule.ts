import { OptionError } from "../errors.ts";

/** A scaling schedule: bit t - 1 set = stage t (of group size 2^t) is halved. */
export type Schedule = number;

/** True if stage t, 1 .. log2 k, is halved. */
export function isScaled(schedule: Schedule, stage: number): boolean {
  return ((schedule >> (stage - 1)) & 1) === 1;
}

/** Number of halved stages. */
export function scaledStages(schedule: Schedule): number {
  let count = 0;
  for (let rest = schedule; rest !== 0; rest >>= 1) count += rest & 1;
  return count;
}

/** The schedule as text, stage 1 first: "110" halves the first and the second of three stages. */
export function formatSchedule(schedule: Schedule, stages: number): string {
  return Array.from({ length: stages }, (_, i) => (schedule >> i) & 1).join("");
}

/** Reads what `formatSchedule` wrote. @throws OptionError unless it is `stages` digits 0 or 1 */
export function parseSchedule(text: string, stages: number): Schedule {
  if (text.length !== stages || !/^[01]*$/.test(text)) {
    throw new OptionError(`schedule: expected ${stages} digits 0 or 1, got ${JSON.stringify(text)}`, {
      option: "schedule",
    });
  }
  return [...text].reduce((bits, digit, i) => bits | (Number(digit) << i), 0);
}
