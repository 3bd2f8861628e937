/**
 * Runs a row and compares what it reports with the golden digests.
 *
 * @param row     what runs where: its runtime and `run`
 * @param context what `run` is given
 * @returns the row's outcome, its reason if it did not pass, and its figures
 */
export async function judge(row, context) {
  const started = Date.now();
  const outcome = await outcomeOf(row, context);
  return { runtime: row.runtime, ...outcome, seconds: (Date.now() - started) / 1000 };
}

async function outcomeOf(row, context) {
  const missing = row.missing?.(context);
  if (missing) return { status: "skipped", reason: missing };
  try {
    const result = await row.run(context);
    const { version, engine, report, firsts = [], refused = false } = result;
    const figures = {
      version,
      engine,
      kernels: report?.kernels,
      firstMs: median(firsts.map((first) => first.milliseconds)),
    };
    const reason = refused ? undefined : firstDifference(result, context.golden);
    return { status: reason ? "failed" : "passed", reason, refused, ...figures };
  } catch (error) {
    return { status: "failed", reason: error.message };
  }
}

/** What of a report is not golden, or undefined. A row says which models it runs; none is no pass. */
function firstDifference({ report, firsts = [] }, { models }) {
  const ran = Object.entries(report.digests);
  if (ran.length === 0) return "expected digests, got none";
  for (const [name, digest] of ran) {
    const expected = models[name]?.sha256;
    if (digest !== expected) return `${name}: expected the digest ${expected}, got ${digest}`;
  }
  const expected = String(models["mnist-mlp"].first);
  const wrong = firsts.find(({ words }) => String(words) !== expected);
  return wrong && `first inference: expected the words ${expected}, got ${wrong.words}`;
}

function median(values) {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
