import { interleaveHigh, interleaveLow } from "./lanes";
import { tileOffset } from "./tables";

/**
 * Eight blocks in natural order, one after another, as a tile: lane = block, element n at its bit-reversed index.
 *
 * @param natural 8 * 2^stages words
 * @param tile    2^stages v128, overwritten
 */
export function tileFromNatural(natural: usize, tile: usize, stages: i32): void {
  const k = 1 << stages;
  if (stages < 3) {
    for (let lane = 0; lane < 8; lane++) {
      for (let n = 0; n < k; n++, natural += 2) {
        store<i16>(tile + tileOffset(n, stages) + (<usize>lane << 1), load<i16>(natural));
      }
    }
    return;
  }
  const row = <usize>k << 1;
  for (let n = 0; n < k; n += 8) {
    transpose(natural + (<usize>n << 1), row, 2 * row, 4 * row, tile + tileOffset(n, stages), 4 * row, 2 * row, row);
  }
}

/** The inverse of `tileFromNatural`. */
export function naturalFromTile(tile: usize, natural: usize, stages: i32): void {
  const k = 1 << stages;
  if (stages < 3) {
    for (let lane = 0; lane < 8; lane++) {
      for (let n = 0; n < k; n++, natural += 2) {
        store<i16>(natural, load<i16>(tile + tileOffset(n, stages) + (<usize>lane << 1)));
      }
    }
    return;
  }
  const row = <usize>k << 1;
  for (let n = 0; n < k; n += 8) {
    transpose(tile + tileOffset(n, stages), 4 * row, 2 * row, row, natural + (<usize>n << 1), row, 2 * row, 4 * row);
  }
}

/** Clears the words of a tile that stand for no output. `masks`: a v128 of all ones or zeros for each of `count`. */
export function mask(tile: usize, masks: usize, count: i32): void {
  const end = tile + (<usize>count << 4);
  for (; tile < end; tile += 16, masks += 16) v128.store(tile, v128.and(v128.load(tile), v128.load(masks)));
}

/**
 * Rows of 8 words to columns. Row i is read at the sum of the strides of its bits, from1 for bit 0, from2 and from4;
 * column i is written by to1, to2 and to4 in the same way. Strides in falling order take the rows bit-reversed.
 */
// @ts-ignore: decorator
@inline
function transpose(
  from: usize, from1: usize, from2: usize, from4: usize, to: usize, to1: usize, to2: usize, to4: usize,
): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + from1);
  const r2 = v128.load(from + from2);
  const r3 = v128.load(from + from2 + from1);
  const r4 = v128.load(from + from4);
  const r5 = v128.load(from + from4 + from1);
  const r6 = v128.load(from + from4 + from2);
  const r7 = v128.load(from + from4 + from2 + from1);

  // three rounds of perfect shuffles: r0 r4, then r0 r2, then r0 r1
  const a0 = interleaveLow(r0, r4), a1 = interleaveHigh(r0, r4);
  const a2 = interleaveLow(r1, r5), a3 = interleaveHigh(r1, r5);
  const a4 = interleaveLow(r2, r6), a5 = interleaveHigh(r2, r6);
  const a6 = interleaveLow(r3, r7), a7 = interleaveHigh(r3, r7);
  const b0 = interleaveLow(a0, a4), b1 = interleaveHigh(a0, a4);
  const b2 = interleaveLow(a1, a5), b3 = interleaveHigh(a1, a5);
  const b4 = interleaveLow(a2, a6), b5 = interleaveHigh(a2, a6);
  const b6 = interleaveLow(a3, a7), b7 = interleaveHigh(a3, a7);
  v128.store(to, interleaveLow(b0, b4));
  v128.store(to + to1, interleaveHigh(b0, b4));
  v128.store(to + to2, interleaveLow(b1, b5));
  v128.store(to + to2 + to1, interleaveHigh(b1, b5));
  v128.store(to + to4, interleaveLow(b2, b6));
  v128.store(to + to4 + to1, interleaveHigh(b2, b6));
  v128.store(to + to4 + to2, interleaveLow(b3, b7));
  v128.store(to + to4 + to2 + to1, interleaveHigh(b3, b7));
}
