/**
 * Real Fourier transforms of many columns at once, float32, in place. A column is a signal of 2^log2 words; a row
 * holds the same word of all columns, so that neighbouring lanes never mix and no butterfly shuffles.
 * The stages are those of the 16-bit transform: bit-reversed words in, halfcomplex words out, and back.
 */

/** Bytes of a row that one pass over the stages takes: 64 rows of it fit the first cache. */
const TILE: usize = 128;

/** Table of cos, sin (2 pi i / LARGEST), i < LARGEST / 4, two f32 an entry. */
export const LARGEST: usize = 2048;

/** Forward transform, unscaled. Rows bit-reversed in, halfcomplex out. `width` and `stride` in bytes, `width` a multiple of 16. */
export function forwardTransform(data: usize, log2: i32, stride: usize, width: usize, twiddles: usize): void {
  for (let column: usize = 0; column < width; column += TILE) {
    const tile = min(TILE, width - column);
    for (let stage = 1; stage <= log2; stage++) forwardStage(data + column, log2, stage, stride, tile, twiddles);
  }
}

/** Inverse transform, unscaled: 2^log2 times the inverse. Rows halfcomplex in, bit-reversed out. */
export function inverseTransform(data: usize, log2: i32, stride: usize, width: usize, twiddles: usize): void {
  for (let column: usize = 0; column < width; column += TILE) {
    const tile = min(TILE, width - column);
    for (let stage = log2; stage >= 1; stage--) inverseStage(data + column, log2, stage, stride, tile, twiddles);
  }
}

function forwardStage(data: usize, log2: i32, stage: i32, stride: usize, tile: usize, twiddles: usize): void {
  const k = (<usize>1) << log2, m = (<usize>1) << stage, h = m >> 1, quarter = m >> 2;
  const step = (LARGEST >> stage) * 8;
  for (let b: usize = 0; b < k; b += m) {
    const group = data + b * stride;
    sumAndDifference(group, group + h * stride, tile);
    if (m >= 4) negate(group + (h + quarter) * stride, tile);
    for (let i: usize = 1; i < quarter; i++) {
      const c = v128.load32_splat(twiddles + i * step), s = v128.load32_splat(twiddles + i * step, 4);
      let a = group + i * stride, d = group + (h - i) * stride;
      let e = group + (h + i) * stride, f = group + (m - i) * stride;
      for (const end = a + tile; a < end; a += 16, d += 16, e += 16, f += 16) {
        const er = v128.load(a), ei = v128.load(d), or = v128.load(e), oi = v128.load(f);
        // tr + j ti = (or + j oi) (c - j s)
        const tr = f32x4.add(f32x4.mul(or, c), f32x4.mul(oi, s));
        const ti = f32x4.sub(f32x4.mul(oi, c), f32x4.mul(or, s));
        v128.store(a, f32x4.add(er, tr));
        v128.store(f, f32x4.add(ei, ti));
        v128.store(d, f32x4.sub(er, tr));
        v128.store(e, f32x4.sub(ti, ei));
      }
    }
  }
}

function inverseStage(data: usize, log2: i32, stage: i32, stride: usize, tile: usize, twiddles: usize): void {
  const k = (<usize>1) << log2, m = (<usize>1) << stage, h = m >> 1, quarter = m >> 2;
  const step = (LARGEST >> stage) * 8;
  for (let b: usize = 0; b < k; b += m) {
    const group = data + b * stride;
    sumAndDifference(group, group + h * stride, tile);
    if (m >= 4) {
      scale(group + quarter * stride, tile, 2);
      scale(group + (h + quarter) * stride, tile, -2);
    }
    for (let i: usize = 1; i < quarter; i++) {
      const c = v128.load32_splat(twiddles + i * step), s = v128.load32_splat(twiddles + i * step, 4);
      let a = group + i * stride, d = group + (h - i) * stride;
      let e = group + (h + i) * stride, f = group + (m - i) * stride;
      for (const end = a + tile; a < end; a += 16, d += 16, e += 16, f += 16) {
        const ar = v128.load(a), ai = v128.load(f), br = v128.load(d), bi = v128.load(e);
        const dr = f32x4.sub(ar, br), di = f32x4.add(ai, bi);
        v128.store(a, f32x4.add(ar, br));
        v128.store(d, f32x4.sub(ai, bi));
        // (dr + j di) (c + j s)
        v128.store(e, f32x4.sub(f32x4.mul(dr, c), f32x4.mul(di, s)));
        v128.store(f, f32x4.add(f32x4.mul(di, c), f32x4.mul(dr, s)));
      }
    }
  }
}

function sumAndDifference(a: usize, b: usize, tile: usize): void {
  for (const end = a + tile; a < end; a += 16, b += 16) {
    const u = v128.load(a), v = v128.load(b);
    v128.store(a, f32x4.add(u, v));
    v128.store(b, f32x4.sub(u, v));
  }
}

function negate(a: usize, tile: usize): void {
  for (const end = a + tile; a < end; a += 16) v128.store(a, f32x4.neg(v128.load(a)));
}

function scale(a: usize, tile: usize, factor: f32): void {
  const by = f32x4.splat(factor);
  for (const end = a + tile; a < end; a += 16) v128.store(a, f32x4.mul(v128.load(a), by));
}
