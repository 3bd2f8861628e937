import { sum } from "./correlate";

/**
 * What happens to the rows of a batch between two layers. A row holds one channel of one pixel of all images, `width`
 * bytes, a multiple of 32; a table of byte offsets, one u32 a channel, says where the channels' rows of the first pixel
 * stand, and `pixel` how far the next pixel's are.
 */

/** out = relu(scale y + shift), or without relu, scale and shift f32 a channel. */
export function activate(
  y: usize, yTable: usize, yPixel: usize, out: usize, outTable: usize, outPixel: usize,
  pixels: usize, count: usize, width: usize, scale: usize, shift: usize, relu: bool,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let s: usize = 0; s < pixels; s++, y += yPixel, out += outPixel) {
    for (let e: usize = 0; e < 4 * count; e += 4) {
      let from = y + load<u32>(yTable + e), to = out + load<u32>(outTable + e);
      const a = v128.load32_splat(scale + e), b = v128.load32_splat(shift + e);
      for (const end = from + width; from < end; from += 32, to += 32) {
        v128.store(to, f32x4.pmax(f32x4.add(f32x4.mul(a, v128.load(from)), b), floor));
        v128.store(to, f32x4.pmax(f32x4.add(f32x4.mul(a, v128.load(from, 16)), b), floor), 16);
      }
    }
  }
}

/**
 * dz = d where scale y + shift > 0 (everywhere without relu), and the sum of dz over pixels and images is added to the
 * gradient of the shift.
 *
 * @param sums 16 bytes a channel, used up
 */
export function activateBack(
  y: usize, yTable: usize, yPixel: usize, d: usize, dTable: usize, dPixel: usize,
  out: usize, outTable: usize, outPixel: usize, pixels: usize, count: usize, width: usize,
  scale: usize, shift: usize, relu: bool, sums: usize, shiftGradient: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  memory.fill(sums, 0, 16 * count);
  for (let s: usize = 0; s < pixels; s++, y += yPixel, d += dPixel, out += outPixel) {
    for (let e: usize = 0; e < 4 * count; e += 4) {
      let at = y + load<u32>(yTable + e), from = d + load<u32>(dTable + e), to = out + load<u32>(outTable + e);
      const a = v128.load32_splat(scale + e), b = v128.load32_splat(shift + e);
      let total = v128.load(sums + 4 * e);
      for (const end = at + width; at < end; at += 16, from += 16, to += 16) {
        const z = f32x4.add(f32x4.mul(a, v128.load(at)), b);
        const dz = v128.and(v128.load(from), f32x4.gt(z, floor));
        total = f32x4.add(total, dz);
        v128.store(to, dz);
      }
      v128.store(sums + 4 * e, total);
    }
  }
  for (let e: usize = 0; e < count; e++) {
    const to = shiftGradient + 4 * e;
    store<f32>(to, load<f32>(to) + sum(v128.load(sums + 16 * e)));
  }
}

/** Zeroes the rows that no channel fills. */
export function clearRows(data: usize, table: usize, pixel: usize, pixels: usize, count: usize, width: usize): void {
  for (let s: usize = 0; s < pixels; s++, data += pixel) {
    for (let e: usize = 0; e < count; e++) memory.fill(data + load<u32>(table + 4 * e), 0, width);
  }
}

/** Copies rows from one place to another. */
export function copyRows(
  from: usize, fromTable: usize, fromPixel: usize, to: usize, toTable: usize, toPixel: usize,
  pixels: usize, count: usize, width: usize,
): void {
  for (let s: usize = 0; s < pixels; s++, from += fromPixel, to += toPixel) {
    for (let e: usize = 0; e < 4 * count; e += 4) {
      let a = from + load<u32>(fromTable + e), b = to + load<u32>(toTable + e);
      for (const end = a + width; a < end; a += 32, b += 32) {
        v128.store(b, v128.load(a));
        v128.store(b, v128.load(a, 16), 16);
      }
    }
  }
}

/** Rows of other images' scale: to = factor from + shift. */
export function scaleRows(
  from: usize, fromTable: usize, to: usize, toTable: usize, count: usize, width: usize, factor: f32, shift: f32,
): void {
  const by = f32x4.splat(factor), plus = f32x4.splat(shift);
  for (let e: usize = 0; e < 4 * count; e += 4) {
    let a = from + load<u32>(fromTable + e), b = to + load<u32>(toTable + e);
    for (const end = a + width; a < end; a += 16, b += 16) {
      v128.store(b, f32x4.add(f32x4.mul(v128.load(a), by), plus));
    }
  }
}

/** Adds rows to others. */
export function addRows(
  from: usize, fromTable: usize, fromPixel: usize, to: usize, toTable: usize, toPixel: usize,
  pixels: usize, count: usize, width: usize,
): void {
  for (let s: usize = 0; s < pixels; s++, from += fromPixel, to += toPixel) {
    for (let e: usize = 0; e < 4 * count; e += 4) {
      let a = from + load<u32>(fromTable + e), b = to + load<u32>(toTable + e);
      for (const end = a + width; a < end; a += 32, b += 32) {
        v128.store(b, f32x4.add(v128.load(b), v128.load(a)));
        v128.store(b, f32x4.add(v128.load(b, 16), v128.load(a, 16)), 16);
      }
    }
  }
}

/** out = relu(a + b) or a + b, over `bytes` of pictures of one layout. */
export function addPictures(a: usize, b: usize, out: usize, bytes: usize, relu: bool): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (const end = a + bytes; a < end; a += 16, b += 16, out += 16) {
    v128.store(out, f32x4.pmax(f32x4.add(v128.load(a), v128.load(b)), floor));
  }
}

/** to = d where out > 0, the gradient by what a relu took. */
export function maskPicture(out: usize, d: usize, to: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = out + bytes; out < end; out += 16, d += 16, to += 16) {
    v128.store(to, v128.and(v128.load(d), f32x4.gt(v128.load(out), zero)));
  }
}

/** Row r of `to` = `factor` times row `table[r]` of `from`; `table` in rows, `stride` and `width` in bytes. */
export function permuteRows(
  to: usize, toStride: usize, from: usize, fromStride: usize, table: usize, count: usize, width: usize, factor: f32,
): void {
  const by = f32x4.splat(factor);
  for (let r: usize = 0; r < count; r++) {
    let a = from + <usize>load<u32>(table + 4 * r) * fromStride, b = to + r * toStride;
    for (const end = a + width; a < end; a += 16, b += 16) v128.store(b, f32x4.mul(v128.load(a), by));
  }
}

/**
 * Transposes the matrices of the taps, word by word: element (i, tap, j) of `from` becomes (j, place[tap], i) of `to`.
 *
 * @param place where a tap stands in the result, u32
 */
export function transposeTaps(
  from: usize, fromStride: usize, to: usize, toStride: usize, words: usize, p: usize, q: usize, taps: usize, place: usize,
): void {
  const row = 4 * taps * p;
  for (let n: usize = 0; n < words; n++, from += fromStride, to += toStride) {
    let at = from;
    for (let i: usize = 0; i < p; i++) {
      for (let tap: usize = 0; tap < taps; tap++) {
        let b = to + 4 * (<usize>load<u32>(place + 4 * tap) * p + i);
        for (const end = at + 4 * q; at < end; at += 4, b += row) store<f32>(b, load<f32>(at));
      }
    }
  }
}
