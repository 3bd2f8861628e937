import { interpolate } from "../../src/fixed/arithmetic";
import { addx8, clipx8 } from "./lanes";

/**
 * Bias and clamp, in place: word = min(max(add(word, bias), lo), hi).
 *
 * @param bias `count` v128, one for each of the tile
 */
export function biasAndClip(tile: usize, bias: usize, count: i32, lo: i32, hi: i32): void {
  const end = tile + (<usize>count << 4);
  const min = i16x8.splat(<i16>lo);
  const max = i16x8.splat(<i16>hi);
  for (; tile < end; tile += 16, bias += 16) {
    v128.store(tile, clipx8(addx8(v128.load(tile), v128.load(bias)), min, max));
  }
}

/** `biasAndClip` with one word of bias for all lanes of a v128. */
export function splatBiasAndClip(tile: usize, bias: usize, count: i32, lo: i32, hi: i32): void {
  const end = tile + (<usize>count << 4);
  const min = i16x8.splat(<i16>lo);
  const max = i16x8.splat(<i16>hi);
  for (; tile < end; tile += 16, bias += 2) {
    v128.store(tile, clipx8(addx8(v128.load(tile), v128.load16_splat(bias)), min, max));
  }
}

/** Table activation of `count` v128 of words, in place. `table`: 257 words. @see docs/arithmetic.md, section 8 */
export function lookUp(tile: usize, table: usize, count: i32): void {
  const end = tile + (<usize>count << 4);
  for (; tile < end; tile += 2) {
    const u = <i32>load<i16>(tile) + 32768;
    const entry = table + (<usize>(u >> 8) << 1);
    store<i16>(tile, <i16>interpolate(load<i16>(entry), load<i16>(entry, 2), u & 255));
  }
}
