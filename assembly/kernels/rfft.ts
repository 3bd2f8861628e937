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
  for (let stage = first; stage <= last; stage += 2) {
    const scaled = (schedule >> (stage - 1)) & 3;
    if (stage == last) {
      if (scaled & 1) forwardStage(tile, end, stage, HALVED_TWIDDLES, true);
      else forwardStage(tile, end, stage, TWIDDLES, false);
      return;
    }
    if (scaled == 0) forwardPair(tile, end, stage, TWIDDLES, TWIDDLES, false, false);
    else if (scaled == 1) forwardPair(tile, end, stage, HALVED_TWIDDLES, TWIDDLES, true, false);
    else if (scaled == 2) forwardPair(tile, end, stage, TWIDDLES, HALVED_TWIDDLES, false, true);
    else forwardPair(tile, end, stage, HALVED_TWIDDLES, HALVED_TWIDDLES, true, true);
  }
}

/** Stages `stage` and `stage + 1` in one pass, so that words are loaded and stored once for both. */
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
  if (stage == 1) return;
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
