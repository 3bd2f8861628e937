import { addx8, halfIfx8, halfx8, mulrTwiddlex8, subx8 } from "./lanes";
import { HALVED_TWIDDLES, QUARTER_BYTES, TWIDDLES } from "./tables";

/**
 * Stages first .. last of the forward transform of eight blocks at once, in place.
 *
 * @param tile     2^stages v128, lane = block, element n of each at its bit-reversed index
 * @param stages   log2 of the block size
 * @param schedule bit t - 1 set = stage t is halved
 * @see docs/arithmetic.md, section 5
 */
export function rfft(tile: usize, stages: i32, schedule: i32, first: i32, last: i32): void {
  const end = tile + (<usize>16 << stages);
  let stage = first;
  if (first > last) return;
  const isEven = ((last - first) & 1) == 1;
  if (isEven && first == 1) {
    firstTwo(tile, end, schedule & 3);
    stage = 3;
  } else if (!isEven && first == 1 && last > 1) {
    firstThree(tile, end, schedule & 7);
    stage = 4;
  } else if (!isEven) {
    if ((schedule >> (stage - 1)) & 1) forwardStage(tile, end, stage, HALVED_TWIDDLES, true);
    else forwardStage(tile, end, stage, TWIDDLES, false);
    stage++;
  }
  for (; stage < last; stage += 2) {
    const scaled = (schedule >> (stage - 1)) & 3;
    if (scaled == 0) forwardPair(tile, end, stage, TWIDDLES, TWIDDLES, false, false);
    else if (scaled == 1) forwardPair(tile, end, stage, HALVED_TWIDDLES, TWIDDLES, true, false);
    else if (scaled == 2) forwardPair(tile, end, stage, TWIDDLES, HALVED_TWIDDLES, false, true);
    else forwardPair(tile, end, stage, HALVED_TWIDDLES, HALVED_TWIDDLES, true, true);
  }
}

function firstTwo(tile: usize, end: usize, scaled: i32): void {
  if (scaled == 0) return fourPoints(tile, end, false, false);
  if (scaled == 1) return fourPoints(tile, end, true, false);
  if (scaled == 2) return fourPoints(tile, end, false, true);
  fourPoints(tile, end, true, true);
}

function firstThree(tile: usize, end: usize, scaled: i32): void {
  switch (scaled) {
    case 0: return eightPoints(tile, end, false, false, false);
    case 1: return eightPoints(tile, end, true, false, false);
    case 2: return eightPoints(tile, end, false, true, false);
    case 3: return eightPoints(tile, end, true, true, false);
    case 4: return eightPoints(tile, end, false, false, true);
    case 5: return eightPoints(tile, end, true, false, true);
    case 6: return eightPoints(tile, end, false, true, true);
    default: return eightPoints(tile, end, true, true, true);
  }
}

/** Stages 1 and 2. */
// @ts-ignore: decorator
@inline
function fourPoints(tile: usize, end: usize, scaled1: bool, scaled2: bool): void {
  const zero = i16x8.splat(0);
  for (let b = tile; b < end; b += 64) {
    const a0 = halfIfx8(v128.load(b), scaled1);
    const a1 = halfIfx8(v128.load(b, 16), scaled1);
    const a2 = halfIfx8(v128.load(b, 32), scaled1);
    const a3 = halfIfx8(v128.load(b, 48), scaled1);
    const u = halfIfx8(addx8(a0, a1), scaled2);
    const v = halfIfx8(addx8(a2, a3), scaled2);
    v128.store(b, addx8(u, v));
    v128.store(b, halfIfx8(subx8(a0, a1), scaled2), 16);
    v128.store(b, subx8(u, v), 32);
    v128.store(b, subx8(zero, halfIfx8(subx8(a2, a3), scaled2)), 48);
  }
}

