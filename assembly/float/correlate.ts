/**
 * The gradient by the weights: for every bin, block (i, j) and tap the sum over pixels and images of D_i conj(X_j),
 * where the caller hands in C = conj(D), the spectrum of the gradient read backwards in time.
 *
 * An area is a rectangle of pixels of D and neighbouring columns (tap, block) of X that all of these pixels meet.
 */

/** Words of an area in its table. */
const AREA: usize = 9;

let lines: usize = 0, steps: usize = 0, cLine: usize = 0, xLine: usize = 0, cStep: usize = 0, xStep: usize = 0;

/**
 * g[i, c] += sum over the areas of conj(c[i] x[c]), for every bin; g holds p x columns words a bin, row by row. Layout
 * of the batches as in `multiply`.
 *
 * @param areas nine u32 each: offsets in c, x and g, columns, lines, pixels of a line, from line to line in c and in x,
 *   from pixel to pixel in x
 * @param gRow  bytes of a row of g
 * @param width a multiple of 16; all distances in bytes
 */
export function correlate(
  k: usize, c: usize, cStride: usize, x: usize, xStride: usize, g: usize, gStride: usize, gRow: usize,
  p: usize, width: usize, areas: usize, count: usize,
): void {
  const half = k >> 1;
  cStep = p * width;
  for (const end = areas + 4 * AREA * count; areas < end; areas += 4 * AREA) {
    const d = c + load<u32>(areas), z = x + load<u32>(areas, 4), to = g + load<u32>(areas, 8);
    const columns: usize = load<u32>(areas, 12);
    lines = load<u32>(areas, 16);
    steps = load<u32>(areas, 20);
    cLine = load<u32>(areas, 24);
    xLine = load<u32>(areas, 28);
    xStep = load<u32>(areas, 32);
    realCorrelation(d, z, to, gRow, p, columns, width);
    if (k > 1) realCorrelation(d + half * cStride, z + half * xStride, to + half * gStride, gRow, p, columns, width);
    for (let i: usize = 1; i < half; i++) {
      complexCorrelation(
        d + i * cStride, d + (k - i) * cStride, z + i * xStride, z + (k - i) * xStride,
        to + i * gStride, to + (k - i) * gStride, gRow, p, columns, width,
      );
    }
  }
}

function realCorrelation(c: usize, x: usize, g: usize, gRow: usize, p: usize, columns: usize, width: usize): void {
  let i: usize = 0;
  for (; i + 2 <= p; i += 2, c += 2 * width, g += 2 * gRow) {
    let j: usize = 0;
    for (; j + 4 <= columns; j += 4) realTile(c, x + j * width, g + 4 * j, gRow, width);
    for (; j < columns; j++) {
      realPair(c, x + j * width, g + 4 * j, width);
      realPair(c + width, x + j * width, g + gRow + 4 * j, width);
    }
  }
  for (; i < p; i++, c += width, g += gRow) {
    for (let j: usize = 0; j < columns; j++) realPair(c, x + j * width, g + 4 * j, width);
  }
}

/** Two rows by four columns. */
// @ts-ignore: decorator
@inline
function realTile(c: usize, x: usize, g: usize, gRow: usize, width: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const w2: usize = width + width, w3: usize = w2 + width, nextC = cStep, nextX = xStep;
  for (let line = lines; line > 0; line--, c += cLine, x += xLine) {
    let from = c, at = x;
    for (let step = steps; step > 0; step--, from += nextC, at += nextX) {
      let d = from, z = at;
      for (const end = from + width; d < end; d += 16, z += 16) {
        const u = v128.load(d), t = v128.load(d + width);
        let y = v128.load(z);
        a0 = f32x4.add(a0, f32x4.mul(u, y)); b0 = f32x4.add(b0, f32x4.mul(t, y));
        y = v128.load(z + width);
        a1 = f32x4.add(a1, f32x4.mul(u, y)); b1 = f32x4.add(b1, f32x4.mul(t, y));
        y = v128.load(z + w2);
        a2 = f32x4.add(a2, f32x4.mul(u, y)); b2 = f32x4.add(b2, f32x4.mul(t, y));
        y = v128.load(z + w3);
        a3 = f32x4.add(a3, f32x4.mul(u, y)); b3 = f32x4.add(b3, f32x4.mul(t, y));
      }
    }
  }
  v128.store(g, f32x4.add(v128.load(g), sums(a0, a1, a2, a3)));
  v128.store(g + gRow, f32x4.add(v128.load(g + gRow), sums(b0, b1, b2, b3)));
}

