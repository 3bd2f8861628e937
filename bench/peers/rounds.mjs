/** A slice is at least this long, and as long as the slowest contender's call, up to a limit. */
const LEAST_SLICE_MS = 0.6;
const MOST_SLICE_MS = 20;
/** Warm until the best slice of a window is no better than that of the windows before. */
const WINDOW_MS = 60;
const STEADY = 0.97;
const MOST_WINDOWS = 8;

/**
 * Times contenders against one another: rounds of short slices, every contender in each round, the order rotated, so
 * that what else the machine does meets all alike. All slices of a row are equally long: a long one is interrupted more
 * often than a short one.
 *
 * @param contenders `{ name, call, async?, items? }`; `call` does one inference of `items` items
 * @param budgetMs   time for all rounds together; at least `leastRounds` rounds are made
 * @returns for each contender the nanoseconds of one item: `{ name, samples }`, one sample a round
 */
export async function interleave(contenders, { budgetMs, leastRounds = 15 }) {
  const runs = [];
  for (const contender of contenders) runs.push(await warm(contender));
  const slowest = Math.max(...runs.map(({ callMs }) => callMs));
  const sliceMs = Math.min(MOST_SLICE_MS, Math.max(LEAST_SLICE_MS, slowest));
  const samples = runs.map(() => []);
  const end = performance.now() + budgetMs;
  for (let round = 0; round < leastRounds || performance.now() < end; round++) {
    for (let turn = 0; turn < runs.length; turn++) {
      const at = (turn + round) % runs.length;
      const { slice, callMs, items } = runs[at];
      const times = Math.max(1, Math.ceil(sliceMs / callMs));
      await slice(1);
      const start = performance.now();
      const pending = slice(times);
      if (pending) await pending;
      samples[at].push(((performance.now() - start) * 1e6) / (times * items));
    }
  }
  return contenders.map(({ name }, i) => ({ name, samples: samples[i] }));
}

/** Runs a contender until it gets no faster, and finds how long a call takes. */
async function warm({ call, async: isAsync = false, items = 1 }) {
  const slice = isAsync
    ? async (times) => {
        for (let i = 0; i < times; i++) await call();
      }
    : (times) => {
        for (let i = 0; i < times; i++) call();
      };
  let best = Number.POSITIVE_INFINITY;
  for (let window = 0; window < MOST_WINDOWS; window++) {
    let fastest = Number.POSITIVE_INFINITY;
    const end = performance.now() + WINDOW_MS;
    for (let times = 1, spent = 0; performance.now() < end; ) {
      const start = performance.now();
      await slice(times);
      spent = performance.now() - start;
      fastest = Math.min(fastest, spent / times);
      if (spent < LEAST_SLICE_MS / 2) times *= 2;
    }
    const steady = fastest > best * STEADY;
    best = Math.min(best, fastest);
    if (steady && window > 1) break;
  }
  return { slice, items, callMs: best };
}

/** The value below which a share of the sorted samples lies. */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (samples) => quantile(samples, 0.5);

/** How many times longer `peer` took than `own` when the machine was quietest: the ratio of the 10th percentiles. */
export function quietRatio(peer, own) {
  return quantile(peer.samples, 0.1) / quantile(own.samples, 0.1);
}

/** The median over rounds of how many times longer `peer` took than `own` in the same round. */
export function ratio(peer, own) {
  return median(peer.samples.map((value, round) => value / own.samples[round]));
}

/** Median and 10th percentile of a contender, in nanoseconds. */
export function summary({ samples }) {
  return { median: median(samples), p10: quantile(samples, 0.1), rounds: samples.length };
}

/** What is told of a contender: its times and, of a peer, how many times longer it takes than each of ours. */
export function report(one, all) {
  const own = all.filter(({ name }) => name.startsWith("circulant"));
  if (own.includes(one)) return { name: one.name, ...summary(one) };
  const against = (compare) => Object.fromEntries(own.map((ours) => [ours.name, compare(one, ours)]));
  return { name: one.name, ...summary(one), ratios: against(ratio), quietRatios: against(quietRatio) };
}
