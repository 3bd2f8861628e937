import { type Candidate, isSame, type Weigher } from "./candidate.ts";
import { CHOICES, type Choice } from "./conventions.ts";
import { type Datapath, SPECIFIED } from "./datapath/choices.ts";
import type { Scope, Subject, TensorMaker } from "./subject.ts";

/** Multiplications up to which pairs of choices are tried on all operations. */
const MOST_PRODUCTS = 2e10;

/** The tensor under a choice, where it is not the reference's. */
interface Made {
  readonly choice: Choice;
  readonly scope: Scope;
  readonly words: Float64Array;
}

/** How a tensor is made and laid out, and who is told how far the search is. */
export interface SearchParts {
  readonly subject: Subject;
  readonly maker: TensorMaker;
  readonly weigher: Weigher;
  readonly onProgress: (done: number, total: number) => void;
}

/** Every convention, then pairs of them until one explains the whole dump. */
export async function findCandidates(parts: SearchParts): Promise<readonly Candidate[]> {
  const { maker, weigher } = parts;
  const right = maker.make(SPECIFIED, "operation");
  const made = await makeChoices(parts, right);
  const singles = made.flatMap(({ choice, scope, words }) => weigher.weigh([choice], scope, weigher.put(words)));
  for (const arrangement of weigher.free) {
    for (const put of weigher.arrange(right, arrangement)) {
      singles.push(...weigher.weigh([put.tried], "operation", put.words));
    }
  }
  if (singles.some(weigher.isWhole)) return singles;
  const arranged = await arrangedChoices(weigher, made);
  const pairs = [...singles, ...arranged, ...(await arrangementPairs(weigher, right))];
  if (pairs.some(weigher.isWhole)) return pairs;
  return [...pairs, ...(await choicePairs(parts, made))];
}

async function makeChoices({ subject, maker, onProgress }: SearchParts, right: Float64Array): Promise<readonly Made[]> {
  const scopes: readonly Scope[] = subject.operation > 0 ? ["operation", "network"] : ["operation"];
  const made: Made[] = [];
  for (const scope of scopes) {
    for (const [i, choice] of CHOICES.entries()) {
      onProgress(i, CHOICES.length);
      const words = maker.make({ ...SPECIFIED, ...choice.datapath }, scope);
      if (isSame(words, right)) continue;
      if (scope === "network" && made.some((it) => it.choice === choice && isSame(it.words, words))) continue;
      made.push({ choice, scope, words });
      await pause();
    }
  }
  return made;
}

/** A choice and an arrangement. */
async function arrangedChoices(weigher: Weigher, made: readonly Made[]): Promise<readonly Candidate[]> {
  const pairs: Candidate[] = [];
  for (const { choice, scope, words } of made) {
    for (const arrangement of weigher.free) {
      for (const put of weigher.arrange(words, arrangement)) {
        pairs.push(...weigher.weigh([choice, put.tried], scope, put.words));
      }
    }
    await pause();
  }
  return pairs;
}

/** Two arrangements, the inner one first. */
async function arrangementPairs(weigher: Weigher, right: Float64Array): Promise<readonly Candidate[]> {
  const pairs: Candidate[] = [];
  for (const [i, first] of weigher.free.entries()) {
    for (const second of weigher.free.slice(i + 1)) {
      const [inner, outer] = first.rank <= second.rank ? [first, second] : [second, first];
      if (inner.rank === outer.rank && inner.rank <= 2) continue;
      for (const put of weigher.arrange(right, inner)) {
        for (const again of weigher.arrange(put.plain, outer)) {
          pairs.push(...weigher.weigh([put.tried, again.tried], "operation", again.words));
        }
      }
    }
    await pause();
  }
  return pairs;
}

/** Two choices that both change the tensor, until a pair explains the dump. */
async function choicePairs(
  { subject, maker, weigher, onProgress }: SearchParts,
  made: readonly Made[],
): Promise<readonly Candidate[]> {
  const todo = made.flatMap(({ choice, scope }, i) =>
    made.slice(i + 1).flatMap((other) => {
      const keys = Object.keys(choice.datapath);
      const isPair = !choice.isPart && !other.choice.isPart && other.scope === scope;
      const conflict = keys.some((key) => key in other.choice.datapath);
      return isPair && !conflict ? [{ first: choice, second: other.choice, scope }] : [];
    }),
  );
  const isAffordable = productsOf(subject) * todo.length <= MOST_PRODUCTS;
  const tried = todo.filter(({ scope }) => scope === "operation" || isAffordable);
  const pairs: Candidate[] = [];
  for (const [i, { first, second, scope }] of tried.entries()) {
    onProgress(i, tried.length);
    const datapath: Datapath = { ...SPECIFIED, ...first.datapath, ...second.datapath };
    const found = weigher.weigh([first, second], scope, weigher.put(maker.make(datapath, scope)));
    pairs.push(...found);
    if (found.some(weigher.isWhole)) break;
    await pause();
  }
  return pairs;
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
