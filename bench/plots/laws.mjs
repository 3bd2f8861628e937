/** Blocks of a tile. A tile that is not full takes as long as one that is. */
const LANES = 8;

/** What a layer of n x n does: products of words, words through a stage of a transform, and one call. */
function terms({ n, k }) {
  const tiles = Math.ceil(n / k / LANES);
  return [(n * n) / k, 2 * tiles * LANES * k * Math.log2(k), 1];
}

/**
 * The constants of time = a n^2 / k + b 2 t log2 k + c, in nanoseconds, where t is n in whole tiles of 8 blocks: least
 * squares of relative errors, none of them negative.
 *
 * @param points `{ n, k, ns }`
 */
export const fitLayer = (points) => leastSquares(points, terms);

/** Nanoseconds by the law of `fitLayer`. */
export const layerTime = (constants, n, k) => terms({ n, k }).reduce((sum, term, i) => sum + term * constants[i], 0);

/** The constant of time = c n log2 n. */
export function fitNLogN(points) {
  return leastSquares(points, ({ n }) => [n * Math.log2(n)])[0];
}

/** Coordinate descent on the normal equations, which keeps every constant at 0 or above. */
function leastSquares(points, termsOf) {
  const rows = points.map((point) => termsOf(point).map((term) => term / point.ns));
  const constants = rows[0].map(() => 0);
  for (let pass = 0; pass < 20_000; pass++) {
    for (const at of constants.keys()) {
      let above = 0;
      let below = 0;
      for (const row of rows) {
        const rest = row.reduce((sum, term, i) => (i === at ? sum : sum + term * constants[i]), 0);
        above += row[at] * (1 - rest);
        below += row[at] ** 2;
      }
      constants[at] = Math.max(0, above / below);
    }
  }
  return constants;
}
