import { OptionError } from "../errors.ts";
import { LEAST_WEIGHT_BITS, WORD_BITS } from "../model/narrow.ts";
import type { EngineOperation, EngineProgram } from "./program.ts";

/**
 * Bits of a weight in the memory of an engine that is built for a program: those of its widest operation, which are 16
 * unless the model file states fewer for every operation that has weights.
 */
export function weightBitsOf({ steps }: EngineProgram): number {
  const bits = steps.flatMap(({ operation }) => ("weights" in operation ? [operation.weightBits ?? WORD_BITS] : []));
  return bits.length === 0 ? WORD_BITS : Math.max(LEAST_WEIGHT_BITS, ...bits);
}

/**
 * Checks that a weight memory of so many bits a word holds the weights of a program.
 *
 * @throws OptionError if the engine cannot be built with so many bits, or naming the first word that they do not hold
 */
export function checkWeightBits({ steps }: EngineProgram, bits: number): void {
  if (!Number.isInteger(bits) || bits < LEAST_WEIGHT_BITS || bits > WORD_BITS) {
    throw new OptionError(`WEIGHT_BITS: expected ${LEAST_WEIGHT_BITS} to ${WORD_BITS}, got ${bits}`, {
      option: "WEIGHT_BITS",
    });
  }
  if (bits === WORD_BITS) return;
  for (const [number, { operation }] of steps.entries()) {
    if (!("weights" in operation)) continue;
    const word = operation.weights.findIndex((weight) => bitsOf(weight) > bits);
    if (word < 0) continue;
    const needed = steps.reduce((most, step) => Math.max(most, bitsNeeded(step.operation)), bits);
    const name = operation.name ?? `operation ${number}`;
    throw new OptionError(
      `WEIGHT_BITS: expected weights of at most ${bits} bits, got ${operation.weights[word]} as word ${word} of ${name}, ` +
        `which takes ${bitsOf(operation.weights[word])}; build the engine with WEIGHT_BITS ${needed}, or compile the ` +
        `network with weights of ${bits} bits`,
      { option: "WEIGHT_BITS", operation: number, word, bits, needed },
    );
  }
}

function bitsNeeded(operation: EngineOperation): number {
  return "weights" in operation ? operation.weights.reduce((most, weight) => Math.max(most, bitsOf(weight)), 0) : 0;
}

/** Bits that a word takes in two's complement. */
function bitsOf(word: number): number {
  return 33 - Math.clz32(word < 0 ? ~word : word);
}
