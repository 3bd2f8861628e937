import { cholesky, substitute } from "./cholesky.ts";
import { inverseBlocks, transformBlocks } from "./transform.ts";

/** A matrix of taps x out x in that is to become circulant blocks of k; a dense layer has one tap. */
export interface DenseMatrix {
  readonly in: number;
  readonly out: number;
  readonly taps: number;
  /** taps * out * in values: tap by tap, row by row. */
  readonly weights: Float64Array;
}

/** What a product reads and should write, window by window. */
export interface FitSamples {
  /** taps * q * k values each, zeros past `in`. */
  readonly x: readonly Float64Array[];
  /** `out` values each. */
  readonly y: readonly Float64Array[];
}

/** Share of the mean diagonal that is added to the normal equations, so that they always have one solution. */
const RIDGE = 1e-3;

/** Rounds in which outputs that do not exist are replaced by what the fit so far makes of them. */
const FILL_ROUNDS = 16;

/**
 * First columns of the circulant blocks that are nearest to a matrix: the mean over each cyclic diagonal. With second
 * moments of the inputs, each weight counts as much as its input does, and the expected squared error of the outputs is
 * least if no two inputs correlate.
 *
 * @param moments taps * q * k mean squares of the inputs; without them all count alike
 * @returns taps * p * q * k values: tap by tap, row by row
 */
export function fitDiagonals(matrix: DenseMatrix, k: number, moments?: Float64Array): Float64Array {
  const { in: inputs, out, taps, weights } = matrix;
  const p = Math.ceil(out / k);
  const q = Math.ceil(inputs / k);
  const sums = new Float64Array(taps * p * q * k);
  const totals = new Float64Array(taps * p * q * k);
  // What is always zero counts a little, so that a diagonal of nothing else keeps its mean.
  const least = 1e-9 * (moments?.reduce((most, moment) => Math.max(most, moment), 0) || 1);
  for (let tap = 0; tap < taps; tap++) {
    for (let row = 0; row < out; row++) {
      for (let column = 0; column < inputs; column++) {
        const block = (tap * p + Math.floor(row / k)) * q + Math.floor(column / k);
        const at = block * k + ((row - column) & (k - 1));
        const moment = moments ? moments[tap * q * k + column] + least : 1;
        sums[at] += moment * weights[(tap * out + row) * inputs + column];
        totals[at] += moment;
      }
    }
  }
  return sums.map((sum, at) => (totals[at] === 0 ? 0 : sum / totals[at]));
}

/**
 * First columns that make the least squared error of the outputs on samples: in the frequency domain every bin is a
 * least-squares problem of its own, sum over samples of |Y_i - sum_j W_ij X_j|^2, with taps * q unknowns a block row.
 *
 * @param near what the solution is drawn to where the samples do not tell, as of `fitDiagonals`
 * @returns taps * p * q * k values: tap by tap, row by row
 */
export function fitSquares(
  matrix: Omit<DenseMatrix, "weights">,
  k: number,
  samples: FitSamples,
  near: Float64Array,
): Float64Array {
  const { out, taps } = matrix;
  const p = Math.ceil(out / k);
  const q = Math.ceil(matrix.in / k);
  const unknowns = taps * q;
  const x = centre(samples.x).map((row) => transformBlocks(row, k));
  const y = centre(samples.y);
  const start = transformBlocks(near, k);
  const result = start.slice();
  const systems = Array.from({ length: k / 2 + 1 }, (_, bin) => factorise(x, unknowns, k, bin));
  for (let i = 0; i < p; i++) {
    const real = Math.min(k, out - i * k);
    const rounds = real < k ? FILL_ROUNDS : 1;
    for (let round = 0; round < rounds; round++) {
      const targets = y.map((row, s) => {
        const block = new Float64Array(k);
        if (real < k) block.set(predict(x[s], result, { i, p, q, taps, k }));
        block.set(row.subarray(i * k, i * k + real));
        return transformBlocks(block, k);
      });
      for (const [bin, system] of systems.entries()) {
        solveBin(system, x, targets, start, result, { i, p, q, taps, k, bin });
      }
    }
  }
  return inverseBlocks(result, k);
}

