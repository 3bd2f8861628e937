// The v128 twins of src/fixed/arithmetic.ts: eight int16 or four int32 at a time. The only rounding and
// saturating lane code; docs/arithmetic.md, section 1.

/** Sums, saturated. */
export function addx8(a: v128, b: v128): v128 {
  return i16x8.add_sat_s(a, b);
}

/** Differences, saturated. */
export function subx8(a: v128, b: v128): v128 {
  return i16x8.sub_sat_s(a, b);
}

/** Products of fractions of 2^15, rounded half up and saturated. */
export function mulrx8(a: v128, b: v128): v128 {
  return i16x8.q15mulr_sat_s(a, b);
}

/**
 * `mulrx8` by a twiddle: no word of w is -32768. The relaxed instruction may give any word for -32768 times -32768 and
 * is exact for all others; on x86 it is one machine instruction in place of three.
 */
export function mulrTwiddlex8(a: v128, w: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i16x8.relaxed_q15mulr_s(a, w) : mulrx8(a, w);
}

/** Halves: drops the last bits (truncation). */
export function halfx8(a: v128): v128 {
  return i16x8.shr_s(a, 1);
}

/** Halves in a scaled stage, the words themselves otherwise. */
// @ts-ignore: decorator
@inline
export function halfIfx8(a: v128, scaled: bool): v128 {
  return scaled ? halfx8(a) : a;
}

/** Clamps to lo .. hi. */
export function clipx8(a: v128, lo: v128, hi: v128): v128 {
  return i16x8.min_s(i16x8.max_s(a, lo), hi);
}

/** Shifts int32 right by n, 0 .. 31, rounding half up: one variable shift, for V8 makes five instructions of each. */
export function rshrx4(v: v128, n: i32): v128 {
  if (n == 0) return v;
  const doubled = i32x4.shr_s(v, n - 1);
  return i32x4.add(i32x4.shr_s(doubled, 1), v128.and(doubled, i32x4.splat(1)));
}

/** Eight int32 accumulators as int16: shifted right by s, 0 .. 31, rounding half up, and saturated. */
export function requantx8(low: v128, high: v128, s: i32): v128 {
  return i16x8.narrow_i32x4_s(rshrx4(low, s), rshrx4(high, s));
}

/**
 * `requantx8` of accumulators that started at `half` = 2^(s - 1), so that the shift alone rounds; the caller has proved
 * that no sum leaves int32. With half = 0 it is added on the way, which is exact for all.
 */
// @ts-ignore: decorator
@inline
export function requantFromx8(half: i32, low: v128, high: v128, s: i32): v128 {
  if (half == 0) return requantx8(low, high, s);
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, s), i32x4.shr_s(high, s));
}

/** (a0, b0, a1, b1, a2, b2, a3, b3). */
export function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** (a4, b4, a5, b5, a6, b6, a7, b7). */
export function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Words in a format with `shift` fractional bits fewer, -15 .. 15: `requant`, or doubled and saturated -shift times. */
export function alignx8(v: v128, shift: i32): v128 {
  if (shift > 0) {
    const doubled = i16x8.shr_s(v, shift - 1);
    return i16x8.add(i16x8.shr_s(doubled, 1), v128.and(doubled, i16x8.splat(1)));
  }
  for (; shift < 0; shift++) v = addx8(v, v);
  return v;
}

/** Stores the first `words` words of v, 8 at the most. */
export function storeWords(to: usize, v: v128, words: i32): void {
  if (words >= 8) {
    v128.store(to, v);
    return;
  }
  if (words & 4) {
    v128.store64_lane(to, v, 0);
    v = v128.shuffle<i32>(v, v, 2, 3, 2, 3);
    to += 8;
  }
  if (words & 2) {
    v128.store32_lane(to, v, 0);
    v = v128.shuffle<i32>(v, v, 1, 1, 1, 1);
    to += 4;
  }
  if (words & 1) v128.store16_lane(to, v, 0);
}
