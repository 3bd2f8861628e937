/** The optimiser's passes over parameters. Counts are in words and multiples of 4. */

/** to += from. */
export function accumulate(to: usize, from: usize, count: usize): void {
  for (const end = to + 4 * count; to < end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
}

/**
 * One step of AdamW (Loshchilov and Hutter, 2019): w -= rate * (m / (sqrt(v) + epsilon) + decay * w), with the
 * corrections of m and v for their start at zero folded into `rate` and `epsilon` by the caller.
 */
export function adamw(
  w: usize, m: usize, v: usize, g: usize, count: usize, rate: f32, beta1: f32, beta2: f32, epsilon: f32, shrink: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(1 - beta1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(1 - beta2);
  const step = f32x4.splat(rate), small = f32x4.splat(epsilon), keep = f32x4.splat(1 - shrink);
  for (const end = w + 4 * count; w < end; w += 16, m += 16, v += 16, g += 16) {
    const d = v128.load(g);
    const mean = f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(r1, d));
    const square = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(r2, f32x4.mul(d, d)));
    const move = f32x4.div(f32x4.mul(step, mean), f32x4.add(f32x4.sqrt(square), small));
    v128.store(m, mean);
    v128.store(v, square);
    v128.store(w, f32x4.sub(f32x4.mul(keep, v128.load(w)), move));
  }
}

/** average += share * (w - average). */
export function follow(average: usize, w: usize, count: usize, share: f32): void {
  const by = f32x4.splat(share);
  for (const end = w + 4 * count; w < end; w += 16, average += 16) {
    const a = v128.load(average);
    v128.store(average, f32x4.add(a, f32x4.mul(by, f32x4.sub(v128.load(w), a))));
  }
}
