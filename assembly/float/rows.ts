import { sum } from "./correlate";

/**
 * What happens to the rows of a batch between two layers. A row holds one element of all images; tables of byte
 * offsets, one u32 an element, say where each element's row stands on either side.
 */

/** z = y + bias and out = relu(z) or z. z is written back over y for the gradient; `width` a multiple of 16 bytes. */
export function activate(
  y: usize, yTable: usize, out: usize, outTable: usize, bias: usize, count: usize, width: usize, relu: bool,
): void {
  const zero = f32x4.splat(0);
  for (let e: usize = 0; e < count; e++) {
    let from = y + load<u32>(yTable + 4 * e), to = out + load<u32>(outTable + 4 * e);
    const b = v128.load32_splat(bias + 4 * e);
    if (relu) {
      for (const end = from + width; from < end; from += 16, to += 16) {
        const z = f32x4.add(v128.load(from), b);
        v128.store(from, z);
        v128.store(to, f32x4.pmax(zero, z));
      }
    } else {
      for (const end = from + width; from < end; from += 16, to += 16) {
        const z = f32x4.add(v128.load(from), b);
        v128.store(from, z);
        v128.store(to, z);
      }
    }
  }
}

/** dz = d where z > 0 (everywhere without relu), and the gradient of the bias: the sum of dz over the batch. */
export function activateBack(
  z: usize, zTable: usize, d: usize, dTable: usize, out: usize, outTable: usize,
  biasGradient: usize, count: usize, width: usize, relu: bool,
): void {
  const zero = f32x4.splat(0), all = i32x4.splat(-1);
  for (let e: usize = 0; e < count; e++) {
    let at = z + load<u32>(zTable + 4 * e), from = d + load<u32>(dTable + 4 * e), to = out + load<u32>(outTable + 4 * e);
    let total = zero;
    for (const end = at + width; at < end; at += 16, from += 16, to += 16) {
      const mask = relu ? f32x4.gt(v128.load(at), zero) : all;
      const dz = v128.and(v128.load(from), mask);
      total = f32x4.add(total, dz);
      v128.store(to, dz);
    }
    store<f32>(biasGradient + 4 * e, sum(total));
  }
}

/** Zeroes the rows that no element fills. */
export function clearRows(data: usize, table: usize, count: usize, width: usize): void {
  for (let e: usize = 0; e < count; e++) memory.fill(data + load<u32>(table + 4 * e), 0, width);
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
