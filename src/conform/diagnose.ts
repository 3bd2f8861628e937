import { ARRANGEMENTS, type Arrangement, CHOICES, type Choice, type Convention } from "./conventions.ts";
import { type Datapath, SPECIFIED } from "./datapath/choices.ts";
import { type Evidence, evidenceScale, type Scale } from "./evidence.ts";
import { layoutOf, type Scope, type Subject, type TensorLayout, type TensorMaker, tensorMaker } from "./subject.ts";

/** A convention as it was tried. */
export interface Tried {
  readonly name: string;
  readonly meaning: string;
  readonly remedy: string;
  /** Words or bits, where the convention has a number. */
  readonly amount?: number;
}

/** One or two conventions that make a dump likelier than the reference does. */
export interface Explanation extends Evidence {
  readonly conventions: readonly Tried[];
  readonly scope: Scope;
  /** Others that give the same words for this input. */
  readonly alike: readonly (readonly Tried[])[];
  /** True if every word that could be compared is explained. */
  readonly isWhole: boolean;
}

export interface Diagnosis {
  /** Words of the dump, and of the tensor. */
  readonly words: number;
  readonly expectedWords: number;
  readonly differing: number;
  /** Place of the first word that differs or is missing; undefined if the dump is right. */
  readonly first?: { readonly at: number; readonly expected: number | undefined; readonly actual: number | undefined };
  /** The likeliest first; whole ones alone if there are any. Empty if nothing explains the dump better than chance. */
  readonly explanations: readonly Explanation[];
  /** True if a whole explanation was found, but too few words differ to tell it from chance. */
  readonly undecided: readonly Explanation[];
  /** Conventions and pairs that were tried. */
  readonly tried: number;
}

export interface DiagnoseOptions {
  /** Arrangements that the dump is known to have. */
  readonly as?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

/** Bits by which an explanation must be likelier than an unknown fault, beside those for the number of trials. */
const ENOUGH_BITS = 20;
/** Bits that the second convention of a pair must add to the first. */
const SECOND_BITS = 10;
/** Differing words that a named convention must explain. */
const ENOUGH_WORDS = 4;
const SHOWN = 3;
/** Multiplications up to which pairs of choices are tried on all operations. */
const MOST_PRODUCTS = 2e10;

/** A way to make the tensor. */
interface Candidate {
  readonly conventions: readonly Tried[];
  readonly scope: Scope;
  readonly evidence: Evidence;
  readonly words: Float64Array;
}

/** The words that a dump should hold. */
export function expectedWords(subject: Subject, as: readonly string[] = []): Float64Array {
  return arranged(tensorMaker(subject).make(SPECIFIED, "operation"), layoutOf(subject), as);
}

/** Lays words out as a dump is known to have them. */
function arranged(words: Float64Array, layout: TensorLayout, names: readonly string[]): Float64Array {
  const known = ARRANGEMENTS.filter(({ name }) => names.includes(name)).sort((a, b) => a.rank - b.rank);
  return known.reduce((put, { arrange, amounts }) => {
    const amount = Array.isArray(amounts) ? amounts[0] : 0;
    return arrange(put, layout, amount) ?? put;
  }, words);
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
  const search = new Search(subject, layout, maker, dump, expected, as, onProgress);
  return { ...counts, first, ...(await search.run()) };
}

class Search {
  readonly #layout: TensorLayout;
  readonly #maker: TensorMaker;
  readonly #dump: Float64Array;
  readonly #scale: Scale;
  readonly #as: readonly string[];
  readonly #onProgress: (done: number, total: number) => void;
  readonly #subject: Subject;
  readonly #expected: Float64Array;
  #tried = 0;

  constructor(
    subject: Subject,
    layout: TensorLayout,
    maker: TensorMaker,
    dump: Float64Array,
    expected: Float64Array,
    as: readonly string[],
    onProgress: (done: number, total: number) => void,
  ) {
    this.#subject = subject;
    this.#layout = layout;
    this.#maker = maker;
    this.#dump = dump;
    this.#expected = expected;
    this.#as = as;
    this.#onProgress = onProgress;
    this.#scale = evidenceScale(dump, expected);
  }

