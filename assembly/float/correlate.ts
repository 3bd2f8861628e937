/**
 * The gradient by the weights: for every bin and block (i, j) the sum over the batch of D_i conj(X_j), where the
 * caller hands in C = conj(D), the spectrum of the gradient read backwards in time.
 */

/** Input blocks taken at once, so that they stay in the first cache. */
const PANEL: usize = 128;

/**
 * g[i, j] = sum over the batch of conj(c[i] x[j]) for every bin; g holds p x q words a bin, row by row. Layout of the
 * batches as in `multiply`, distances in bytes, `width` a multiple of 16.
 */
export function correlate(
  k: usize, c: usize, cStride: usize, x: usize, xStride: usize, g: usize, gStride: usize, p: usize, q: usize, width: usize,
): void {
  const half = k >> 1;
  realCorrelation(c, x, g, p, q, width);
  if (k > 1) realCorrelation(c + half * cStride, x + half * xStride, g + half * gStride, p, q, width);
  for (let i: usize = 1; i < half; i++) {
    complexCorrelation(
      c + i * cStride, c + (k - i) * cStride, x + i * xStride, x + (k - i) * xStride,
      g + i * gStride, g + (k - i) * gStride, p, q, width,
    );
  }
}

function realCorrelation(c: usize, x: usize, g: usize, p: usize, q: usize, width: usize): void {
  for (let first: usize = 0; first < q; first += PANEL) {
    const end = min(first + PANEL, q);
    let i: usize = 0;
    for (; i + 2 <= p; i += 2) {
      let j = first;
      for (; j + 4 <= end; j += 4) realTile(c + i * width, x + j * width, g + (i * q + j) * 4, q * 4, width);
      for (; j < end; j++) {
        realPair(c + i * width, x + j * width, g + (i * q + j) * 4, width);
        realPair(c + (i + 1) * width, x + j * width, g + ((i + 1) * q + j) * 4, width);
      }
    }
    for (; i < p; i++) {
      for (let j = first; j < end; j++) realPair(c + i * width, x + j * width, g + (i * q + j) * 4, width);
    }
  }
}

// @ts-ignore: decorator
@inline
function realTile(c: usize, x: usize, g: usize, gRow: usize, width: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const x1 = x + width, x2 = x1 + width, x3 = x2 + width, c1 = c + width;
  for (let v: usize = 0; v < width; v += 16) {
    const u = v128.load(c + v), t = v128.load(c1 + v);
    let z = v128.load(x + v);
    a0 = f32x4.add(a0, f32x4.mul(u, z)); b0 = f32x4.add(b0, f32x4.mul(t, z));
    z = v128.load(x1 + v);
    a1 = f32x4.add(a1, f32x4.mul(u, z)); b1 = f32x4.add(b1, f32x4.mul(t, z));
    z = v128.load(x2 + v);
    a2 = f32x4.add(a2, f32x4.mul(u, z)); b2 = f32x4.add(b2, f32x4.mul(t, z));
    z = v128.load(x3 + v);
    a3 = f32x4.add(a3, f32x4.mul(u, z)); b3 = f32x4.add(b3, f32x4.mul(t, z));
  }
  v128.store(g, sums(a0, a1, a2, a3));
  v128.store(g + gRow, sums(b0, b1, b2, b3));
}

function realPair(c: usize, x: usize, g: usize, width: usize): void {
  let a = f32x4.splat(0);
  for (let v: usize = 0; v < width; v += 16) a = f32x4.add(a, f32x4.mul(v128.load(c + v), v128.load(x + v)));
  store<f32>(g, sum(a));
}

function complexCorrelation(
  cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, p: usize, q: usize, width: usize,
): void {
  for (let i: usize = 0; i < p; i++) {
    const at = i * width;
    let j: usize = 0;
    for (; j + 4 <= q; j += 4) {
      const to = (i * q + j) * 4;
      complexTile(cr + at, ci + at, xr + j * width, xi + j * width, gr + to, gi + to, width);
    }
    for (; j < q; j++) {
      const to = (i * q + j) * 4;
      complexPair(cr + at, ci + at, xr + j * width, xi + j * width, gr + to, gi + to, width);
    }
  }
}

// @ts-ignore: decorator
@inline
function complexTile(cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, width: usize): void {
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, i0 = r0, i1 = r0, i2 = r0, i3 = r0;
  const w2: usize = width + width, w3: usize = w2 + width;
  for (const end = cr + width; cr < end; cr += 16, ci += 16, xr += 16, xi += 16) {
    const u = v128.load(cr), t = v128.load(ci);
    // gr - j gi = (u + j t) (zr + j zi)
    let zr = v128.load(xr), zi = v128.load(xi);
    r0 = f32x4.sub(f32x4.add(r0, f32x4.mul(u, zr)), f32x4.mul(t, zi));
    i0 = f32x4.sub(f32x4.sub(i0, f32x4.mul(t, zr)), f32x4.mul(u, zi));
    zr = v128.load(xr + width); zi = v128.load(xi + width);
    r1 = f32x4.sub(f32x4.add(r1, f32x4.mul(u, zr)), f32x4.mul(t, zi));
    i1 = f32x4.sub(f32x4.sub(i1, f32x4.mul(t, zr)), f32x4.mul(u, zi));
    zr = v128.load(xr + w2); zi = v128.load(xi + w2);
    r2 = f32x4.sub(f32x4.add(r2, f32x4.mul(u, zr)), f32x4.mul(t, zi));
    i2 = f32x4.sub(f32x4.sub(i2, f32x4.mul(t, zr)), f32x4.mul(u, zi));
    zr = v128.load(xr + w3); zi = v128.load(xi + w3);
    r3 = f32x4.sub(f32x4.add(r3, f32x4.mul(u, zr)), f32x4.mul(t, zi));
    i3 = f32x4.sub(f32x4.sub(i3, f32x4.mul(t, zr)), f32x4.mul(u, zi));
  }
  v128.store(gr, sums(r0, r1, r2, r3));
  v128.store(gi, sums(i0, i1, i2, i3));
}

function complexPair(cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, width: usize): void {
  let r = f32x4.splat(0), i = r;
  for (let v: usize = 0; v < width; v += 16) {
    const u = v128.load(cr + v), t = v128.load(ci + v), zr = v128.load(xr + v), zi = v128.load(xi + v);
    r = f32x4.sub(f32x4.add(r, f32x4.mul(u, zr)), f32x4.mul(t, zi));
    i = f32x4.sub(f32x4.sub(i, f32x4.mul(t, zr)), f32x4.mul(u, zi));
  }
  store<f32>(gr, sum(r));
  store<f32>(gi, sum(i));
}

/** The sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The sum of the lanes, in the order of `sums`. */
// @ts-ignore: decorator
@inline
export function sum(a: v128): f32 {
  return (f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2)) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}
