import { biasAndClip } from "./activation";
import { addx8, clipx8, halfIfx8, mulrTwiddlex8, subx8 } from "./lanes";
import { QUARTER_BYTES, TWIDDLES } from "./tables";

/**
 * Stages first down to last of the inverse transform of eight blocks at once, in place, unnormalised.
 *
 * @param tile     2^stages v128, lane = block: halfcomplex before stage `stages`, after stage 1 element n of each
 *                 block at its bit-reversed index
 * @param stages   log2 of the block size
 * @param schedule bit t - 1 set = stage t is halved
 * @see docs/arithmetic.md, section 6
 */
export function irfft(tile: usize, stages: i32, schedule: i32, first: i32, last: i32): void {
  inverse(tile, stages, schedule, first, last, 0, 0, 0);
}

/**
 * All stages of `irfft`, then bias and clamp: word = min(max(add(word, bias), lo), hi).
 *
 * @param bias 2^stages v128, one for each of the tile, or 0 for the transform alone
 */
export function irfftBiasAndClip(tile: usize, stages: i32, schedule: i32, bias: usize, lo: i32, hi: i32): void {
  inverse(tile, stages, schedule, stages, 1, bias, lo, hi);
}

function inverse(
  tile: usize, stages: i32, schedule: i32, first: i32, last: i32, bias: usize, lo: i32, hi: i32,
): void {
  const end = tile + (<usize>16 << stages);
  if (first < last) return;
  let stage = first;
  if (((first - last) & 1) == 0) {
    if ((schedule >> (first - 1)) & 1) inverseStage(tile, end, first, true);
    else inverseStage(tile, end, first, false);
    stage--;
  }
  for (; stage > max(last, 2); stage -= 2) {
    const scaled = (schedule >> (stage - 2)) & 3;
    if (scaled == 0) inversePair(tile, end, stage, false, false);
    else if (scaled == 1) inversePair(tile, end, stage, false, true);
    else if (scaled == 2) inversePair(tile, end, stage, true, false);
    else inversePair(tile, end, stage, true, true);
  }
  if (stage == 2 && last == 1) lastTwo(tile, end, schedule & 3, bias, i16x8.splat(<i16>lo), i16x8.splat(<i16>hi));
  else if (bias) biasAndClip(tile, bias, 1 << stages, lo, hi);
}

function lastTwo(tile: usize, end: usize, scaled: i32, bias: usize, min: v128, max: v128): void {
  if (scaled == 0) return fourPoints(tile, end, false, false, bias, min, max);
  if (scaled == 1) return fourPoints(tile, end, true, false, bias, min, max);
  if (scaled == 2) return fourPoints(tile, end, false, true, bias, min, max);
  fourPoints(tile, end, true, true, bias, min, max);
}

/** Stages 2 and 1; bias and clamp if there is a bias. */
// @ts-ignore: decorator
@inline
function fourPoints(
  tile: usize, end: usize, scaled1: bool, scaled2: bool, bias: usize, min: v128, max: v128,
): void {
  const zero = i16x8.splat(0);
  for (let b = tile; b < end; b += 64) {
    const a0 = halfIfx8(v128.load(b), scaled2);
    const a1 = v128.load(b, 16);
    const a2 = halfIfx8(v128.load(b, 32), scaled2);
    const a3 = v128.load(b, 48);
    const u0 = halfIfx8(addx8(a0, a2), scaled1);
    const v0 = halfIfx8(twice(a1, scaled2), scaled1);
    const u1 = halfIfx8(subx8(a0, a2), scaled1);
    const v1 = halfIfx8(subx8(zero, twice(a3, scaled2)), scaled1);
    storeFour(b, addx8(u0, v0), subx8(u0, v0), addx8(u1, v1), subx8(u1, v1), bias, min, max);
    if (bias) bias += 64;
  }
}

