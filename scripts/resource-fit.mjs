// Least squares without negative numbers: what each part takes, from the counts of whole engines.

/**
 * The numbers x >= 0 for which the errors of `rows` x against `targets`, relative to `wholes`, have the least sum of
 * squares. A slight pull to zero decides between parts that no row tells apart.
 */
export function fitNonNegative(rows, targets, wholes = targets, pull = 1e-5) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const scale = names.map((name) => Math.max(...rows.map((row) => row[name] ?? 0)) || 1);
  const typical = wholes.reduce((sum, whole) => sum + whole, 0) / wholes.length || 1;
  const weights = wholes.map((whole) => 1 / Math.max(whole, 1));
  const matrix = rows.map((row, i) => names.map((name, j) => ((row[name] ?? 0) / scale[j]) * typical * weights[i]));
  const wanted = targets.map((target, i) => target * weights[i]);
  const normal = names.map((_, a) =>
    names.map((_, b) => matrix.reduce((sum, row) => sum + row[a] * row[b], a === b ? pull : 0)),
  );
  const right = names.map((_, a) => matrix.reduce((sum, row, i) => sum + row[a] * wanted[i], 0));
  const x = names.map(() => 0);
  // Coordinate descent: each number in turn at its best, zero at least, until none moves.
  for (let round = 0; round < 200000; round++) {
    let moved = 0;
    for (let a = 0; a < names.length; a++) {
      const gradient = right[a] - normal[a].reduce((sum, value, b) => sum + value * x[b], 0);
      const next = Math.max(0, x[a] + gradient / normal[a][a]);
      moved = Math.max(moved, Math.abs(next - x[a]));
      x[a] = next;
    }
    if (moved < 1e-9) break;
  }
  return Object.fromEntries(names.map((name, j) => [name, Number(((x[j] * typical) / scale[j]).toPrecision(4))]));
}