/** Stages 1 to 3. */
// @ts-ignore: decorator
@inline
function eightPoints(tile: usize, end: usize, scaled1: bool, scaled2: bool, scaled3: bool): void {
  const zero = i16x8.splat(0);
  const twiddle = v128.load16_splat((scaled3 ? HALVED_TWIDDLES : TWIDDLES) + (QUARTER_BYTES >> 1));
  for (let b = tile; b < end; b += 128) {
    let a = halfIfx8(v128.load(b), scaled1);
    let c = halfIfx8(v128.load(b, 16), scaled1);
    let d = halfIfx8(v128.load(b, 32), scaled1);
    let e = halfIfx8(v128.load(b, 48), scaled1);
    let u = halfIfx8(addx8(a, c), scaled2);
    let v = halfIfx8(addx8(d, e), scaled2);
    const x0 = halfIfx8(addx8(u, v), scaled3);
    const x1 = halfIfx8(halfIfx8(subx8(a, c), scaled2), scaled3);
    const x2 = halfIfx8(subx8(u, v), scaled3);
    const x3 = halfIfx8(subx8(zero, halfIfx8(subx8(d, e), scaled2)), scaled3);
    a = halfIfx8(v128.load(b, 64), scaled1);
    c = halfIfx8(v128.load(b, 80), scaled1);
    d = halfIfx8(v128.load(b, 96), scaled1);
    e = halfIfx8(v128.load(b, 112), scaled1);
    u = halfIfx8(addx8(a, c), scaled2);
    v = halfIfx8(addx8(d, e), scaled2);
    const x4 = halfIfx8(addx8(u, v), scaled3);
    const x6 = halfIfx8(subx8(u, v), scaled3);
    v128.store(b, addx8(x0, x4));
    v128.store(b, subx8(x0, x4), 64);
    v128.store(b, x2, 32);
    v128.store(b, subx8(zero, x6), 96);

    // (or + j oi) (c - j c), c the cosine and the sine of 45 degrees
    const or = mulrTwiddlex8(halfIfx8(subx8(a, c), scaled2), twiddle);
    const oi = mulrTwiddlex8(subx8(zero, halfIfx8(subx8(d, e), scaled2)), twiddle);
    const tr = addx8(or, oi);
    const ti = subx8(oi, or);
    v128.store(b, addx8(x1, tr), 16);
    v128.store(b, addx8(x3, ti), 112);
    v128.store(b, subx8(x1, tr), 48);
    v128.store(b, subx8(ti, x3), 80);
  }
}

