/**
 * The Cholesky factor L of a Hermitian positive definite matrix L L*, in place of its lower triangle.
 *
 * @param g n * n complex values as pairs, row by row
 */
export function cholesky(g: Float64Array, n: number): void {
  for (let u = 0; u < n; u++) {
    for (let v = 0; v <= u; v++) {
      let re = g[2 * (u * n + v)];
      let im = g[2 * (u * n + v) + 1];
      for (let t = 0; t < v; t++) {
        const [ar, ai] = [g[2 * (u * n + t)], g[2 * (u * n + t) + 1]];
        const [br, bi] = [g[2 * (v * n + t)], g[2 * (v * n + t) + 1]];
        re -= ar * br + ai * bi;
        im -= ai * br - ar * bi;
      }
      const diagonal = u === v ? Math.sqrt(re) : g[2 * (v * n + v)];
      g[2 * (u * n + v)] = u === v ? diagonal : re / diagonal;
      g[2 * (u * n + v) + 1] = u === v ? 0 : im / diagonal;
    }
  }
}

/**
 * Solves L L* x = b.
 *
 * @param l as of `cholesky`
 * @param b n complex values as pairs, overwritten by x
 */
export function substitute(l: Float64Array, b: Float64Array, n: number): void {
  for (let u = 0; u < n; u++) {
    for (let v = 0; v < u; v++) {
      const [lr, li] = [l[2 * (u * n + v)], l[2 * (u * n + v) + 1]];
      b[2 * u] -= lr * b[2 * v] - li * b[2 * v + 1];
      b[2 * u + 1] -= lr * b[2 * v + 1] + li * b[2 * v];
    }
    b[2 * u] /= l[2 * (u * n + u)];
    b[2 * u + 1] /= l[2 * (u * n + u)];
  }
  for (let u = n - 1; u >= 0; u--) {
    for (let v = u + 1; v < n; v++) {
      const [lr, li] = [l[2 * (v * n + u)], -l[2 * (v * n + u) + 1]];
      b[2 * u] -= lr * b[2 * v] - li * b[2 * v + 1];
      b[2 * u + 1] -= lr * b[2 * v + 1] + li * b[2 * v];
    }
    b[2 * u] /= l[2 * (u * n + u)];
    b[2 * u + 1] /= l[2 * (u * n + u)];
  }
}
