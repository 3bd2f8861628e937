/**
 * The product of a matrix of spectra with a batch of spectra: one matrix product for every bin, real for the first
 * and the middle bin, complex for the others. The batch lies along the lanes. With k = 1 it is the plain dense product.
 */

/** Columns of the matrix taken at once, so that their inputs stay in the first cache. */
const PANEL: usize = 256;

/**
 * y = W x for every bin. Word n of all blocks is row n of an array: `x + n * xStride` holds `columns` vectors,
 * `y + n * yStride` `rows` vectors of `width` bytes each, `w + n * wStride` the matrix, whose element (r, c) stands at
 * `r * wRow + c * wColumn`. All distances in bytes, `width` a multiple of 32.
 */
export function multiply(
  k: usize, w: usize, wStride: usize, wRow: usize, wColumn: usize,
  x: usize, xStride: usize, y: usize, yStride: usize, rows: usize, columns: usize, width: usize,
): void {
  const half = k >> 1;
  realProduct(w, wRow, wColumn, x, y, rows, columns, width);
  if (k > 1) realProduct(w + half * wStride, wRow, wColumn, x + half * xStride, y + half * yStride, rows, columns, width);
  for (let i: usize = 1; i < half; i++) {
    complexProduct(
      w + i * wStride, w + (k - i) * wStride, wRow, wColumn,
      x + i * xStride, x + (k - i) * xStride, y + i * yStride, y + (k - i) * yStride, rows, columns, width,
    );
  }
}

function realProduct(
  w: usize, wRow: usize, wColumn: usize, x: usize, y: usize, rows: usize, columns: usize, width: usize,
): void {
  for (let first: usize = 0; first < columns; first += PANEL) {
    const count = min(PANEL, columns - first), fresh = first == 0;
    const panel = x + first * width, weights = w + first * wColumn;
    let r: usize = 0;
    for (; r + 4 <= rows; r += 4) {
      for (let v: usize = 0; v < width; v += 32) {
        realTile(weights + r * wRow, wRow, wColumn, panel + v, y + r * width + v, count, width, fresh);
      }
    }
    for (; r < rows; r++) {
      for (let v: usize = 0; v < width; v += 32) {
        realRow(weights + r * wRow, wColumn, panel + v, y + r * width + v, count, width, fresh);
      }
    }
  }
}

/** Four rows by eight lanes. */
// @ts-ignore: decorator
@inline
function realTile(
  w: usize, wRow: usize, wColumn: usize, x: usize, y: usize, count: usize, width: usize, fresh: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const w1 = wRow, w2: usize = w1 + wRow, w3: usize = w2 + wRow;
  for (let n = count; n > 0; n--) {
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    const u0 = v128.load32_splat(w);
    a0 = f32x4.add(a0, f32x4.mul(u0, x0)); a1 = f32x4.add(a1, f32x4.mul(u0, x1));
    const u1 = v128.load32_splat(w + w1);
    b0 = f32x4.add(b0, f32x4.mul(u1, x0)); b1 = f32x4.add(b1, f32x4.mul(u1, x1));
    const u2 = v128.load32_splat(w + w2);
    c0 = f32x4.add(c0, f32x4.mul(u2, x0)); c1 = f32x4.add(c1, f32x4.mul(u2, x1));
    const u3 = v128.load32_splat(w + w3);
    d0 = f32x4.add(d0, f32x4.mul(u3, x0)); d1 = f32x4.add(d1, f32x4.mul(u3, x1));
    x += width; w += wColumn;
  }
  put(y, a0, a1, fresh);
  put(y + width, b0, b1, fresh);
  put(y + 2 * width, c0, c1, fresh);
  put(y + 3 * width, d0, d1, fresh);
}

// @ts-ignore: decorator
@inline
function realRow(w: usize, wColumn: usize, x: usize, y: usize, count: usize, width: usize, fresh: bool): void {
  let a0 = f32x4.splat(0), a1 = a0;
  for (let n = count; n > 0; n--) {
    const u = v128.load32_splat(w);
    a0 = f32x4.add(a0, f32x4.mul(u, v128.load(x)));
    a1 = f32x4.add(a1, f32x4.mul(u, v128.load(x, 16)));
    x += width; w += wColumn;
  }
  put(y, a0, a1, fresh);
}

// @ts-ignore: decorator
@inline
function put(y: usize, a: v128, b: v128, fresh: bool): void {
  if (!fresh) {
    a = f32x4.add(a, v128.load(y));
    b = f32x4.add(b, v128.load(y, 16));
  }
  v128.store(y, a);
  v128.store(y, b, 16);
}

