const HEADS = ["runtime", "version", "engine", "kernels", "digests", "first inference"];
const NONE = "-";

/** The outcomes as a table in Markdown. */
export function table(outcomes) {
  const rows = [HEADS, ...outcomes.map(cells)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n");
}

function cells({ runtime, status, refused, version = NONE, engine = NONE, kernels = NONE, firstMs }) {
  const digests = { passed: refused ? "refused by name" : "equal", failed: "FAILED", skipped: "skipped" }[status];
  return [runtime, version, engine, kernels, digests, firstMs === undefined ? NONE : `${firstMs.toFixed(1)} ms`];
}

/** The last line of a run, for programs that read it. */
export function summary(outcomes) {
  const count = (status) => outcomes.filter((outcome) => outcome.status === status).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}

/** Why rows did not pass, one paragraph each. */
export function reasons(outcomes) {
  return outcomes.flatMap(({ runtime, status, reason }) => (reason ? [`${status}: ${runtime}: ${reason}`] : []));
}
