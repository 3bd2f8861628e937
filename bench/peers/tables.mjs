/**
 * Times of contenders as lines of text: median, 10th percentile, and for each of ours how many times longer a peer
 * takes: the median of the rounds' ratios, then the ratio of the 10th percentiles.
 *
 * @param unit nanoseconds of what is printed
 */
export function timesTable(title, head, unit, contenders) {
  const own = contenders.filter(({ ratios }) => !ratios).map(({ name }) => name);
  const heads = ["median", "10th", "error", ...own.map((name) => name.replace("circulant ", "x "))];
  const rows = contenders.map(({ name, median, p10, error, ratios, quietRatios }) => [
    name,
    (median / unit).toPrecision(4),
    (p10 / unit).toPrecision(4),
    error?.toExponential(1) ?? "",
    ...own.map((ours) => (ratios ? `${ratios[ours].toFixed(1)} ${quietRatios[ours].toFixed(1)}` : "")),
  ]);
  const lines = [[head, ...heads], ...rows].map(
    ([first, ...cells]) => first.padEnd(36) + cells.map((cell, i) => cell.padStart(i < 3 ? 10 : 17)).join(""),
  );
  return `${title}\n${lines.join("\n")}\n`;
}
