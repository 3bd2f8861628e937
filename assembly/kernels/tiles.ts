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

/**
 * Tiles of blocks of 2^stages words as tiles of their halves: twice as many, of half as many v128. Words n and n + k/2 of
 * a block stand in rows side by side, so that a tile's halves are its rows interleaved.
 */
export function halveBlocks(from: usize, to: usize, tiles: i32, stages: i32): void {
  const half = <usize>8 << stages;
  for (let t = 0; t < tiles; t++, to += half) {
    for (const end = to + half; to < end; from += 32, to += 16) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      v128.store(to, interleaveLow(a, b));
      v128.store(to + half, interleaveHigh(a, b));
    }
  }
}

/** `halveBlocks` twice: tiles of quarters. */
export function quarterBlocks(from: usize, to: usize, tiles: i32, stages: i32): void {
  const quarter = <usize>4 << stages;
  for (let t = 0; t < tiles; t++, to += 3 * quarter) {
    for (const end = to + quarter; to < end; from += 64, to += 16) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const c = v128.load(from, 32);
      const d = v128.load(from, 48);
      const a0 = interleaveLow(a, b), a1 = interleaveHigh(a, b);
      const b0 = interleaveLow(c, d), b1 = interleaveHigh(c, d);
      v128.store(to, interleaveLow(a0, b0));
      v128.store(to + quarter, interleaveHigh(a0, b0));
      v128.store(to + 2 * quarter, interleaveLow(a1, b1));
      v128.store(to + 3 * quarter, interleaveHigh(a1, b1));
    }
  }
}

/** Clears the words of a tile that stand for no output. `masks`: a v128 of all ones or zeros for each of `count`. */
export function mask(tile: usize, masks: usize, count: i32): void {
  const end = tile + (<usize>count << 4);
  for (; tile < end; tile += 16, masks += 16) v128.store(tile, v128.and(v128.load(tile), v128.load(masks)));
}

/**
 * Eight blocks from eight places as a tile: lane = place, element n at its bit-reversed index.
 *
 * @param places eight addresses; 8 words are read there also of smaller blocks
 * @param offset bytes from each to its block
 * @param tile   2^stages v128, 8 at the least, overwritten
 */
export function tileFromPlaces(places: usize, offset: usize, tile: usize, stages: i32): void {
  const k = 1 << stages;
  const to1 = wordBytes(0, stages), to2 = wordBytes(1, stages), to4 = wordBytes(2, stages);
  for (let n = 0; n < k; n += 8, offset += 16) {
    const to = tile + tileOffset(n, stages);
    columns(
      v128.load(<usize>load<u32>(places) + offset), v128.load(<usize>load<u32>(places, 4) + offset),
      v128.load(<usize>load<u32>(places, 8) + offset), v128.load(<usize>load<u32>(places, 12) + offset),
      v128.load(<usize>load<u32>(places, 16) + offset), v128.load(<usize>load<u32>(places, 20) + offset),
      v128.load(<usize>load<u32>(places, 24) + offset), v128.load(<usize>load<u32>(places, 28) + offset),
      to, to + to1, to + to2, to + to2 + to1, to + to4, to + to4 + to1, to + to4 + to2, to + to4 + to2 + to1,
    );
  }
}

/**
 * The first `words` words of tiles that follow one another, to eight places: for each the blocks of its lane.
 *
 * @param places eight addresses
 */
export function placesFromTiles(tiles: usize, places: usize, words: i32, stages: i32): void {
  const k = 1 << stages;
  const from1 = wordBytes(0, stages), from2 = wordBytes(1, stages), from4 = wordBytes(2, stages);
  const whole = words & -8;
  for (let n = 0; n < whole; n += 8) {
    const from = tiles + (<usize>(n & -k) << 4) + tileOffset(n & (k - 1), stages);
    const offset = <usize>n << 1;
    columns(
      v128.load(from), v128.load(from + from1), v128.load(from + from2), v128.load(from + from2 + from1),
      v128.load(from + from4), v128.load(from + from4 + from1), v128.load(from + from4 + from2),
      v128.load(from + from4 + from2 + from1),
      <usize>load<u32>(places) + offset, <usize>load<u32>(places, 4) + offset,
      <usize>load<u32>(places, 8) + offset, <usize>load<u32>(places, 12) + offset,
      <usize>load<u32>(places, 16) + offset, <usize>load<u32>(places, 20) + offset,
      <usize>load<u32>(places, 24) + offset, <usize>load<u32>(places, 28) + offset,
    );
  }
  for (let n = whole; n < words; n++) {
    const from = tiles + (<usize>(n & -k) << 4) + tileOffset(n & (k - 1), stages);
    for (let lane: usize = 0; lane < 8; lane++) {
      store<i16>(<usize>load<u32>(places + (lane << 2)) + (<usize>n << 1), load<i16>(from + (lane << 1)));
    }
  }
}

/** Bytes that bit `bit` of the number of a word is worth in tiles that follow one another. */
function wordBytes(bit: i32, stages: i32): usize {
  return <usize>16 << (bit < stages ? stages - 1 - bit : bit);
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
  columns(
    v128.load(from), v128.load(from + from1), v128.load(from + from2), v128.load(from + from2 + from1),
    v128.load(from + from4), v128.load(from + from4 + from1), v128.load(from + from4 + from2),
    v128.load(from + from4 + from2 + from1),
    to, to + to1, to + to2, to + to2 + to1, to + to4, to + to4 + to1, to + to4 + to2, to + to4 + to2 + to1,
  );
}

/** Stores the columns of eight rows of 8 words at eight addresses. */
// @ts-ignore: decorator
@inline
function columns(
  r0: v128, r1: v128, r2: v128, r3: v128, r4: v128, r5: v128, r6: v128, r7: v128,
  t0: usize, t1: usize, t2: usize, t3: usize, t4: usize, t5: usize, t6: usize, t7: usize,
): void {
  // three rounds of perfect shuffles: r0 r4, then r0 r2, then r0 r1
  const a0 = interleaveLow(r0, r4), a1 = interleaveHigh(r0, r4);
  const a2 = interleaveLow(r1, r5), a3 = interleaveHigh(r1, r5);
  const a4 = interleaveLow(r2, r6), a5 = interleaveHigh(r2, r6);
  const a6 = interleaveLow(r3, r7), a7 = interleaveHigh(r3, r7);
  const b0 = interleaveLow(a0, a4), b1 = interleaveHigh(a0, a4);
  const b2 = interleaveLow(a1, a5), b3 = interleaveHigh(a1, a5);
  const b4 = interleaveLow(a2, a6), b5 = interleaveHigh(a2, a6);
  const b6 = interleaveLow(a3, a7), b7 = interleaveHigh(a3, a7);
  v128.store(t0, interleaveLow(b0, b4));
  v128.store(t1, interleaveHigh(b0, b4));
  v128.store(t2, interleaveLow(b1, b5));
  v128.store(t3, interleaveHigh(b1, b5));
  v128.store(t4, interleaveLow(b2, b6));
  v128.store(t5, interleaveHigh(b2, b6));
  v128.store(t6, interleaveLow(b3, b7));
  v128.store(t7, interleaveHigh(b3, b7));
}
