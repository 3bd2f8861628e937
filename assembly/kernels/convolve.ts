import { splatBiasAndClip } from "./activation";
import { irfft } from "./irfft";
import { interleaveHigh, interleaveLow, requantx8 } from "./lanes";
import { imaginaryWord, storeSums } from "./product";
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
 * input block, there 8 bytes for each pixel, as `spreadTile` leaves them.
 *
 * @param places addresses of the pixels' words, eight a tile
 * @param tiles  eights of pixels
 * @param q      blocks of a pixel
 * @param tile   2^stages v128 of scratch, 8 at the least
 */
export function transformPixels(
  places: usize, tiles: i32, q: i32, stages: i32, schedule: i32, tile: usize, operands: usize, row: usize, pitch: usize,
): void {
  for (let t = 0; t < tiles; t++, places += 32, operands += 64) {
    let to = operands;
    for (let j = 0; j < q; j++, to += pitch) {
      tileFromPlaces(places, <usize>j << (stages + 1), tile, stages);
      rfft(tile, stages, schedule, 1, stages);
      spreadTile(tile, stages, to, row);
    }
  }
}

/**
 * Groups of windows from operands to outputs: products over all taps and input blocks, inverse transforms, bias, clamp.
 *
 * @param taps         for each tap and input block its distance in a row, in bytes
 * @param groups       for each group the places of its two fours in a row, in bytes
 * @param weights      for each two output blocks, each bin, each of `taps`: two pairs (wr, wi), or (w0, wk/2); an odd
 *                     last block alone
 * @param starts       for each two output blocks and each bin two int32: what the real accumulators start with
 * @param tiles        p tiles of 2^stages v128 of scratch
 * @param bias         a word for each v128 of `tiles`
 * @param places       addresses of the outputs of each window of each group
 * @param accumulators if not 0, where the int32 sums of a group go: for each v128 of `tiles`, 8
 * @param parts        what to do: 7 is all
 */
export function convolve(
  operands: usize, row: usize, taps: usize, count: i32, groups: usize, first: i32, end: i32, weights: usize,
  starts: usize, p: i32, stages: i32, shift: i32, schedule: i32, tiles: usize, bias: usize, lo: i32, hi: i32,
  places: usize, out: i32, accumulators: usize, parts: i32,
): void {
  const words = p << stages;
  for (let group = first; group < end; group++) {
    if (parts & PRODUCTS) {
      const low = <usize>load<u32>(groups + (<usize>group << 3));
      const high = <usize>load<u32>(groups + (<usize>group << 3), 4);
      groupProducts(
        operands + low, operands + high, row, taps, taps + (<usize>count << 2), weights, starts, p, stages, shift, tiles,
        accumulators,
      );
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
  low: usize, high: usize, row: usize, taps: usize, end: usize, weights: usize, starts: usize, p: i32, stages: i32,
  shift: i32, tiles: usize, accumulators: usize,
): void {
  const bins = <usize>1 << (stages - 1);
  const tile = <usize>16 << stages;
  const bytes = (end - taps) * bins;
  let i = 0;
  for (; i < p - 1; i += 2) {
    productTwo(low, high, row, taps, end, weights, starts, stages, shift, tiles, accumulators);
    weights += bytes << 1;
    starts += bins << 3;
    tiles += tile << 1;
    if (accumulators) accumulators += tile << 2;
  }
  if (i < p) productOne(low, high, row, taps, end, weights, starts, stages, shift, tiles, accumulators);
}

/** Two output blocks of a group: lanes = the real and imaginary part of two windows. */
function productTwo(
  low: usize, high: usize, row: usize, taps: usize, end: usize, weights: usize, starts: usize, stages: i32, shift: i32,
  tile: usize, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const k = <usize>16 << stages;
  const real = i32x4(-1, 0, -1, 0);
  for (let bin = 0; bin < bins; bin++, low += row, high += row, starts += 8) {
    let a0 = v128.and(v128.load32_splat(starts), real);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = v128.and(v128.load32_splat(starts, 4), real);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    for (let tap = taps; tap < end; tap += 4, weights += 8) {
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
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    storeBin(tile, re, im, a0, a1, a2, a3, shift, accumulators);
    storeBin(tile + k, re, im, b0, b1, b2, b3, shift, accumulators ? accumulators + 2 * k : 0);
  }
}

/** `productTwo` for one output block. */
function productOne(
  low: usize, high: usize, row: usize, taps: usize, end: usize, weights: usize, starts: usize, stages: i32, shift: i32,
  tile: usize, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const real = i32x4(-1, 0, -1, 0);
  for (let bin = 0; bin < bins; bin++, low += row, high += row, starts += 4) {
    let a0 = v128.and(v128.load32_splat(starts), real);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let tap = taps; tap < end; tap += 4, weights += 4) {
      const at = <usize>load<u32>(tap);
      const w = v128.load32_splat(weights);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load(low + at), w));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load(low + at, 16), w));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load(high + at), w));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load(high + at, 16), w));
    }
    storeBin(tile, <usize>bin << 4, imaginaryWord(bin, bins), a0, a1, a2, a3, shift, accumulators);
  }
}

/** The sums of a bin, real and imaginary parts in turn, as words of a tile at `re` and `im`. */
// @ts-ignore: decorator
@inline
function storeBin(
  tile: usize, re: usize, im: usize, a0: v128, a1: v128, a2: v128, a3: v128, shift: i32, accumulators: usize,
): void {
  const re0 = v128.shuffle<i32>(a0, a1, 0, 2, 4, 6);
  const re1 = v128.shuffle<i32>(a2, a3, 0, 2, 4, 6);
  const im0 = v128.shuffle<i32>(a0, a1, 1, 3, 5, 7);
  const im1 = v128.shuffle<i32>(a2, a3, 1, 3, 5, 7);
  v128.store(tile + re, requantx8(re0, re1, shift));
  v128.store(tile + im, requantx8(im0, im1, shift));
  if (accumulators) {
    storeSums(accumulators + 2 * re, re0, re1);
    storeSums(accumulators + 2 * im, im0, im1);
  }
}

/**
 * A tile of spectra as operands of `convolve`: in each row a bin, for each block the operand of the real part and that
 * of the imaginary part, as in `spreadOperands`.
 */
function spreadTile(tile: usize, stages: i32, operands: usize, row: usize): void {
  const k = <usize>16 << stages;
  const zero = i16x8.splat(0);
  storeOperands(operands, v128.load(tile), zero, zero, v128.load(tile + (k >> 1)));
  let im = tile + k - 16;
  for (let re = tile + 16; re < im; re += 16, im -= 16) {
    operands += row;
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
