/**
 * The product of matrices of spectra with a batch of pictures of spectra: for every bin and every pixel of the result a
 * sum of matrix products over the pixels under the kernel, real for the first and the middle bin, complex for the
 * others. The images lie along the lanes. A dense layer is one pixel; with k = 1 it is the plain product.
 */

/**
 * y = sum over the taps of W x, for every bin and pixel.
 *
 * Word n of all blocks is row n of an array. A row of x or y holds pixel by pixel the vectors of its blocks, `width`
 * bytes each; `w + n * wStride` holds the matrix, whose element (r, c) stands at `r * wRow + c * wColumn`, c counting
 * blocks of all taps.
 *
 * @param runs  for every pixel of y, u32: the number of its groups; a group: the number of its runs; a run: offset in
 *   x, offset in w, and how many neighbouring vectors of x meet neighbouring columns of w. What a group reads of x
 *   should stay in the first cache
 * @param width a multiple of 32; all distances in bytes
 */
export function multiply(
  k: usize, w: usize, wStride: usize, wRow: usize, wColumn: usize,
  x: usize, xStride: usize, y: usize, yStride: usize, rows: usize, width: usize, pixels: usize, runs: usize,
): void {
  const half = k >> 1;
  realProduct(w, wRow, wColumn, x, y, rows, width, pixels, runs);
  if (k > 1) {
    realProduct(w + half * wStride, wRow, wColumn, x + half * xStride, y + half * yStride, rows, width, pixels, runs);
  }
  for (let i: usize = 1; i < half; i++) {
    complexProduct(
      w + i * wStride, w + (k - i) * wStride, wRow, wColumn,
      x + i * xStride, x + (k - i) * xStride, y + i * yStride, y + (k - i) * yStride, rows, width, pixels, runs,
    );
  }
}

/** Bytes of a run in the table. */
const RUN: usize = 12;

function realProduct(
  w: usize, wRow: usize, wColumn: usize, x: usize, y: usize, rows: usize, width: usize, pixels: usize, runs: usize,
): void {
  for (let s: usize = 0; s < pixels; s++, y += rows * width) {
    const groups = load<u32>(runs);
    runs += 4;
    for (let group: u32 = 0; group < groups; group++) {
      const count = load<u32>(runs), fresh = group == 0;
      runs += 4;
      let r: usize = 0;
      for (; r + 4 <= rows; r += 4) {
        for (let v: usize = 0; v < width; v += 32) {
          realTile(w + r * wRow, wRow, wColumn, x + v, y + r * width + v, runs, count, width, fresh);
        }
      }
      for (; r < rows; r++) {
        for (let v: usize = 0; v < width; v += 32) {
          realRow(w + r * wRow, wColumn, x + v, y + r * width + v, runs, count, width, fresh);
        }
      }
      runs += RUN * count;
    }
  }
}

/** Four rows by eight lanes. */
// @ts-ignore: decorator
@inline
function realTile(
  matrix: usize, wRow: usize, wColumn: usize, picture: usize, y: usize, runs: usize, count: u32, width: usize, fresh: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const w1 = wRow, w2: usize = w1 + wRow, w3: usize = w2 + wRow;
  for (; count > 0; count--, runs += RUN) {
    let x = picture + load<u32>(runs), w = matrix + load<u32>(runs, 4);
    for (let n = load<u32>(runs, 8); n > 0; n--) {
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
  }
  put(y, a0, a1, fresh);
  put(y + width, b0, b1, fresh);
  put(y + 2 * width, c0, c1, fresh);
  put(y + 3 * width, d0, d1, fresh);
}

// @ts-ignore: decorator
@inline
function realRow(
  matrix: usize, wColumn: usize, picture: usize, y: usize, runs: usize, count: u32, width: usize, fresh: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0;
  for (; count > 0; count--, runs += RUN) {
    let x = picture + load<u32>(runs), w = matrix + load<u32>(runs, 4);
    for (let n = load<u32>(runs, 8); n > 0; n--) {
      const u = v128.load32_splat(w);
      a0 = f32x4.add(a0, f32x4.mul(u, v128.load(x)));
      a1 = f32x4.add(a1, f32x4.mul(u, v128.load(x, 16)));
      x += width; w += wColumn;
    }
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
  xr: usize, xi: usize, yr: usize, yi: usize, rows: usize, width: usize, pixels: usize, runs: usize,
): void {
  for (let s: usize = 0; s < pixels; s++, yr += rows * width, yi += rows * width) {
    const groups = load<u32>(runs);
    runs += 4;
    for (let group: u32 = 0; group < groups; group++) {
      const count = load<u32>(runs), fresh = group == 0;
      runs += 4;
      for (let r: usize = 0; r < rows; r++) {
        for (let v: usize = 0; v < width; v += 32) {
          const at = r * width + v, w = r * wRow;
          complexTile(wr + w, wi + w, wColumn, xr + v, xi + v, yr + at, yi + at, runs, count, width, fresh);
        }
      }
      runs += RUN * count;
    }
  }
}

/** One row by eight lanes: with two the sums and what an iteration loads would not fit 16 registers. */
// @ts-ignore: decorator
@inline
function complexTile(
  matrixR: usize, matrixI: usize, wColumn: usize, pictureR: usize, pictureI: usize, yr: usize, yi: usize,
  runs: usize, count: u32, width: usize, fresh: bool,
): void {
  let ar0 = f32x4.splat(0), ar1 = ar0, ai0 = ar0, ai1 = ar0;
  for (; count > 0; count--, runs += RUN) {
    const from = load<u32>(runs), matrix = load<u32>(runs, 4);
    let xr = pictureR + from, xi = pictureI + from, wr = matrixR + matrix, wi = matrixI + matrix;
    for (let n = load<u32>(runs, 8); n > 0; n--) {
      const r0 = v128.load(xr), r1 = v128.load(xr, 16), i0 = v128.load(xi), i1 = v128.load(xi, 16);
      const u = v128.load32_splat(wr), t = v128.load32_splat(wi);
      ar0 = f32x4.sub(f32x4.add(ar0, f32x4.mul(u, r0)), f32x4.mul(t, i0));
      ar1 = f32x4.sub(f32x4.add(ar1, f32x4.mul(u, r1)), f32x4.mul(t, i1));
      ai0 = f32x4.add(f32x4.add(ai0, f32x4.mul(u, i0)), f32x4.mul(t, r0));
      ai1 = f32x4.add(f32x4.add(ai1, f32x4.mul(u, i1)), f32x4.mul(t, r1));
      xr += width; xi += width; wr += wColumn; wi += wColumn;
    }
  }
  put(yr, ar0, ar1, fresh);
  put(yi, ai0, ai1, fresh);
}
