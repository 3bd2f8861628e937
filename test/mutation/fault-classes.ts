import { type MutantPlace, wordsOf } from "./place.ts";

/** A kind of fault under which the score is told. */
interface FaultClass {
  readonly name: string;
  isOf(place: MutantPlace, operator: string): boolean;
}

const SKEW = ["register removed", "register added"];
const ENABLE = ["enable stuck", "enable inverted"];
const RESET = ["reset value", "reset removed"];
const MEMORY = ["never written", "always written", "read address stuck"];
const LOGIC = ["and for or", "any for all", "parity inverted", "inversion removed"];
const CHOICE = ["choice", "case"];

const isRegisterOrMemory = (operator: string) => [...SKEW, ...ENABLE, ...RESET, ...MEMORY].includes(operator);
const onText = (pattern: RegExp) => (place: MutantPlace, operator: string) =>
  !isRegisterOrMemory(operator) && pattern.test(wordsOf(place));

/** The first that fits is a mutant's class: what its line does, then what the operator does to it. */
const CLASSES: readonly FaultClass[] = [
  { name: "swapped channels", isOf: (_, operator) => operator === "halves exchanged" },
  { name: "order of the schedule", isOf: onText(/schedule|scaled|halved/) },
  {
    name: "bit order",
    isOf: (place, operator) =>
      operator === "bits reversed" ||
      (!isRegisterOrMemory(operator) &&
        (/^(bit_reverse|path_order)\.v$/.test(place.file) || /revers/.test(wordsOf(place)))),
  },
  { name: "saturation", isOf: onText(/\bfits\b|\[16\] == \w+\[15\]|\{15\{~/) },
  { name: "rounding", isOf: onText(/16384|sd128\b|rounded|_up = /) },
  {
    name: "sign of a twiddle",
    isOf: ({ file, instance, text }, operator) =>
      (/^(add|sub)_sat\.v$/.test(file) &&
        /butterfly/.test(instance) &&
        ["sum for difference", "operands exchanged"].includes(operator)) ||
      (/^(twiddle_product|mulr)\.v$/.test(file) && operator === "signedness") ||
      (/cosine|sine/.test(text) && !isRegisterOrMemory(operator)),
  },
  { name: "one cycle of skew", isOf: (_, operator) => SKEW.includes(operator) },
  { name: "enable", isOf: (_, operator) => ENABLE.includes(operator) },
  { name: "reset", isOf: (_, operator) => RESET.includes(operator) },
  { name: "memory", isOf: (_, operator) => MEMORY.includes(operator) },
  { name: "choice", isOf: (_, operator) => CHOICE.some((word) => operator.startsWith(word)) },
  { name: "logic", isOf: (_, operator) => LOGIC.includes(operator) },
  { name: "comparison", isOf: ({ type }) => /^\$(lt|le|gt|ge|eq|ne)$/.test(type) },
  { name: "arithmetic", isOf: () => true },
];

export const FAULT_CLASSES: readonly string[] = CLASSES.map(({ name }) => name);

/** The class of the fault that an operator makes at a place. */
export function faultClassOf(place: MutantPlace, operator: string): string {
  return CLASSES.find(({ isOf }) => isOf(place, operator))?.name ?? "arithmetic";
}
