import { ShapeError } from "../errors.ts";
import { add, requant, sat } from "../fixed/arithmetic.ts";
import { type Activation, activate } from "./activation.ts";

/** The sum of two tensors whose formats may differ: the residual of a network. */
export interface SumLayer {
  readonly words: number;
  /** For each operand the right shift that brings it to the sum's format, -15 .. 15; a left shift if negative. */
  readonly shifts: readonly [number, number];
  readonly activation: Activation;
}

/** A word in a format with `shift` fractional bits fewer: `requant`, or a saturating left shift. */
export function align(word: number, shift: number): number {
  return shift >= 0 ? requant(word, shift) : sat(word << -shift);
}

/**
 * The sum of two tensors and its activation: the reference.
 *
 * @throws ShapeError if an operand is not `words` long
 * @see docs/arithmetic.md, section 8
 */
export function sum({ words, shifts, activation }: SumLayer, a: Int16Array, b: Int16Array): Int16Array {
  for (const x of [a, b]) if (x.length !== words) throw new ShapeError(`add: expected ${words} words, got ${x.length}`);
  return a.map((word, at) => activate(activation, add(align(word, shifts[0]), align(b[at], shifts[1]))));
}
