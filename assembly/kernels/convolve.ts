import { splatBiasAndClip } from "./activation";
import { irfft } from "./irfft";
import { interleaveHigh, interleaveLow, requantFromx8 } from "./lanes";
import { storeSums } from "./product";
import { rfft } from "./rfft";
import { placesFromTiles, tileFromPlaces } from "./tiles";

// A convolution of blocks has pixels in its lanes. The pixels of the padded picture stand in planes, one for each
// remainder of row and column by the stride, so that under four windows side by side each tap finds four pixels side
// by side. A group is eight windows in two fours.

/** Bits of `parts`: what `convolve` does for a group. */
const PRODUCTS = 1;
const TRANSFORMS = 2;
const OUTPUTS = 4;

/**
 * The spectra of pixels as operands of `convolve`: in each of 2^(stages - 1) rows a bin, there `pitch` bytes for each
 * input block, there 8 bytes for each pixel: (xr, ~xi, xi, xr), as `spreadOperands` has them. Words 0 and k/2 are real, so
 * that two input blocks j and j + 1 share a place of bin 0: (x0 of j, x0 of j + 1, xk/2 of j, xk/2 of j + 1).
 *
 * @param places addresses of the pixels' words, eight a tile
 * @param tiles  eights of pixels
 * @param q      blocks of a pixel
 * @param tile   2^stages v128 of scratch, 8 at the least
 */
export function transformPixels(
  places: usize, tiles: i32, q: i32, stages: i32, schedule: i32, tile: usize, operands: usize, row: usize, pitch: usize,
): void {
  const half = <usize>8 << stages;
  const zero = i16x8.splat(0);
  for (let t = 0; t < tiles; t++, places += 32, operands += 64) {
    let to = operands + row;
    let pair = operands;
    let first = zero;
    let middle = zero;
    for (let j = 0; j < q; j++, to += pitch) {
      tileFromPlaces(places, <usize>j << (stages + 1), tile, stages);
      rfft(tile, stages, schedule, 1, stages);
      spreadBins(tile, stages, to, row);
      if (j & 1) {
        storeOperands(pair, first, v128.load(tile), middle, v128.load(tile + half));
        pair += pitch;
      } else {
        first = v128.load(tile);
        middle = v128.load(tile + half);
      }
    }
    if (q & 1) storeOperands(pair, first, zero, middle, zero);
  }
}

/**
 * Groups of windows from operands to outputs: products over all taps and input blocks, inverse transforms, bias, clamp.
 *
 * @param taps         distances in a row, in bytes: for each tap and pair of input blocks, then for each tap and input
 *                     block
 * @param groups       for each group the places of its two fours in a row, in bytes
 * @param weights      for each two output blocks, an odd last one alone: for bin 0 for each of `pairs` of each block
 *                     (w0, w0, wk/2, wk/2); for each other bin for each of `count` of each block (wr, wi)
 * @param starts       for each two output blocks and each bin for each block two int32: what the real and the imaginary
 *                     accumulators start with, `half` included
 * @param half         2^(shift - 1) if no sum can leave int32 with it, else 0
 * @param tiles        p tiles of 2^stages v128 of scratch
 * @param bias         a word for each v128 of `tiles`
 * @param places       addresses of the outputs of each window of each group
 * @param accumulators if not 0, where the int32 sums of a group go: for each v128 of `tiles`, 8
 * @param parts        what to do: 7 is all
 */
export function convolve(
  operands: usize, row: usize, taps: usize, pairs: i32, count: i32, groups: usize, first: i32, end: i32, weights: usize,
  starts: usize, half: i32, p: i32, stages: i32, shift: i32, schedule: i32, tiles: usize, bias: usize, lo: i32, hi: i32,
  places: usize, out: i32, accumulators: usize, parts: i32,
): void {
  const words = p << stages;
  const middle = taps + (<usize>pairs << 2);
  const last = middle + (<usize>count << 2);
  for (let group = first; group < end; group++) {
    if (parts & PRODUCTS) {
      const low = operands + <usize>load<u32>(groups + (<usize>group << 3));
      const high = operands + <usize>load<u32>(groups + (<usize>group << 3), 4);
      groupProducts(low, high, row, taps, middle, last, weights, starts, half, p, stages, shift, tiles, accumulators);
    }
    if (parts & TRANSFORMS) {
      for (let i = 0; i < p; i++) irfft(tiles + (<usize>i << (stages + 4)), stages, schedule, stages, 1);
    }
    if (parts & OUTPUTS) {
      splatBiasAndClip(tiles, bias, words, lo, hi);
      placesFromTiles(tiles, places + (<usize>group << 5), out, stages);
    }
  }
}

function groupProducts(
  low: usize, high: usize, row: usize, taps: usize, middle: usize, last: usize, weights: usize, starts: usize, half: i32,
  p: i32, stages: i32, shift: i32, tiles: usize, accumulators: usize,
): void {
  const bins = <usize>1 << (stages - 1);
  const tile = <usize>16 << stages;
  const bytes = ((middle - taps) << 1) + (last - middle) * (bins - 1);
  let i = 0;
  for (; i < p - 1; i += 2) {
    productTwo(low, high, row, taps, middle, last, weights, starts, half, stages, shift, tiles, accumulators);
    weights += bytes << 1;
    starts += bins << 4;
    tiles += tile << 1;
    if (accumulators) accumulators += tile << 2;
  }
  if (i < p) productOne(low, high, row, taps, middle, last, weights, starts, half, stages, shift, tiles, accumulators);
}

