import { splatBiasAndClip } from "./activation";
import { irfft } from "./irfft";
import { requantx8 } from "./lanes";
import { imaginaryWord, spreadOperands, storeSums } from "./product";
import { rfft } from "./rfft";
import { placesFromTile, tileFromPlaces } from "./tiles";

// A convolution of blocks has pixels in its lanes. The pixels of the padded picture stand in planes, one for each
// remainder of row and column by the stride, so that under four windows side by side each tap finds four pixels side
// by side. A group is eight windows in two fours.

/** Bits of `parts`: what `convolve` does for a group. */
const PRODUCTS = 1;
const TRANSFORMS = 2;
const OUTPUTS = 4;

/**
 * The spectra of pixels as operands of the spectrum product: rows as of `spreadOperands`, in each half of a row `pitch`
 * bytes of pixels for each input block.
 *
 * @param places addresses of the pixels' words, eight a tile
 * @param tiles  eights of pixels
 * @param q      blocks of a pixel
 * @param tile   2^stages v128 of scratch
 */
export function transformPixels(
  places: usize, tiles: i32, q: i32, stages: i32, schedule: i32, tile: usize, operands: usize, row: usize, pitch: usize,
): void {
  for (let t = 0; t < tiles; t++, places += 32, operands += 32) {
    let to = operands;
    for (let j = 0; j < q; j++, to += pitch) {
      tileFromPlaces(places, <usize>j << (stages + 1), tile, stages);
      rfft(tile, stages, schedule, 1, stages);
      spreadOperands(tile, 1, stages, to, row);
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
  const k = 1 << stages;
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
      const to = places + (<usize>group << 5);
      for (let word = 0; word < out; word += k) {
        placesFromTile(tiles + (<usize>word << 4), to, <usize>word << 1, min(k, out - word), stages);
      }
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

/** Two output blocks of a group: lane = window. */
function productTwo(
  low: usize, high: usize, row: usize, taps: usize, end: usize, weights: usize, starts: usize, stages: i32, shift: i32,
  tile: usize, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const k = <usize>16 << stages;
  const half = row >> 1;
  for (let bin = 0; bin < bins; bin++, low += row, high += row, starts += 8) {
    let re0 = v128.load32_splat(starts);
    let re1 = re0;
    let re2 = v128.load32_splat(starts, 4);
    let re3 = re2;
    let im0 = i32x4.splat(0);
    let im1 = i32x4.splat(0);
    let im2 = i32x4.splat(0);
    let im3 = i32x4.splat(0);
    const lowIm = low + half;
    const highIm = high + half;
    for (let tap = taps; tap < end; tap += 4, weights += 8) {
      const at = <usize>load<u32>(tap);
      const w0 = v128.load32_splat(weights);
      const w1 = v128.load32_splat(weights, 4);
      const x0 = v128.load(low + at);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(x0, w0));
      re2 = i32x4.add(re2, i32x4.dot_i16x8_s(x0, w1));
      const x1 = v128.load(high + at);
      re1 = i32x4.add(re1, i32x4.dot_i16x8_s(x1, w0));
      re3 = i32x4.add(re3, i32x4.dot_i16x8_s(x1, w1));
      const y0 = v128.load(lowIm + at);
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(y0, w0));
      im2 = i32x4.add(im2, i32x4.dot_i16x8_s(y0, w1));
      const y1 = v128.load(highIm + at);
      im1 = i32x4.add(im1, i32x4.dot_i16x8_s(y1, w0));
      im3 = i32x4.add(im3, i32x4.dot_i16x8_s(y1, w1));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    v128.store(tile + re, requantx8(re0, re1, shift));
    v128.store(tile + im, requantx8(im0, im1, shift));
    v128.store(tile + k + re, requantx8(re2, re3, shift));
    v128.store(tile + k + im, requantx8(im2, im3, shift));
    if (accumulators) {
      storeSums(accumulators + 2 * re, re0, re1);
      storeSums(accumulators + 2 * im, im0, im1);
      storeSums(accumulators + 2 * (k + re), re2, re3);
      storeSums(accumulators + 2 * (k + im), im2, im3);
    }
  }
}

/** `productTwo` for one output block. */
function productOne(
  low: usize, high: usize, row: usize, taps: usize, end: usize, weights: usize, starts: usize, stages: i32, shift: i32,
  tile: usize, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const half = row >> 1;
  for (let bin = 0; bin < bins; bin++, low += row, high += row, starts += 4) {
    let re0 = v128.load32_splat(starts);
    let re1 = re0;
    let im0 = i32x4.splat(0);
    let im1 = i32x4.splat(0);
    const lowIm = low + half;
    const highIm = high + half;
    for (let tap = taps; tap < end; tap += 4, weights += 4) {
      const at = <usize>load<u32>(tap);
      const w = v128.load32_splat(weights);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(v128.load(low + at), w));
      re1 = i32x4.add(re1, i32x4.dot_i16x8_s(v128.load(high + at), w));
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(v128.load(lowIm + at), w));
      im1 = i32x4.add(im1, i32x4.dot_i16x8_s(v128.load(highIm + at), w));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    v128.store(tile + re, requantx8(re0, re1, shift));
    v128.store(tile + im, requantx8(im0, im1, shift));
    if (accumulators) {
      storeSums(accumulators + 2 * re, re0, re1);
      storeSums(accumulators + 2 * im, im0, im1);
    }
  }
}
