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
    transposeIn(natural + (<usize>n << 1), row, tile + tileOffset(n, stages), row);
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
    transposeOut(tile + tileOffset(n, stages), row, natural + (<usize>n << 1), row);
  }
}

/** Clears the words of a tile that stand for no output. `masks`: a v128 of all ones or zeros for each of `count`. */
export function mask(tile: usize, masks: usize, count: i32): void {
  const end = tile + (<usize>count << 4);
  for (; tile < end; tile += 16, masks += 16) v128.store(tile, v128.and(v128.load(tile), v128.load(masks)));
}

/** Rows of 8 words, `row` bytes apart, to columns; column c at bitreverse(c) * `column` bytes. */
function transposeIn(from: usize, row: usize, to: usize, column: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + row);
  const r2 = v128.load(from + 2 * row);
  const r3 = v128.load(from + 3 * row);
  const r4 = v128.load(from + 4 * row);
  const r5 = v128.load(from + 5 * row);
  const r6 = v128.load(from + 6 * row);
  const r7 = v128.load(from + 7 * row);

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
  v128.store(to + 4 * column, interleaveHigh(b0, b4));
  v128.store(to + 2 * column, interleaveLow(b1, b5));
  v128.store(to + 6 * column, interleaveHigh(b1, b5));
  v128.store(to + column, interleaveLow(b2, b6));
  v128.store(to + 5 * column, interleaveHigh(b2, b6));
  v128.store(to + 3 * column, interleaveLow(b3, b7));
  v128.store(to + 7 * column, interleaveHigh(b3, b7));
}

/** The inverse of `transposeIn`. */
function transposeOut(from: usize, column: usize, to: usize, row: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + 4 * column);
  const r2 = v128.load(from + 2 * column);
  const r3 = v128.load(from + 6 * column);
  const r4 = v128.load(from + column);
  const r5 = v128.load(from + 5 * column);
  const r6 = v128.load(from + 3 * column);
  const r7 = v128.load(from + 7 * column);

  const a0 = interleaveLow(r0, r4), a1 = interleaveHigh(r0, r4);
  const a2 = interleaveLow(r1, r5), a3 = interleaveHigh(r1, r5);
  const a4 = interleaveLow(r2, r6), a5 = interleaveHigh(r2, r6);
  const a6 = interleaveLow(r3, r7), a7 = interleaveHigh(r3, r7);
  const b0 = interleaveLow(a0, a4), b1 = interleaveHigh(a0, a4);
  const b2 = interleaveLow(a1, a5), b3 = interleaveHigh(a1, a5);
  const b4 = interleaveLow(a2, a6), b5 = interleaveHigh(a2, a6);
  const b6 = interleaveLow(a3, a7), b7 = interleaveHigh(a3, a7);
  v128.store(to, interleaveLow(b0, b4));
  v128.store(to + row, interleaveHigh(b0, b4));
  v128.store(to + 2 * row, interleaveLow(b1, b5));
  v128.store(to + 3 * row, interleaveHigh(b1, b5));
  v128.store(to + 4 * row, interleaveLow(b2, b6));
  v128.store(to + 5 * row, interleaveHigh(b2, b6));
  v128.store(to + 6 * row, interleaveLow(b3, b7));
  v128.store(to + 7 * row, interleaveHigh(b3, b7));
}