function complexProduct(
  wr: usize, wi: usize, wRow: usize, wColumn: usize,
  xr: usize, xi: usize, yr: usize, yi: usize, rows: usize, columns: usize, width: usize,
): void {
  let r: usize = 0;
  for (; r + 2 <= rows; r += 2) {
    for (let v: usize = 0; v < width; v += 32) {
      const at = r * width + v;
      complexTile(wr + r * wRow, wi + r * wRow, wRow, wColumn, xr + v, xi + v, yr + at, yi + at, columns, width);
    }
  }
  for (; r < rows; r++) {
    for (let v: usize = 0; v < width; v += 32) {
      const at = r * width + v;
      complexRow(wr + r * wRow, wi + r * wRow, wColumn, xr + v, xi + v, yr + at, yi + at, columns, width);
    }
  }
}

/** Two rows by eight lanes. */
// @ts-ignore: decorator
@inline
function complexTile(
  wr: usize, wi: usize, wRow: usize, wColumn: usize, xr: usize, xi: usize, yr: usize, yi: usize, count: usize, width: usize,
): void {
  let ar0 = f32x4.splat(0), ar1 = ar0, ai0 = ar0, ai1 = ar0, br0 = ar0, br1 = ar0, bi0 = ar0, bi1 = ar0;
  for (let n = count; n > 0; n--) {
    const r0 = v128.load(xr), r1 = v128.load(xr, 16), i0 = v128.load(xi), i1 = v128.load(xi, 16);
    let u = v128.load32_splat(wr);
    ar0 = f32x4.add(ar0, f32x4.mul(u, r0)); ar1 = f32x4.add(ar1, f32x4.mul(u, r1));
    ai0 = f32x4.add(ai0, f32x4.mul(u, i0)); ai1 = f32x4.add(ai1, f32x4.mul(u, i1));
    u = v128.load32_splat(wi);
    ar0 = f32x4.sub(ar0, f32x4.mul(u, i0)); ar1 = f32x4.sub(ar1, f32x4.mul(u, i1));
    ai0 = f32x4.add(ai0, f32x4.mul(u, r0)); ai1 = f32x4.add(ai1, f32x4.mul(u, r1));
    u = v128.load32_splat(wr + wRow);
    br0 = f32x4.add(br0, f32x4.mul(u, r0)); br1 = f32x4.add(br1, f32x4.mul(u, r1));
    bi0 = f32x4.add(bi0, f32x4.mul(u, i0)); bi1 = f32x4.add(bi1, f32x4.mul(u, i1));
    u = v128.load32_splat(wi + wRow);
    br0 = f32x4.sub(br0, f32x4.mul(u, i0)); br1 = f32x4.sub(br1, f32x4.mul(u, i1));
    bi0 = f32x4.add(bi0, f32x4.mul(u, r0)); bi1 = f32x4.add(bi1, f32x4.mul(u, r1));
    xr += width; xi += width; wr += wColumn; wi += wColumn;
  }
  put(yr, ar0, ar1, true);
  put(yi, ai0, ai1, true);
  put(yr + width, br0, br1, true);
  put(yi + width, bi0, bi1, true);
}

// @ts-ignore: decorator
@inline
function complexRow(
  wr: usize, wi: usize, wColumn: usize, xr: usize, xi: usize, yr: usize, yi: usize, count: usize, width: usize,
): void {
  let ar0 = f32x4.splat(0), ar1 = ar0, ai0 = ar0, ai1 = ar0;
  for (let n = count; n > 0; n--) {
    const r0 = v128.load(xr), r1 = v128.load(xr, 16), i0 = v128.load(xi), i1 = v128.load(xi, 16);
    const u = v128.load32_splat(wr), t = v128.load32_splat(wi);
    ar0 = f32x4.sub(f32x4.add(ar0, f32x4.mul(u, r0)), f32x4.mul(t, i0));
    ar1 = f32x4.sub(f32x4.add(ar1, f32x4.mul(u, r1)), f32x4.mul(t, i1));
    ai0 = f32x4.add(f32x4.add(ai0, f32x4.mul(u, i0)), f32x4.mul(t, r0));
    ai1 = f32x4.add(f32x4.add(ai1, f32x4.mul(u, i1)), f32x4.mul(t, r1));
    xr += width; xi += width; wr += wColumn; wi += wColumn;
  }
  put(yr, ar0, ar1, true);
  put(yi, ai0, ai1, true);
}
