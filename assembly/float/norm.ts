import { sum } from "./correlate";

/**
 * Batch normalisation with a mean for every channel and one variance for every block of k channels, the mean of theirs,
 * so that what is multiplied by is the same for all rows of a circulant block. Rows and tables as in `activate`.
 */

/** Sum and sum of squares of every channel over pixels and images, eight f32 a channel: four lanes of each. */
export function moments(
  y: usize, table: usize, pixel: usize, pixels: usize, count: usize, width: usize, sums: usize,
): void {
  memory.fill(sums, 0, 32 * count);
  for (let s: usize = 0; s < pixels; s++, y += pixel) {
    let to = sums;
    for (let e: usize = 0; e < 4 * count; e += 4, to += 32) {
      let total = v128.load(to), squares = v128.load(to, 16), at = y + load<u32>(table + e);
      for (const end = at + width; at < end; at += 16) {
        const v = v128.load(at);
        total = f32x4.add(total, v);
        squares = f32x4.add(squares, f32x4.mul(v, v));
      }
      v128.store(to, total);
      v128.store(to, squares, 16);
    }
  }
}

/** Mean of every channel and variance of every block, of `samples` values a channel. */
export function estimate(sums: usize, count: usize, k: usize, samples: f64, mean: usize, variance: usize): void {
  for (let first: usize = 0; first < count; first += k, variance += 4) {
    const end = min(first + k, count);
    let total: f64 = 0;
    for (let e = first; e < end; e++) {
      const middle = <f64>sum(v128.load(sums + 32 * e)) / samples;
      total += max<f64>(0, <f64>sum(v128.load(sums + 32 * e, 16)) / samples - middle * middle);
      store<f32>(mean + 4 * e, <f32>middle);
    }
    store<f32>(variance, <f32>(total / <f64>(end - first)));
  }
}

/** Folds statistics, scale and bias: z = scale y + shift, a pair of f32 arrays with a word a channel. */
export function fold(
  mean: usize, variance: usize, gain: usize, bias: usize, count: usize, k: usize, epsilon: f64, scale: usize, shift: usize,
): void {
  for (let e: usize = 0; e < count; e++) {
    const block = 4 * (e / k);
    const factor = <f64>load<f32>(gain + block) / Math.sqrt(<f64>load<f32>(variance + block) + epsilon);
    store<f32>(scale + 4 * e, <f32>factor);
    store<f32>(shift + 4 * e, <f32>(<f64>load<f32>(bias + 4 * e) - <f64>load<f32>(mean + 4 * e) * factor));
  }
}

/** Sums of dz and of dz y over pixels and images, eight f32 a channel; dz = d where scale y + shift > 0. */
export function normBackSums(
  y: usize, yTable: usize, yPixel: usize, d: usize, dTable: usize, dPixel: usize,
  pixels: usize, count: usize, width: usize, scale: usize, shift: usize, relu: bool, sums: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  memory.fill(sums, 0, 32 * count);
  for (let s: usize = 0; s < pixels; s++, y += yPixel, d += dPixel) {
    let to = sums;
    for (let e: usize = 0; e < 4 * count; e += 4, to += 32) {
      let at = y + load<u32>(yTable + e), from = d + load<u32>(dTable + e);
      let total = v128.load(to), products = v128.load(to, 16);
      const a = v128.load32_splat(scale + e), b = v128.load32_splat(shift + e);
      for (const end = at + width; at < end; at += 16, from += 16) {
        const v = v128.load(at);
        const dz = v128.and(v128.load(from), f32x4.gt(f32x4.add(f32x4.mul(a, v), b), floor));
        total = f32x4.add(total, dz);
        products = f32x4.add(products, f32x4.mul(dz, v));
      }
      v128.store(to, total);
      v128.store(to, products, 16);
    }
  }
}

/**
 * From the sums of `normBackSums` the gradients of gain and bias, which are added to, and for every channel the slope
 * and the offset with which dy = scale dz + slope y + offset.
 */
export function normBackFactors(
  sums: usize, count: usize, k: usize, samples: f64, mean: usize, variance: usize, epsilon: f64, scale: usize,
  gainGradient: usize, biasGradient: usize, slope: usize, offset: usize,
): void {
  for (let first: usize = 0; first < count; first += k, variance += 4, gainGradient += 4) {
    const end = min(first + k, count), inverse = 1 / Math.sqrt(<f64>load<f32>(variance) + epsilon);
    let total: f64 = 0;
    for (let e = first; e < end; e++) {
      const dz = <f64>sum(v128.load(sums + 32 * e)), dzy = <f64>sum(v128.load(sums + 32 * e, 16));
      total += inverse * (dzy - <f64>load<f32>(mean + 4 * e) * dz);
    }
    store<f32>(gainGradient, load<f32>(gainGradient) + <f32>total);
    const part = inverse * total / (<f64>(end - first) * samples);
    for (let e = first; e < end; e++) {
      const dz = <f64>sum(v128.load(sums + 32 * e)), factor = <f64>load<f32>(scale + 4 * e);
      store<f32>(biasGradient + 4 * e, load<f32>(biasGradient + 4 * e) + <f32>dz);
      store<f32>(slope + 4 * e, <f32>(-factor * part));
      store<f32>(offset + 4 * e, <f32>(factor * (<f64>load<f32>(mean + 4 * e) * part - dz / samples)));
    }
  }
}

/** out = scale dz + slope y + offset, dz = d where scale y + shift > 0. */
export function normBack(
  y: usize, yTable: usize, yPixel: usize, d: usize, dTable: usize, dPixel: usize,
  out: usize, outTable: usize, outPixel: usize, pixels: usize, count: usize, width: usize,
  scale: usize, shift: usize, relu: bool, slope: usize, offset: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let s: usize = 0; s < pixels; s++, y += yPixel, d += dPixel, out += outPixel) {
    for (let e: usize = 0; e < 4 * count; e += 4) {
      let at = y + load<u32>(yTable + e), from = d + load<u32>(dTable + e), to = out + load<u32>(outTable + e);
      const a = v128.load32_splat(scale + e), b = v128.load32_splat(shift + e);
      const m = v128.load32_splat(slope + e), n = v128.load32_splat(offset + e);
      for (const end = at + width; at < end; at += 16, from += 16, to += 16) {
        const v = v128.load(at);
        const dz = v128.and(v128.load(from), f32x4.gt(f32x4.add(f32x4.mul(a, v), b), floor));
        v128.store(to, f32x4.add(f32x4.mul(a, dz), f32x4.add(f32x4.mul(m, v), n)));
      }
    }
  }
}
