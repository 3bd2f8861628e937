import { arranged, weigherOf } from "./candidate.ts";
import { SPECIFIED } from "./datapath/choices.ts";
import { type Explanations, explanationsOf } from "./explanation.ts";
import { findCandidates } from "./search.ts";
import { layoutOf, type Subject, tensorMaker } from "./subject.ts";

/** How a dump differs from the tensor, and what makes it. */
export interface Diagnosis extends Explanations {
  /** Words of the dump, and of the tensor. */
  readonly words: number;
  readonly expectedWords: number;
  readonly differing: number;
  /** Place of the first word that differs or is missing; undefined if the dump is right. */
  readonly first?: { readonly at: number; readonly expected: number | undefined; readonly actual: number | undefined };
}

export interface DiagnoseOptions {
  /** Arrangements that the dump is known to have. */
  readonly as?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

/** The words that a dump should hold. */
export function expectedWords(subject: Subject, as: readonly string[] = []): Float64Array {
  return arranged(tensorMaker(subject).make(SPECIFIED, "operation"), layoutOf(subject), as);
}

/**
 * Holds a dump against the reference's tensor and, where it differs, against what the tensor would be under other
 * conventions and pairs of them.
 *
 * @param dump words as numbers, all vectors one after the other
 */
export async function diagnose(
  subject: Subject,
  dump: Float64Array,
  { as = [], onProgress = () => {} }: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const layout = layoutOf(subject);
  const maker = tensorMaker(subject);
  const right = maker.make(SPECIFIED, "operation");
  const expected = arranged(right, layout, as);
  const length = Math.max(dump.length, expected.length);
  let differing = Math.abs(dump.length - expected.length);
  let at = -1;
  for (let i = length - 1; i >= 0; i--) {
    if (dump[i] === expected[i]) continue;
    if (i < Math.min(dump.length, expected.length)) differing++;
    at = i;
  }
  const counts = { words: dump.length, expectedWords: expected.length, differing };
  if (at < 0) return { ...counts, explanations: [], undecided: [], tried: 0 };
  const first = { at, expected: expected[at], actual: dump[at] };
  const weigher = weigherOf({ dump, expected, layout, as });
  const candidates = await findCandidates({ subject, maker, weigher, onProgress });
  return { ...counts, first, ...explanationsOf(candidates, weigher) };
}
