/** A choice for one item: what it costs and what it loses. */
export interface Option {
  readonly cost: number;
  readonly loss: number;
}

/** A choice for every item. */
export interface Selection extends Option {
  /** Number of the option of each item. */
  readonly picks: readonly number[];
}

/** Selections that are kept at a time; beyond, of each part of the costs only the best. */
const MOST = 20_000;

/**
 * The multiple-choice knapsack for all budgets at once: the selections of one option an item, of which none both costs
 * and loses less, by rising cost. Exact, by dynamic programming over the items, as long as no more than 20,000 selections
 * are in question; then of each of as many parts of the range of costs the best is.
 *
 * @see Kellerer, Pferschy and Pisinger, Knapsack Problems, 2004, section 11.5
 */
export function frontier(items: readonly (readonly Option[])[]): readonly Selection[] {
  let selections: readonly Selection[] = [{ cost: 0, loss: 0, picks: [] }];
  for (const options of items) {
    const longer = selections.flatMap(({ cost, loss, picks }) =>
      options.map((option, n) => ({ cost: cost + option.cost, loss: loss + option.loss, picks: [...picks, n] })),
    );
    selections = thinned(undominated(longer));
  }
  return selections;
}

function undominated(selections: Selection[]): readonly Selection[] {
  selections.sort((a, b) => a.cost - b.cost || a.loss - b.loss || compare(a.picks, b.picks));
  let least = Number.POSITIVE_INFINITY;
  return selections.filter(({ loss }) => {
    if (loss >= least) return false;
    least = loss;
    return true;
  });
}

/** Losses fall with the cost, so the last of a part of the costs is its best. */
function thinned(selections: readonly Selection[]): readonly Selection[] {
  if (selections.length <= MOST) return selections;
  const [first, last] = [selections[0].cost, selections[selections.length - 1].cost];
  const parts = new Map(selections.map((one) => [Math.floor(((one.cost - first) / (last - first)) * MOST), one]));
  return [...parts.values()];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((pick, i) => pick !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
