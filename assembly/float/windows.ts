import { sum } from "./correlate";

/**
 * Operations on every channel by itself, over the pixels under a window. A picture holds pixel by pixel its channels,
 * `width` bytes of images each, a multiple of 32. `windows` says for every pixel of the result, u32: how many pixels of
 * the other picture belong to it, and for each its offset in bytes and the tap that it meets, in words.
 */

/** y = sum over the taps of w x; `w` holds a row of `channels` words for every tap. */
export function depthwise(
  w: usize, x: usize, y: usize, pixels: usize, channels: usize, width: usize, windows: usize,
): void {
  for (let s: usize = 0; s < pixels; s++) {
    const count: usize = load<u32>(windows), end = windows + 4 + 8 * count;
    for (let c: usize = 0; c < channels; c++) {
      for (let v: usize = 0; v < width; v += 32, y += 32) {
        let a = f32x4.splat(0), b = a;
        const from = x + c * width + v, weights = w + 4 * c;
        for (let tap = windows + 4; tap < end; tap += 8) {
          const u = v128.load32_splat(weights + 4 * <usize>load<u32>(tap, 4)), at = from + load<u32>(tap);
          a = f32x4.add(a, f32x4.mul(u, v128.load(at)));
          b = f32x4.add(b, f32x4.mul(u, v128.load(at, 16)));
        }
        v128.store(y, a);
        v128.store(y, b, 16);
      }
    }
    windows = end;
  }
}

/** g[tap] += sum over pixels and images of d x; `sums` is 16 bytes a weight, used up. */
export function depthwiseGradient(
  d: usize, x: usize, g: usize, taps: usize, pixels: usize, channels: usize, width: usize, windows: usize, sums: usize,
): void {
  memory.fill(sums, 0, 16 * taps * channels);
  for (let s: usize = 0; s < pixels; s++, d += channels * width) {
    const count: usize = load<u32>(windows), end = windows + 4 + 8 * count;
    for (let tap = windows + 4; tap < end; tap += 8) {
      let at = x + load<u32>(tap), from = d, to = sums + 16 * <usize>load<u32>(tap, 4);
      for (let c: usize = 0; c < channels; c++, to += 16) {
        let total = v128.load(to);
        for (const last = at + width; at < last; at += 16, from += 16) {
          total = f32x4.add(total, f32x4.mul(v128.load(at), v128.load(from)));
        }
        v128.store(to, total);
      }
    }
    windows = end;
  }
  for (let e: usize = 0; e < taps * channels; e++) store<f32>(g + 4 * e, load<f32>(g + 4 * e) + sum(v128.load(sums + 16 * e)));
}

/** y = the largest of x. */
export function maxPool(x: usize, y: usize, pixels: usize, row: usize, windows: usize): void {
  for (let s: usize = 0; s < pixels; s++) {
    const count: usize = load<u32>(windows), end = windows + 4 + 8 * count;
    for (let v: usize = 0; v < row; v += 16, y += 16) {
      let a = v128.load(x + load<u32>(windows, 4) + v);
      for (let at = windows + 12; at < end; at += 8) a = f32x4.pmax(a, v128.load(x + load<u32>(at) + v));
      v128.store(y, a);
    }
    windows = end;
  }
}

/** dx += d at the first of the window's pixels that has the largest x. */
export function maxPoolBack(
  x: usize, y: usize, d: usize, dx: usize, pixels: usize, row: usize, windows: usize,
): void {
  for (let s: usize = 0; s < pixels; s++) {
    const count: usize = load<u32>(windows), end = windows + 4 + 8 * count;
    for (let v: usize = 0; v < row; v += 16, y += 16, d += 16) {
      const most = v128.load(y);
      let left = v128.load(d);
      for (let at = windows + 4; at < end; at += 8) {
        const offset = load<u32>(at) + v, hit = f32x4.eq(v128.load(x + offset), most);
        v128.store(dx + offset, f32x4.add(v128.load(dx + offset), v128.and(left, hit)));
        left = v128.andnot(left, hit);
      }
    }
    windows = end;
  }
}

/** y = factor times the sum of x. */
export function sumPool(x: usize, y: usize, pixels: usize, row: usize, windows: usize, factor: f32): void {
  const by = f32x4.splat(factor);
  for (let s: usize = 0; s < pixels; s++) {
    const count: usize = load<u32>(windows), end = windows + 4 + 8 * count;
    for (let v: usize = 0; v < row; v += 16, y += 16) {
      let a = f32x4.splat(0);
      for (let at = windows + 4; at < end; at += 8) a = f32x4.add(a, v128.load(x + load<u32>(at) + v));
      v128.store(y, f32x4.mul(by, a));
    }
    windows = end;
  }
}

export function clear(data: usize, bytes: usize): void {
  memory.fill(data, 0, bytes);
}
