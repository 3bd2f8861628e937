import { type Candidate, ENOUGH_BITS, isSame, type Tried, type Weigher } from "./candidate.ts";
import type { Evidence } from "./evidence.ts";
import type { Scope } from "./subject.ts";

/** One or two conventions that make a dump likelier than the reference does. */
export interface Explanation extends Evidence {
  readonly conventions: readonly Tried[];
  readonly scope: Scope;
  /** Others that give the same words for this input. */
  readonly alike: readonly (readonly Tried[])[];
  /** True if every word that could be compared is explained. */
  readonly isWhole: boolean;
}

/** What the candidates come to. */
export interface Explanations {
  /** The likeliest first; whole ones alone if there are any. Empty if nothing explains the dump better than chance. */
  readonly explanations: readonly Explanation[];
  /** True if a whole explanation was found, but too few words differ to tell it from chance. */
  readonly undecided: readonly Explanation[];
  /** Conventions and pairs that were tried. */
  readonly tried: number;
}

/** Bits that the second convention of a pair must add to the first. */
const SECOND_BITS = 10;
/** Differing words that a named convention must explain. */
const ENOUGH_WORDS = 4;
const SHOWN = 3;

/** Those of the candidates that explain the dump better than chance, with so many tried. */
export function explanationsOf(candidates: readonly Candidate[], weigher: Weigher): Explanations {
  const tried = weigher.tried();
  const fewest = (a: Candidate, b: Candidate) => a.conventions.length - b.conventions.length;
  const ordered = [...candidates].sort((a, b) => b.evidence.bits - a.evidence.bits || fewest(a, b));
  const whole = ordered.filter(weigher.isWhole);
  const least = Math.min(...whole.map(({ conventions }) => conventions.length));
  const wholes = gather(whole.filter(({ conventions }) => conventions.length === least));
  const explain = ({ candidate, alike }: Gathered): Explanation => {
    const { conventions, scope, evidence } = candidate;
    return { conventions, scope, ...evidence, alike, isWhole: weigher.isWhole(candidate) };
  };
  if (wholes.length > 0) {
    const enough = wholes.filter(({ candidate }) => isEnough(candidate, tried));
    const undecided = enough.length > 0 ? [] : wholes.map(explain);
    return { explanations: enough.map(explain).slice(0, SHOWN), undecided, tried };
  }
  const addsEnough = secondAdds(ordered);
  const partly = gather(ordered.filter((it) => isEnough(it, tried) && addsEnough(it)));
  return { explanations: partly.slice(0, SHOWN).map(explain), undecided: [], tried };
}

function isEnough({ evidence: { bits, explained, broken } }: Candidate, tried: number): boolean {
  return bits - Math.log2(tried) >= ENOUGH_BITS && explained >= ENOUGH_WORDS && explained > broken;
}

/** Whether each convention of a pair makes the other likelier by enough. */
function secondAdds(candidates: readonly Candidate[]): (candidate: Candidate) => boolean {
  const singles = candidates.filter(({ conventions }) => conventions.length === 1);
  const bitsOf = new Map(singles.map((it) => [keyOf(it.conventions[0]), it.evidence.bits]));
  return ({ conventions, evidence }) =>
    conventions.length === 1 ||
    conventions.every((it) => evidence.bits >= Math.max(0, bitsOf.get(keyOf(it)) ?? 0) + SECOND_BITS);
}

interface Gathered {
  readonly candidate: Candidate;
  readonly alike: (readonly Tried[])[];
}

/** Candidates with the same words together, the first of them in front. */
function gather(candidates: readonly Candidate[]): Gathered[] {
  const groups: Gathered[] = [];
  for (const candidate of candidates) {
    const group = groups.find((it) => isSame(it.candidate.words, candidate.words));
    if (group === undefined) groups.push({ candidate, alike: [] });
    else if (group.candidate.conventions.length === candidate.conventions.length)
      group.alike.push(candidate.conventions);
  }
  return groups;
}

function keyOf({ name, amount }: Tried): string {
  return `${name} ${amount ?? ""}`;
}
