import type { Row, Values } from "./bench.ts";

/** A transaction: the outputs that count, in the order of `ports`. */
export type Transaction = readonly (number | bigint)[];

/** The rows in which an output is 1, or all of several are, as transactions. */
export function transactions(
  rows: readonly Row[],
  enables: readonly string[],
  ports: readonly string[],
  [from, to]: readonly [number, number] = [0, rows.length],
): bigint[][] {
  const active = rows.slice(from, to).filter((row) => enables.every((enable) => row[enable] === 1n));
  return active.map((row) => ports.map((port) => row[port]));
}

/** What is wrong with transactions, or nothing. `mayStop`: a reset has ended them early. */
export function compareTransactions(
  actual: readonly (readonly bigint[])[],
  expected: readonly Transaction[],
  mayStop = false,
): string | undefined {
  for (const [i, transaction] of actual.entries()) {
    if (expected[i] === undefined) return `expected ${expected.length} transactions, got ${actual.length}`;
    const right = expected[i].map((word, at) => BigInt.asUintN(64, BigInt(word)) === transaction[at]);
    if (right.includes(false))
      return `transaction ${i}: expected ${expected[i].join(", ")}, got ${transaction.join(", ")}`;
  }
  if (mayStop || actual.length === expected.length) return undefined;
  return `expected ${expected.length} transactions, got ${actual.length}`;
}

/** Reset, a start that a reset cuts short, and a whole run: cycles of each and the stimulus. */
export function cutRun(constants: Values, cut: number, length: number, each: (cycle: number) => Values = () => ({})) {
  const stimulus: Values[] = [
    { ...constants, rst_i: 1, start_i: 0, ...each(0) },
    { rst_i: 0, start_i: 1, ...each(1) },
  ];
  while (stimulus.length < cut) stimulus.push({ start_i: 0, ...each(stimulus.length) });
  stimulus.push({ rst_i: 1, start_i: 0, ...each(cut) }, { rst_i: 0, start_i: 1, ...each(cut + 1) });
  while (stimulus.length < cut + 2 + length) stimulus.push({ start_i: 0, ...each(stimulus.length) });
  return { stimulus, first: [0, cut + 1], second: [cut + 1, stimulus.length] } as const;
}

export const u16 = (word: number): number => word & 0xffff;
export const u32 = (word: number): number => word >>> 0;
/** Two words of a location. */
export const pair = (low: number, high: number): number => ((high << 16) | (low & 0xffff)) >>> 0;
