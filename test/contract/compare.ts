import { expect } from "vitest";
import type { Realisation } from "../../src/conform/realisation.ts";
import { type Operation, perform } from "../../src/layers/operation.ts";

type Words = Int16Array | Int32Array;

/** The first index at which two arrays differ, or -1; another length is a difference. */
export function firstDifference(actual: Words, expected: Words): number {
  const length = Math.max(actual.length, expected.length);
  for (let i = 0; i < length; i++) if (actual[i] !== expected[i]) return i;
  return -1;
}

/** Fails with the first word that differs. `toEqual` on long arrays takes a thousand times as long. */
export function expectSame(actual: Words, expected: Words, what = ""): void {
  const index = firstDifference(actual, expected);
  if (index >= 0) expect({ what, index, word: actual[index] }).toEqual({ what, index, word: expected[index] });
}

/** Fails with the first word of an operation that is not the reference's. */
export async function expectReference(
  realisation: Realisation,
  operation: Operation,
  inputs: readonly Int16Array[],
  what = "",
): Promise<void> {
  expectSame(await realisation.perform(operation, inputs), perform(operation, inputs).outputs, what);
}