// @ts-ignore: decorator
@inline
function storeFour(
  to: usize, v0: v128, v1: v128, v2: v128, v3: v128, bias: usize, min: v128, max: v128,
): void {
  if (bias) {
    v0 = clipx8(addx8(v0, v128.load(bias)), min, max);
    v1 = clipx8(addx8(v1, v128.load(bias, 16)), min, max);
    v2 = clipx8(addx8(v2, v128.load(bias, 32)), min, max);
    v3 = clipx8(addx8(v3, v128.load(bias, 48)), min, max);
  }
  v128.store(to, v0);
  v128.store(to, v1, 16);
  v128.store(to, v2, 32);
  v128.store(to, v3, 48);
}

/** Stages `stage`, 4 or more, and `stage - 1` in one pass, so that words are loaded and stored once for both. */
// @ts-ignore: decorator
@inline
function inversePair(tile: usize, end: usize, stage: i32, scaled: bool, nextScaled: bool): void {
  const M = <usize>16 << stage;
  const H = M >> 1;
  const Q = M >> 2;
  const E = M >> 3;
  const zero = i16x8.splat(0);
  for (let b = tile; b < end; b += M) {
    const a0 = halfIfx8(v128.load(b), scaled);
    const a1 = v128.load(b + Q);
    const a2 = halfIfx8(v128.load(b + H), scaled);
    const a3 = v128.load(b + H + Q);
    const u0 = halfIfx8(addx8(a0, a2), nextScaled);
    const v0 = halfIfx8(twice(a1, scaled), nextScaled);
    const u1 = halfIfx8(subx8(a0, a2), nextScaled);
    const v1 = halfIfx8(subx8(zero, twice(a3, scaled)), nextScaled);
    v128.store(b, addx8(u0, v0));
    v128.store(b + Q, subx8(u0, v0));
    v128.store(b + H, addx8(u1, v1));
    v128.store(b + H + Q, subx8(u1, v1));
  }
  const half45 = v128.load16_splat(TWIDDLES + (QUARTER_BYTES >> 1));
  for (let b = tile + E; b < end; b += M) {
    const ar = halfIfx8(v128.load(b), scaled);
    const ai = halfIfx8(v128.load(b + H + Q), scaled);
    const br = halfIfx8(v128.load(b + Q), scaled);
    const bi = halfIfx8(v128.load(b + H), scaled);
    const dr = subx8(ar, br);
    const di = addx8(ai, bi);
    const or = subx8(mulrTwiddlex8(dr, half45), mulrTwiddlex8(di, half45));
    const oi = addx8(mulrTwiddlex8(di, half45), mulrTwiddlex8(dr, half45));
    v128.store(b, twice(addx8(ar, br), nextScaled));
    v128.store(b + Q, subx8(zero, twice(subx8(ai, bi), nextScaled)));
    v128.store(b + H, twice(or, nextScaled));
    v128.store(b + H + Q, subx8(zero, twice(oi, nextScaled)));
  }
  const step = <usize>4096 >> stage;
  for (let i: usize = 16, w = step; i < E; i += 16, w += step) {
    const c = v128.load16_splat(TWIDDLES + w);
    const s = v128.load16_splat(TWIDDLES + QUARTER_BYTES - w);
    const c2 = v128.load16_splat(TWIDDLES + 2 * w);
    const s2 = v128.load16_splat(TWIDDLES + QUARTER_BYTES - 2 * w);
    for (let b = tile; b < end; b += M) {
      const low = b + i;
      const high = b + Q - i;

      // the odd half: (dr + j di) (c + j s)
      let ar = halfIfx8(v128.load(low), scaled);
      let ai = halfIfx8(v128.load(high + H + Q), scaled);
      let br = halfIfx8(v128.load(high + Q), scaled);
      let bi = halfIfx8(v128.load(low + H), scaled);
      let dr = subx8(ar, br);
      let di = addx8(ai, bi);
      const er1 = halfIfx8(addx8(ar, br), nextScaled);
      const ei1 = halfIfx8(subx8(ai, bi), nextScaled);
      const or1 = halfIfx8(subx8(mulrTwiddlex8(dr, c), mulrTwiddlex8(di, s)), nextScaled);
      const oi1 = halfIfx8(addx8(mulrTwiddlex8(di, c), mulrTwiddlex8(dr, s)), nextScaled);

      // index Q - i: its cosine is the sine of i, its sine the cosine
      ar = halfIfx8(v128.load(high), scaled);
      ai = halfIfx8(v128.load(low + H + Q), scaled);
      br = halfIfx8(v128.load(low + Q), scaled);
      bi = halfIfx8(v128.load(high + H), scaled);
      dr = subx8(ar, br);
      di = addx8(ai, bi);
      const er2 = halfIfx8(addx8(ar, br), nextScaled);
      const ei2 = halfIfx8(subx8(ai, bi), nextScaled);
      const or2 = halfIfx8(subx8(mulrTwiddlex8(dr, s), mulrTwiddlex8(di, c)), nextScaled);
      const oi2 = halfIfx8(addx8(mulrTwiddlex8(di, s), mulrTwiddlex8(dr, c)), nextScaled);

      dr = subx8(er1, er2);
      di = addx8(ei1, ei2);
      v128.store(low, addx8(er1, er2));
      v128.store(high, subx8(ei1, ei2));
      v128.store(low + Q, subx8(mulrTwiddlex8(dr, c2), mulrTwiddlex8(di, s2)));
      v128.store(high + Q, addx8(mulrTwiddlex8(di, c2), mulrTwiddlex8(dr, s2)));

      dr = subx8(or1, or2);
      di = addx8(oi1, oi2);
      v128.store(low + H, addx8(or1, or2));
      v128.store(high + H, subx8(oi1, oi2));
      v128.store(low + H + Q, subx8(mulrTwiddlex8(dr, c2), mulrTwiddlex8(di, s2)));
      v128.store(high + H + Q, addx8(mulrTwiddlex8(di, c2), mulrTwiddlex8(dr, s2)));
    }
  }
}

