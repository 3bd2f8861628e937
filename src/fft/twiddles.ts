/** The largest block size of the arithmetic. */
export const K_MAX = 2048;

/** Words of the quarter wave of the largest block size: entry i is c(2048, i), 0 < i < 512. */
const QUARTER = K_MAX / 4;

/**
 * The one twiddle table, a quarter of a cosine wave: entry i = min(32767, floor(32768 cos(2 pi i / 2048) + 1/2)),
 * 0 < i < 512; entry 0 is not used. No value lies near a rounding tie (a test shows it), so every engine's
 * `Math.cos` makes the same words.
 *
 * @see docs/arithmetic.md, section 4
 */
export const TWIDDLES: Int16Array = Int16Array.from({ length: QUARTER }, (_, i) =>
  Math.min(32767, Math.floor(32768 * Math.cos((2 * Math.PI * i) / K_MAX) + 0.5)),
);

/** c(M, i), 0 < i < M/4: cosine of 2 pi i / M as a fraction of 2^15. */
export function cosine(groupSize: number, i: number): number {
  return TWIDDLES[(i * K_MAX) / groupSize];
}

/** s(M, i), 0 < i < M/4: sine of 2 pi i / M as a fraction of 2^15. */
export function sine(groupSize: number, i: number): number {
  return TWIDDLES[QUARTER - (i * K_MAX) / groupSize];
}
