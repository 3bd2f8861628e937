// THE arithmetic: one text for TypeScript and AssemblyScript. docs/arithmetic.md, section 1.
// Its twins: assembly/kernels/lanes.ts (eight lanes), rtl/mulr.v, rtl/requant.v, rtl/add_sat.v, rtl/sub_sat.v.

/** Clamps an int32 to an int16, -32768 .. 32767. */
export function sat(v: i32): i32 {
  return v > 32767 ? 32767 : v < -32768 ? -32768 : v;
}

/** Sum of two int16, saturated. */
export function add(a: i32, b: i32): i32 {
  return sat(a + b);
}

/** Difference of two int16, saturated. */
export function sub(a: i32, b: i32): i32 {
  return sat(a - b);
}

/** Half of an int16: drops the last bit (truncation). */
export function half(a: i32): i32 {
  return a >> 1;
}

/** Shifts an int32 right by n, 0 .. 31, rounding half up. No intermediate can overflow. */
export function rshr(v: i32, n: i32): i32 {
  return n === 0 ? v : (v >> n) + ((v >> (n - 1)) & 1);
}

/** Product of two int16 as fractions of 2^15, rounded half up and saturated (-32768 x -32768 is the only case). */
export function mulr(a: i32, b: i32): i32 {
  return sat((a * b + 16384) >> 15);
}

/** An int32 accumulator as an int16: shifted right by s, 0 .. 31, rounding half up, and saturated. */
export function requant(acc: i32, s: i32): i32 {
  return sat(rshr(acc, s));
}

/** The straight line from t0 to t1 at d / 256, d = 0 .. 255: one step of a table activation. Cannot leave [t0, t1]. */
export function interpolate(t0: i32, t1: i32, d: i32): i32 {
  return t0 + (((t1 - t0) * d + 128) >> 8);
}