/** What a stage that is not scaled does to the words of its middle. */
// @ts-ignore: decorator
@inline
function twice(v: v128, scaled: bool): v128 {
  return scaled ? v : addx8(v, v);
}

// @ts-ignore: decorator
@inline
function inverseStage(tile: usize, end: usize, stage: i32, scaled: bool): void {
  const M = <usize>16 << stage;
  const H = M >> 1;
  const Q = M >> 2;
  for (let b = tile; b < end; b += M) {
    const u = halfIfx8(v128.load(b), scaled);
    const v = halfIfx8(v128.load(b + H), scaled);
    v128.store(b, addx8(u, v));
    v128.store(b + H, subx8(u, v));
  }
  if (stage == 1) return;
  for (let b = tile; b < end; b += M) {
    const r = v128.load(b + Q);
    const m = v128.load(b + H + Q);
    if (!scaled) v128.store(b + Q, addx8(r, r));
    v128.store(b + H + Q, subx8(i16x8.splat(0), scaled ? m : addx8(m, m)));
  }
  const step = <usize>4096 >> stage;
  for (let i: usize = 16, w = step; i < Q; i += 16, w += step) {
    const c = v128.load16_splat(TWIDDLES + w);
    const s = v128.load16_splat(TWIDDLES + QUARTER_BYTES - w);
    for (let b = tile; b < end; b += M) {
      const low = b + i;
      const high = b + H - i;
      const ar = halfIfx8(v128.load(low), scaled);
      const ai = halfIfx8(v128.load(high + H), scaled);
      const br = halfIfx8(v128.load(high), scaled);
      const bi = halfIfx8(v128.load(low + H), scaled);
      const dr = subx8(ar, br);
      const di = addx8(ai, bi);
      v128.store(low, addx8(ar, br));
      v128.store(high, subx8(ai, bi));

      // the odd half: (dr + j di) (c + j s)
      v128.store(low + H, subx8(mulrTwiddlex8(dr, c), mulrTwiddlex8(di, s)));
      v128.store(high + H, addx8(mulrTwiddlex8(di, c), mulrTwiddlex8(dr, s)));
    }
  }
}
