import { addx8, halfx8, mulrx8, subx8 } from "./lanes";
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
  for (let stage = first; stage <= last; stage++) {
    if ((schedule >> (stage - 1)) & 1) forwardStage(tile, end, stage, HALVED_TWIDDLES, true);
    else forwardStage(tile, end, stage, TWIDDLES, false);
  }
}

// @ts-ignore: decorator
@inline
function forwardStage(tile: usize, end: usize, stage: i32, twiddles: usize, scaled: bool): void {
  const M = <usize>16 << stage;
  const H = M >> 1;
  const Q = M >> 2;
  for (let b = tile; b < end; b += M) {
    const u = ease(v128.load(b), scaled);
    const v = ease(v128.load(b + H), scaled);
    v128.store(b, addx8(u, v));
    v128.store(b + H, subx8(u, v));
  }
  if (stage == 1) return;
  for (let b = tile; b < end; b += M) {
    if (scaled) v128.store(b + Q, halfx8(v128.load(b + Q)));
    v128.store(b + H + Q, subx8(i16x8.splat(0), ease(v128.load(b + H + Q), scaled)));
  }
  const step = <usize>4096 >> stage;
  for (let i: usize = 16, w = step; i < Q; i += 16, w += step) {
    const c = v128.load16_splat(twiddles + w);
    const s = v128.load16_splat(twiddles + QUARTER_BYTES - w);
    for (let b = tile; b < end; b += M) {
      const low = b + i;
      const high = b + H - i;
      const er = ease(v128.load(low), scaled);
      const ei = ease(v128.load(high), scaled);
      const or = v128.load(low + H);
      const oi = v128.load(high + H);

      // tr + j ti = (or + j oi) (c - j s)
      const tr = addx8(mulrx8(or, c), mulrx8(oi, s));
      const ti = subx8(mulrx8(oi, c), mulrx8(or, s));

      v128.store(low, addx8(er, tr));
      v128.store(high + H, addx8(ei, ti));
      v128.store(high, subx8(er, tr));
      v128.store(low + H, subx8(ti, ei));
    }
  }
}

// @ts-ignore: decorator
@inline
function ease(v: v128, scaled: bool): v128 {
  return scaled ? halfx8(v) : v;
}
