import { ARRANGEMENTS, type Arrangement, type Convention } from "./conventions.ts";
import { type Evidence, evidenceScale } from "./evidence.ts";
import type { Scope, TensorLayout } from "./subject.ts";

/** A convention as it was tried. */
export interface Tried {
  readonly name: string;
  readonly meaning: string;
  readonly remedy: string;
  /** Words or bits, where the convention has a number. */
  readonly amount?: number;
}

/** A way to make the tensor. */
export interface Candidate {
  readonly conventions: readonly Tried[];
  readonly scope: Scope;
  readonly evidence: Evidence;
  readonly words: Float64Array;
}

/** What candidates are weighed against. */
export interface Measured {
  readonly dump: Float64Array;
  readonly expected: Float64Array;
  readonly layout: TensorLayout;
  /** Arrangements that the dump is known to have. */
  readonly as: readonly string[];
}

/** Bits by which an explanation must be likelier than an unknown fault, beside those for the number of trials. */
export const ENOUGH_BITS = 20;

/** Lays tensors out as dumps may be, and weighs them. */
export interface Weigher {
  /** Tensors weighed so far. */
  readonly tried: () => number;
  /** Arrangements that the dump is not known to have. */
  readonly free: readonly Arrangement[];
  /** Words as the dump is known to have them. */
  readonly put: (words: Float64Array) => Float64Array;
  /** An arrangement with each of its amounts; `plain` is without the known ones. */
  readonly arrange: (words: Float64Array, arrangement: Arrangement) => readonly Arranged[];
  /** One candidate, or none if the words explain nothing. */
  readonly weigh: (
    conventions: readonly (Convention | Tried)[],
    scope: Scope,
    words: Float64Array,
  ) => readonly Candidate[];
  /** Whether the words are the dump's wherever both have some, on half of the dump at least. */
  readonly isWhole: (candidate: Pick<Candidate, "evidence">) => boolean;
}

export interface Arranged {
  readonly tried: Tried;
  readonly plain: Float64Array;
  readonly words: Float64Array;
}

export function weigherOf({ dump, expected, layout, as }: Measured): Weigher {
  const scale = evidenceScale(dump, expected);
  let tried = 0;
  const put = (words: Float64Array) => (as.length === 0 ? words : arranged(words, layout, as));
  const isWhole = ({ evidence: { compared, equal } }: Pick<Candidate, "evidence">) =>
    equal === compared && 2 * compared >= dump.length;
  return {
    tried: () => tried,
    free: ARRANGEMENTS.filter(({ name }) => !as.includes(name)),
    put,
    isWhole,
    arrange: (words, { arrange, amounts = [0], ...convention }) => {
      const list = typeof amounts === "function" ? amounts(dump, put(words)) : amounts;
      return list.flatMap((amount) => {
        const plain = arrange(words, layout, amount);
        if (plain === undefined || isSame(plain, words)) return [];
        const named = { ...convention, ...(amounts.length === 1 && amount === 0 ? {} : { amount }) };
        return [{ tried: named, plain, words: put(plain) }];
      });
    },
    weigh: (conventions, scope, words) => {
      tried++;
      if (words.length === expected.length && isSame(words, expected)) return [];
      const evidence = scale(words);
      if (evidence.explained === 0 || (evidence.bits < ENOUGH_BITS && !isWhole({ evidence }))) return [];
      return [{ conventions: conventions.map(plainly), scope, evidence, words }];
    },
  };
}

function plainly(convention: Convention | Tried): Tried {
  const { name, meaning, remedy } = convention;
  const isCounted = "amount" in convention && convention.amount !== undefined;
  return { name, meaning, remedy, ...(isCounted ? { amount: convention.amount } : {}) };
}

/** Lays words out as a dump is known to have them. */
export function arranged(words: Float64Array, layout: TensorLayout, names: readonly string[]): Float64Array {
  const known = ARRANGEMENTS.filter(({ name }) => names.includes(name)).sort((a, b) => a.rank - b.rank);
  return known.reduce((put, { arrange, amounts }) => {
    const amount = Array.isArray(amounts) ? amounts[0] : 0;
    return arrange(put, layout, amount) ?? put;
  }, words);
}

export function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i] || (Number.isNaN(word) && Number.isNaN(b[i])));
}