/** Two output blocks of a group: lanes = the real and imaginary part of two windows. */
function productTwo(
  low: usize, high: usize, row: usize, taps: usize, middle: usize, last: usize, weights: usize, starts: usize, half: i32,
  stages: i32, shift: i32, tile: usize, accumulators: usize,
): void {
  const k = <usize>16 << stages;
  const other = accumulators ? accumulators + 2 * k : 0;
  let a0 = v128.load64_splat(starts);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = v128.load64_splat(starts, 8);
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  for (let tap = taps; tap < middle; tap += 4, weights += 16) {
    const at = <usize>load<u32>(tap);
    const w0 = v128.load64_splat(weights);
    const w1 = v128.load64_splat(weights, 8);
    const x0 = v128.load(low + at);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x0, w0));
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x0, w1));
    const x1 = v128.load(low + at, 16);
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x1, w0));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x1, w1));
    const x2 = v128.load(high + at);
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x2, w0));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(x2, w1));
    const x3 = v128.load(high + at, 16);
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x3, w0));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(x3, w1));
  }
  storeBin(tile, 0, k >> 1, a0, a1, a2, a3, half, shift, accumulators);
  storeBin(tile + k, 0, k >> 1, b0, b1, b2, b3, half, shift, other);

  for (let re: usize = 16; re < k >> 1; re += 16) {
    low += row;
    high += row;
    starts += 16;
    a0 = v128.load64_splat(starts);
    a1 = a0;
    a2 = a0;
    a3 = a0;
    b0 = v128.load64_splat(starts, 8);
    b1 = b0;
    b2 = b0;
    b3 = b0;
    for (let tap = middle; tap < last; tap += 4, weights += 8) {
      const at = <usize>load<u32>(tap);
      const w0 = v128.load32_splat(weights);
      const w1 = v128.load32_splat(weights, 4);
      const x0 = v128.load(low + at);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x0, w0));
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x0, w1));
      const x1 = v128.load(low + at, 16);
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x1, w0));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x1, w1));
      const x2 = v128.load(high + at);
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x2, w0));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(x2, w1));
      const x3 = v128.load(high + at, 16);
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x3, w0));
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(x3, w1));
    }
    storeBin(tile, re, k - re, a0, a1, a2, a3, half, shift, accumulators);
    storeBin(tile + k, re, k - re, b0, b1, b2, b3, half, shift, other);
  }
}

/** `productTwo` for one output block. */
function productOne(
  low: usize, high: usize, row: usize, taps: usize, middle: usize, last: usize, weights: usize, starts: usize, half: i32,
  stages: i32, shift: i32, tile: usize, accumulators: usize,
): void {
  const k = <usize>16 << stages;
  let a0 = v128.load64_splat(starts);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let tap = taps; tap < middle; tap += 4, weights += 8) {
    const at = <usize>load<u32>(tap);
    const w = v128.load64_splat(weights);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load(low + at), w));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load(low + at, 16), w));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load(high + at), w));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load(high + at, 16), w));
  }
  storeBin(tile, 0, k >> 1, a0, a1, a2, a3, half, shift, accumulators);

  for (let re: usize = 16; re < k >> 1; re += 16) {
    low += row;
    high += row;
    starts += 8;
    a0 = v128.load64_splat(starts);
    a1 = a0;
    a2 = a0;
    a3 = a0;
    for (let tap = middle; tap < last; tap += 4, weights += 4) {
      const at = <usize>load<u32>(tap);
      const w = v128.load32_splat(weights);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load(low + at), w));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load(low + at, 16), w));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load(high + at), w));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load(high + at, 16), w));
    }
    storeBin(tile, re, k - re, a0, a1, a2, a3, half, shift, accumulators);
  }
}

/** The sums of a bin, real and imaginary parts in turn, as words of a tile at `re` and `im`. */
// @ts-ignore: decorator
@inline
function storeBin(
  tile: usize, re: usize, im: usize, a0: v128, a1: v128, a2: v128, a3: v128, half: i32, shift: i32, accumulators: usize,
): void {
  const re0 = v128.shuffle<i32>(a0, a1, 0, 2, 4, 6);
  const re1 = v128.shuffle<i32>(a2, a3, 0, 2, 4, 6);
  const im0 = v128.shuffle<i32>(a0, a1, 1, 3, 5, 7);
  const im1 = v128.shuffle<i32>(a2, a3, 1, 3, 5, 7);
  v128.store(tile + re, requantFromx8(half, re0, re1, shift));
  v128.store(tile + im, requantFromx8(half, im0, im1, shift));
  if (accumulators) {
    storeSums(accumulators + 2 * re, re0, re1, half);
    storeSums(accumulators + 2 * im, im0, im1, half);
  }
}

/** Bins 1 .. k/2 - 1 of a tile of spectra as operands of `convolve`, a bin in each row. */
function spreadBins(tile: usize, stages: i32, operands: usize, row: usize): void {
  let im = tile + (<usize>16 << stages) - 16;
  for (let re = tile + 16; re < im; re += 16, im -= 16, operands += row) {
    const xr = v128.load(re);
    const xi = v128.load(im);
    storeOperands(operands, xr, v128.not(xi), xi, xr);
  }
}

/** (a, b, c, d) of each lane. */
// @ts-ignore: decorator
@inline
function storeOperands(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const re0 = interleaveLow(a, b), re1 = interleaveHigh(a, b);
  const im0 = interleaveLow(c, d), im1 = interleaveHigh(c, d);
  v128.store(to, v128.shuffle<i32>(re0, im0, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<i32>(re0, im0, 2, 6, 3, 7), 16);
  v128.store(to, v128.shuffle<i32>(re1, im1, 0, 4, 1, 5), 32);
  v128.store(to, v128.shuffle<i32>(re1, im1, 2, 6, 3, 7), 48);
}