interface RowPlace {
  readonly i: number;
  readonly p: number;
  readonly q: number;
  readonly taps: number;
  readonly k: number;
}

/** A Hermitian system L L* with its ridge; complex values as pairs. */
interface System {
  readonly factor: Float64Array;
  readonly ridge: number;
}

function centre(rows: readonly Float64Array[]): Float64Array[] {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) for (let n = 0; n < mean.length; n++) mean[n] += row[n] / rows.length;
  return rows.map((row) => row.map((value, n) => value - mean[n]));
}

/** Real and imaginary part of a bin of the halfcomplex block at a place. */
function partsOf(k: number, bin: number): { readonly re: number; readonly im: number | undefined } {
  return { re: bin, im: bin === 0 || bin === k / 2 ? undefined : k - bin };
}

/** Cholesky factor of sum over samples of conj(X) X' plus the ridge. */
function factorise(x: readonly Float64Array[], n: number, k: number, bin: number): System {
  const { re, im } = partsOf(k, bin);
  const g = new Float64Array(2 * n * n);
  const [vr, vi] = [new Float64Array(n), new Float64Array(n)];
  for (const row of x) {
    for (let u = 0; u < n; u++) {
      vr[u] = row[u * k + re];
      vi[u] = im === undefined ? 0 : row[u * k + im];
    }
    for (let u = 0; u < n; u++) {
      for (let v = 0; v <= u; v++) {
        g[2 * (u * n + v)] += vr[u] * vr[v] + vi[u] * vi[v];
        g[2 * (u * n + v) + 1] += vr[u] * vi[v] - vi[u] * vr[v];
      }
    }
  }
  let trace = 0;
  for (let u = 0; u < n; u++) trace += g[2 * (u * n + u)];
  const ridge = (RIDGE * trace) / n || 1;
  for (let u = 0; u < n; u++) g[2 * (u * n + u)] += ridge;
  cholesky(g, n);
  return { factor: g, ridge };
}

/** Solves one bin of one block row and writes it into the spectra of the result. */
function solveBin(
  { factor, ridge }: System,
  x: readonly Float64Array[],
  targets: readonly Float64Array[],
  near: Float64Array,
  result: Float64Array,
  { i, p, q, taps, k, bin }: RowPlace & { readonly bin: number },
): void {
  const n = taps * q;
  const { re, im } = partsOf(k, bin);
  const place = (u: number) => ((Math.floor(u / q) * p + i) * q + (u % q)) * k;
  const b = new Float64Array(2 * n);
  for (let u = 0; u < n; u++) {
    b[2 * u] = ridge * near[place(u) + re];
    b[2 * u + 1] = im === undefined ? 0 : ridge * near[place(u) + im];
  }
  for (const [s, row] of x.entries()) {
    const yr = targets[s][re];
    const yi = im === undefined ? 0 : targets[s][im];
    for (let u = 0; u < n; u++) {
      const xr = row[u * k + re];
      const xi = im === undefined ? 0 : row[u * k + im];
      b[2 * u] += xr * yr + xi * yi;
      b[2 * u + 1] += xr * yi - xi * yr;
    }
  }
  substitute(factor, b, n);
  for (let u = 0; u < n; u++) {
    result[place(u) + re] = b[2 * u];
    if (im !== undefined) result[place(u) + im] = b[2 * u + 1];
  }
}

/** Block row i of the product, from spectra. */
function predict(x: Float64Array, w: Float64Array, { i, p, q, taps, k }: RowPlace): Float64Array {
  const y = new Float64Array(k);
  for (let u = 0; u < taps * q; u++) {
    const at = ((Math.floor(u / q) * p + i) * q + (u % q)) * k;
    for (let bin = 0; bin <= k / 2; bin++) {
      const { re, im } = partsOf(k, bin);
      y[re] += x[u * k + re] * w[at + re] - (im === undefined ? 0 : x[u * k + im] * w[at + im]);
      if (im !== undefined) y[im] += x[u * k + re] * w[at + im] + x[u * k + im] * w[at + re];
    }
  }
  return inverseBlocks(y, k);
}