function realPair(c: usize, x: usize, g: usize, width: usize): void {
  let a = f32x4.splat(0);
  for (let line = lines; line > 0; line--, c += cLine, x += xLine) {
    let from = c, at = x;
    for (let step = steps; step > 0; step--, from += cStep, at += xStep) {
      for (let v: usize = 0; v < width; v += 16) a = f32x4.add(a, f32x4.mul(v128.load(from + v), v128.load(at + v)));
    }
  }
  store<f32>(g, load<f32>(g) + sum(a));
}

function complexCorrelation(
  cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, gRow: usize, p: usize, columns: usize, width: usize,
): void {
  for (let i: usize = 0; i < p; i++, cr += width, ci += width, gr += gRow, gi += gRow) {
    let j: usize = 0;
    for (; j + 4 <= columns; j += 4) complexTile(cr, ci, xr + j * width, xi + j * width, gr + 4 * j, gi + 4 * j, width);
    for (; j < columns; j++) complexPair(cr, ci, xr + j * width, xi + j * width, gr + 4 * j, gi + 4 * j, width);
  }
}

/** One row by four columns. */
// @ts-ignore: decorator
@inline
function complexTile(cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, width: usize): void {
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, i0 = r0, i1 = r0, i2 = r0, i3 = r0;
  const w2: usize = width + width, w3: usize = w2 + width, nextC = cStep, nextX = xStep;
  const toI = ci - cr, toXi = xi - xr;
  for (let line = lines; line > 0; line--, cr += cLine, xr += xLine) {
    let from = cr, at = xr;
    for (let step = steps; step > 0; step--, from += nextC, at += nextX) {
      let d = from, di = from + toI, z = at, y = at + toXi;
      for (const end = from + width; d < end; d += 16, di += 16, z += 16, y += 16) {
        const u = v128.load(d), t = v128.load(di);
        // gr - j gi = (u + j t) (zr + j zi)
        let zr = v128.load(z), zi = v128.load(y);
        r0 = f32x4.sub(f32x4.add(r0, f32x4.mul(u, zr)), f32x4.mul(t, zi));
        i0 = f32x4.sub(f32x4.sub(i0, f32x4.mul(t, zr)), f32x4.mul(u, zi));
        zr = v128.load(z + width); zi = v128.load(y + width);
        r1 = f32x4.sub(f32x4.add(r1, f32x4.mul(u, zr)), f32x4.mul(t, zi));
        i1 = f32x4.sub(f32x4.sub(i1, f32x4.mul(t, zr)), f32x4.mul(u, zi));
        zr = v128.load(z + w2); zi = v128.load(y + w2);
        r2 = f32x4.sub(f32x4.add(r2, f32x4.mul(u, zr)), f32x4.mul(t, zi));
        i2 = f32x4.sub(f32x4.sub(i2, f32x4.mul(t, zr)), f32x4.mul(u, zi));
        zr = v128.load(z + w3); zi = v128.load(y + w3);
        r3 = f32x4.sub(f32x4.add(r3, f32x4.mul(u, zr)), f32x4.mul(t, zi));
        i3 = f32x4.sub(f32x4.sub(i3, f32x4.mul(t, zr)), f32x4.mul(u, zi));
      }
    }
  }
  v128.store(gr, f32x4.add(v128.load(gr), sums(r0, r1, r2, r3)));
  v128.store(gi, f32x4.add(v128.load(gi), sums(i0, i1, i2, i3)));
}

function complexPair(cr: usize, ci: usize, xr: usize, xi: usize, gr: usize, gi: usize, width: usize): void {
  let r = f32x4.splat(0), i = r;
  const toI = ci - cr, toXi = xi - xr;
  for (let line = lines; line > 0; line--, cr += cLine, xr += xLine) {
    let from = cr, at = xr;
    for (let step = steps; step > 0; step--, from += cStep, at += xStep) {
      for (let v: usize = 0; v < width; v += 16) {
        const u = v128.load(from + v), t = v128.load(from + toI + v);
        const zr = v128.load(at + v), zi = v128.load(at + toXi + v);
        r = f32x4.sub(f32x4.add(r, f32x4.mul(u, zr)), f32x4.mul(t, zi));
        i = f32x4.sub(f32x4.sub(i, f32x4.mul(t, zr)), f32x4.mul(u, zi));
      }
    }
  }
  store<f32>(gr, load<f32>(gr) + sum(r));
  store<f32>(gi, load<f32>(gi) + sum(i));
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