  async run(): Promise<Pick<Diagnosis, "explanations" | "undecided" | "tried">> {
    const right = this.#maker.make(SPECIFIED, "operation");
    const scopes: readonly Scope[] = this.#subject.operation > 0 ? ["operation", "network"] : ["operation"];
    const singles: Candidate[] = [];
    /** The tensor under each single choice, where it is not the reference's. */
    const made: { choice: Choice; scope: Scope; words: Float64Array }[] = [];
    for (const scope of scopes) {
      for (const [i, choice] of CHOICES.entries()) {
        this.#onProgress(i, CHOICES.length);
        const words = this.#maker.make({ ...SPECIFIED, ...choice.datapath }, scope);
        if (isSame(words, right)) continue;
        if (scope === "network" && made.some((it) => it.choice === choice && isSame(it.words, words))) continue;
        made.push({ choice, scope, words });
        singles.push(...this.#weigh([choice], scope, this.#put(words)));
        await pause();
      }
    }
    for (const arrangement of this.#free()) {
      for (const put of this.#arrange(right, arrangement))
        singles.push(...this.#weigh([put.tried], "operation", put.words));
    }
    if (singles.some((it) => this.#isWhole(it))) return this.#result(singles);
    const pairs = [...singles];
    for (const { choice, scope, words } of made) {
      for (const arrangement of this.#free()) {
        for (const put of this.#arrange(words, arrangement)) {
          pairs.push(...this.#weigh([choice, put.tried], scope, put.words));
        }
      }
      await pause();
    }
    for (const [i, first] of this.#free().entries()) {
      for (const second of this.#free().slice(i + 1)) {
        const [inner, outer] = first.rank <= second.rank ? [first, second] : [second, first];
        if (inner.rank === outer.rank && inner.rank <= 2) continue;
        for (const put of this.#arrange(right, inner)) {
          for (const again of this.#arrange(put.plain, outer)) {
            pairs.push(...this.#weigh([put.tried, again.tried], "operation", again.words));
          }
        }
      }
      await pause();
    }
    if (!pairs.some((it) => this.#isWhole(it))) await this.#choicePairs(made, pairs);
    return this.#result(pairs);
  }

  /** Pairs of choices that both change the tensor. */
  async #choicePairs(made: readonly { choice: Choice; scope: Scope }[], pairs: Candidate[]): Promise<void> {
    const products = productsOf(this.#subject);
    const todo = made.flatMap(({ choice, scope }, i) =>
      made.slice(i + 1).flatMap((other) => {
        const keys = Object.keys(choice.datapath);
        const isPair = !choice.isPart && !other.choice.isPart && other.scope === scope;
        const conflict = keys.some((key) => key in other.choice.datapath);
        return isPair && !conflict ? [{ first: choice, second: other.choice, scope }] : [];
      }),
    );
    const isAffordable = products * todo.length <= MOST_PRODUCTS;
    const tried = todo.filter(({ scope }) => scope === "operation" || isAffordable);
    for (const [i, { first, second, scope }] of tried.entries()) {
      this.#onProgress(i, tried.length);
      const datapath: Datapath = { ...SPECIFIED, ...first.datapath, ...second.datapath };
      const found = this.#weigh([first, second], scope, this.#put(this.#maker.make(datapath, scope)));
      pairs.push(...found);
      if (found.some((it) => this.#isWhole(it))) return;
      await pause();
    }
  }

  /** Arrangements that the dump is not known to have. */
  #free(): readonly Arrangement[] {
    return ARRANGEMENTS.filter(({ name }) => !this.#as.includes(name));
  }

  #put(words: Float64Array): Float64Array {
    return this.#as.length === 0 ? words : arranged(words, this.#layout, this.#as);
  }

  /** An arrangement with each of its amounts; `plain` is without the known ones. */
  #arrange(words: Float64Array, { arrange, amounts = [0], ...convention }: Arrangement) {
    const list = typeof amounts === "function" ? amounts(this.#dump, this.#put(words)) : amounts;
    return list.flatMap((amount) => {
      const plain = arrange(words, this.#layout, amount);
      if (plain === undefined || isSame(plain, words)) return [];
      const tried = { ...convention, ...(amounts.length === 1 && amount === 0 ? {} : { amount }) };
      return [{ tried, plain, words: this.#put(plain) }];
    });
  }

  #weigh(conventions: readonly (Convention | Tried)[], scope: Scope, words: Float64Array): Candidate[] {
    this.#tried++;
    if (words.length === this.#expected.length && isSame(words, this.#expected)) return [];
    const evidence = this.#scale(words);
    if (evidence.explained === 0 || (evidence.bits < ENOUGH_BITS && !this.#isWhole({ evidence }))) return [];
    const named = conventions.map((it) => {
      const { name, meaning, remedy } = it;
      return { name, meaning, remedy, ...("amount" in it && it.amount !== undefined ? { amount: it.amount } : {}) };
    });
    return [{ conventions: named, scope, evidence, words }];
  }

  #isWhole({ evidence }: Pick<Candidate, "evidence">): boolean {
    const { compared, equal } = evidence;
    return equal === compared && 2 * compared >= this.#dump.length;
  }

  #isEnough({ evidence }: Candidate): boolean {
    const { bits, explained, broken } = evidence;
    return bits - Math.log2(this.#tried) >= ENOUGH_BITS && explained >= ENOUGH_WORDS && explained > broken;
  }

  #result(candidates: readonly Candidate[]): Pick<Diagnosis, "explanations" | "undecided" | "tried"> {
    const fewest = (a: Candidate, b: Candidate) => a.conventions.length - b.conventions.length;
    const ordered = [...candidates].sort((a, b) => b.evidence.bits - a.evidence.bits || fewest(a, b));
    const whole = ordered.filter((it) => this.#isWhole(it));
    const least = Math.min(...whole.map(({ conventions }) => conventions.length));
    const wholes = gather(whole.filter(({ conventions }) => conventions.length === least));
    const explain = ({ candidate, alike }: Gathered): Explanation => {
      const { conventions, scope, evidence } = candidate;
      return { conventions, scope, ...evidence, alike, isWhole: this.#isWhole(candidate) };
    };
    if (wholes.length > 0) {
      const enough = wholes.filter(({ candidate }) => this.#isEnough(candidate));
      const undecided = enough.length > 0 ? [] : wholes.map(explain);
      return { explanations: enough.map(explain).slice(0, SHOWN), undecided, tried: this.#tried };
    }
    const single = new Map(
      ordered
        .filter(({ conventions }) => conventions.length === 1)
        .map((it) => [keyOf(it.conventions[0]), it.evidence.bits]),
    );
    const adds = ({ conventions, evidence }: Candidate) =>
      conventions.length === 1 ||
      conventions.every((it) => evidence.bits >= Math.max(0, single.get(keyOf(it)) ?? 0) + SECOND_BITS);
    const partly = gather(ordered.filter((it) => this.#isEnough(it) && adds(it)));
    return { explanations: partly.slice(0, SHOWN).map(explain), undecided: [], tried: this.#tried };
  }
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

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i] || (Number.isNaN(word) && Number.isNaN(b[i])));
}

/** Multiplications of the operations up to the one that is looked at, all vectors together. */
function productsOf({ steps, operation, vectors }: Subject): number {
  const each = steps.slice(0, operation + 1).map(({ step }) => {
    if (!("weights" in step)) return 0;
    const pixels = "height" in step ? (step.height * step.width) / step.stride ** 2 : 1;
    return step.weights.length * pixels;
  });
  return vectors.length * each.reduce((sum, products) => sum + products, 0);
}

/** Lets other work of the thread go on. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