/** Stages `stage`, 3 or more, and `stage + 1` in one pass, so that words are loaded and stored once for both. */
// @ts-ignore: decorator
@inline
function forwardPair(
  tile: usize, end: usize, stage: i32, twiddles: usize, nextTwiddles: usize, scaled: bool, nextScaled: bool,
): void {
  const M = <usize>16 << stage;
  const H = M >> 1;
  const Q = M >> 2;
  const zero = i16x8.splat(0);
  for (let b = tile; b < end; b += 2 * M) {
    const a0 = halfIfx8(v128.load(b), scaled);
    const a1 = halfIfx8(v128.load(b + H), scaled);
    const a2 = halfIfx8(v128.load(b + M), scaled);
    const a3 = halfIfx8(v128.load(b + M + H), scaled);
    const u = halfIfx8(addx8(a0, a1), nextScaled);
    const v = halfIfx8(addx8(a2, a3), nextScaled);
    v128.store(b, addx8(u, v));
    v128.store(b + M, subx8(u, v));
    v128.store(b + H, halfIfx8(subx8(a0, a1), nextScaled));
    v128.store(b + M + H, subx8(zero, halfIfx8(subx8(a2, a3), nextScaled)));
  }
  const half45 = v128.load16_splat(nextTwiddles + (QUARTER_BYTES >> 1));
  for (let b = tile + Q; b < end; b += 2 * M) {
    const er = halfIfx8(halfIfx8(v128.load(b), scaled), nextScaled);
    const ei = halfIfx8(subx8(zero, halfIfx8(v128.load(b + H), scaled)), nextScaled);
    const or = halfIfx8(v128.load(b + M), scaled);
    const oi = subx8(zero, halfIfx8(v128.load(b + M + H), scaled));
    const tr = addx8(mulrTwiddlex8(or, half45), mulrTwiddlex8(oi, half45));
    const ti = subx8(mulrTwiddlex8(oi, half45), mulrTwiddlex8(or, half45));
    v128.store(b, addx8(er, tr));
    v128.store(b + M + H, addx8(ei, ti));
    v128.store(b + H, subx8(er, tr));
    v128.store(b + M, subx8(ti, ei));
  }
  const step = <usize>4096 >> stage;
  for (let i: usize = 16, w = step; i < Q; i += 16, w += step) {
    const c = v128.load16_splat(twiddles + w);
    const s = v128.load16_splat(twiddles + QUARTER_BYTES - w);
    const c2 = v128.load16_splat(nextTwiddles + (w >> 1));
    const s2 = v128.load16_splat(nextTwiddles + QUARTER_BYTES - (w >> 1));
    for (let b = tile; b < end; b += 2 * M) {
      const low = b + i;
      const high = b + H - i;

      let er = halfIfx8(v128.load(low), scaled);
      let ei = halfIfx8(v128.load(high), scaled);
      let or = v128.load(low + H);
      let oi = v128.load(high + H);

      // tr + j ti = (or + j oi) (c - j s)
      let tr = addx8(mulrTwiddlex8(or, c), mulrTwiddlex8(oi, s));
      let ti = subx8(mulrTwiddlex8(oi, c), mulrTwiddlex8(or, s));

      const er1 = halfIfx8(addx8(er, tr), nextScaled);
      const ei1 = halfIfx8(addx8(ei, ti), nextScaled);
      const er2 = halfIfx8(subx8(er, tr), nextScaled);
      const ei2 = halfIfx8(subx8(ti, ei), nextScaled);

      er = halfIfx8(v128.load(low + M), scaled);
      ei = halfIfx8(v128.load(high + M), scaled);
      or = v128.load(low + M + H);
      oi = v128.load(high + M + H);
      tr = addx8(mulrTwiddlex8(or, c), mulrTwiddlex8(oi, s));
      ti = subx8(mulrTwiddlex8(oi, c), mulrTwiddlex8(or, s));
      const or1 = addx8(er, tr);
      const oi1 = addx8(ei, ti);
      const or2 = subx8(er, tr);
      const oi2 = subx8(ti, ei);

      tr = addx8(mulrTwiddlex8(or1, c2), mulrTwiddlex8(oi1, s2));
      ti = subx8(mulrTwiddlex8(oi1, c2), mulrTwiddlex8(or1, s2));
      v128.store(low, addx8(er1, tr));
      v128.store(high + M + H, addx8(ei1, ti));
      v128.store(high + H, subx8(er1, tr));
      v128.store(low + M, subx8(ti, ei1));

      // index H - i of the next stage: its cosine is the sine of i, its sine the cosine
      tr = addx8(mulrTwiddlex8(or2, s2), mulrTwiddlex8(oi2, c2));
      ti = subx8(mulrTwiddlex8(oi2, s2), mulrTwiddlex8(or2, c2));
      v128.store(high, addx8(er2, tr));
      v128.store(low + M + H, addx8(ei2, ti));
      v128.store(low + H, subx8(er2, tr));
      v128.store(high + M, subx8(ti, ei2));
    }
  }
}

// @ts-ignore: decorator
@inline
function forwardStage(tile: usize, end: usize, stage: i32, twiddles: usize, scaled: bool): void {
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
    if (scaled) v128.store(b + Q, halfx8(v128.load(b + Q)));
    v128.store(b + H + Q, subx8(i16x8.splat(0), halfIfx8(v128.load(b + H + Q), scaled)));
  }
  const step = <usize>4096 >> stage;
  for (let i: usize = 16, w = step; i < Q; i += 16, w += step) {
    const c = v128.load16_splat(twiddles + w);
    const s = v128.load16_splat(twiddles + QUARTER_BYTES - w);
    for (let b = tile; b < end; b += M) {
      const low = b + i;
      const high = b + H - i;
      const er = halfIfx8(v128.load(low), scaled);
      const ei = halfIfx8(v128.load(high), scaled);
      const or = v128.load(low + H);
      const oi = v128.load(high + H);

      // tr + j ti = (or + j oi) (c - j s)
      const tr = addx8(mulrTwiddlex8(or, c), mulrTwiddlex8(oi, s));
      const ti = subx8(mulrTwiddlex8(oi, c), mulrTwiddlex8(or, s));

      v128.store(low, addx8(er, tr));
      v128.store(high + H, addx8(ei, ti));
      v128.store(high, subx8(er, tr));
      v128.store(low + H, subx8(ti, ei));
    }
  }
}
