import { addx8, halfx8, mulrx8, subx8 } from "./lanes";
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
  const end = tile + (<usize>16 << stages);
  for (let stage = first; stage >= last; stage--) {
    if ((schedule >> (stage - 1)) & 1) inverseStage(tile, end, stage, true);
    else inverseStage(tile, end, stage, false);
  }
}

// @ts-ignore: decorator
@inline
function inverseStage(tile: usize, end: usize, stage: i32, scaled: bool): void {
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
      const ar = ease(v128.load(low), scaled);
      const ai = ease(v128.load(high + H), scaled);
      const br = ease(v128.load(high), scaled);
      const bi = ease(v128.load(low + H), scaled);
      const dr = subx8(ar, br);
      const di = addx8(ai, bi);
      v128.store(low, addx8(ar, br));
      v128.store(high, subx8(ai, bi));

      // the odd half: (dr + j di) (c + j s)
      v128.store(low + H, subx8(mulrx8(dr, c), mulrx8(di, s)));
      v128.store(high + H, addx8(mulrx8(di, c), mulrx8(dr, s)));
    }
  }
}

// @ts-ignore: decorator
@inline
function ease(v: v128, scaled: bool): v128 {
  return scaled ? halfx8(v) : v;
}
