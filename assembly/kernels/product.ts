import { requant } from "../../src/fixed/arithmetic";
import { interleaveHigh, interleaveLow, requantFromx8 } from "./lanes";

/**
 * The spectra of `tiles` tiles as operands of the spectrum product. For each pair of halfcomplex words of block j
 * (x0 and xk/2 first, then bins 1 .. k/2 - 1) two 32-bit operands: row `bin` holds the one that makes the real part of
 * every block, then the one that makes the imaginary part.
 *
 * The real part xr wr - xi wi has -xi, which is no int16 if xi = -32768; ~xi = -xi - 1 always is one:
 * (xr, ~xi) . (wr, wi) = xr wr - xi wi - wi, and the accumulators start at the sum of wi.
 *
 * @param spectra  tiles * 2^stages v128, lane = block
 * @param operands 2^(stages - 1) rows of tiles * 64 bytes, overwritten
 */
export function spreadOperands(spectra: usize, tiles: i32, stages: i32, operands: usize): void {
  const k = <usize>16 << stages;
  const imaginary = <usize>tiles << 5;
  const row = imaginary << 1;
  const zero = i16x8.splat(0);
  for (let tile = 0; tile < tiles; tile++, spectra += k, operands += 32) {
    storePairs(operands, v128.load(spectra), zero);
    storePairs(operands + imaginary, zero, v128.load(spectra + (k >> 1)));
    let to = operands + row;
    let im = spectra + k - 16;
    for (let re = spectra + 16; re < im; re += 16, im -= 16, to += row) {
      const xr = v128.load(re);
      const xi = v128.load(im);
      storePairs(to, xr, v128.not(xi));
      storePairs(to + imaginary, xi, xr);
    }
  }
}

/**
 * Spectrum product of 16 output blocks, lane = output block: acc = starts + sum over j of X_j o W_ij, requantised.
 *
 * @param operands     what `spreadOperands` wrote
 * @param row          bytes of a row of it
 * @param inputs       input blocks q
 * @param weights      for each bin, for each input block: 16 pairs (wr, wi), or (w0, wk/2)
 * @param starts       for each bin 16 int32: what the real accumulators start with, `half` included
 * @param half         what the imaginary accumulators start with; 2^(shift - 1) if no sum can leave int32 with it, else 0
 * @param products     two tiles of 2^stages v128, overwritten with the products' words, halfcomplex
 * @param accumulators if not 0, where the int32 sums go too: for each halfcomplex word, 16
 */
export function product16(
  operands: usize, row: usize, inputs: i32, weights: usize, starts: usize, half: i32,
  products: usize, stages: i32, shift: i32, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const k = <usize>16 << stages;
  for (let bin = 0; bin < bins; bin++, operands += row, starts += 64) {
    let re0 = v128.load(starts);
    let re1 = v128.load(starts, 16);
    let re2 = v128.load(starts, 32);
    let re3 = v128.load(starts, 48);
    let im0 = i32x4.splat(half);
    let im1 = i32x4.splat(half);
    let im2 = i32x4.splat(half);
    let im3 = i32x4.splat(half);
    let b = operands + (row >> 1);
    const end = operands + (<usize>inputs << 2);
    for (let a = operands; a < end; a += 4, b += 4, weights += 64) {
      const x = v128.load32_splat(a);
      const y = v128.load32_splat(b);
      const w0 = v128.load(weights);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(x, w0));
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(y, w0));
      const w1 = v128.load(weights, 16);
      re1 = i32x4.add(re1, i32x4.dot_i16x8_s(x, w1));
      im1 = i32x4.add(im1, i32x4.dot_i16x8_s(y, w1));
      const w2 = v128.load(weights, 32);
      re2 = i32x4.add(re2, i32x4.dot_i16x8_s(x, w2));
      im2 = i32x4.add(im2, i32x4.dot_i16x8_s(y, w2));
      const w3 = v128.load(weights, 48);
      re3 = i32x4.add(re3, i32x4.dot_i16x8_s(x, w3));
      im3 = i32x4.add(im3, i32x4.dot_i16x8_s(y, w3));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    v128.store(products + re, requantFromx8(half, re0, re1, shift));
    v128.store(products + im, requantFromx8(half, im0, im1, shift));
    v128.store(products + k + re, requantFromx8(half, re2, re3, shift));
    v128.store(products + k + im, requantFromx8(half, im2, im3, shift));
    if (accumulators) {
      storeSums(accumulators + 4 * re, re0, re1, half);
      storeSums(accumulators + 4 * re + 32, re2, re3, half);
      storeSums(accumulators + 4 * im, im0, im1, half);
      storeSums(accumulators + 4 * im + 32, im2, im3, half);
    }
  }
}

/** `product16` for 8 output blocks and one tile. */
export function product8(
  operands: usize, row: usize, inputs: i32, weights: usize, starts: usize, half: i32,
  products: usize, stages: i32, shift: i32, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  for (let bin = 0; bin < bins; bin++, operands += row, starts += 32) {
    let re0 = v128.load(starts);
    let re1 = v128.load(starts, 16);
    let im0 = i32x4.splat(half);
    let im1 = i32x4.splat(half);
    let b = operands + (row >> 1);
    const end = operands + (<usize>inputs << 2);
    for (let a = operands; a < end; a += 4, b += 4, weights += 32) {
      const x = v128.load32_splat(a);
      const y = v128.load32_splat(b);
      const w0 = v128.load(weights);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(x, w0));
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(y, w0));
      const w1 = v128.load(weights, 16);
      re1 = i32x4.add(re1, i32x4.dot_i16x8_s(x, w1));
      im1 = i32x4.add(im1, i32x4.dot_i16x8_s(y, w1));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    v128.store(products + re, requantFromx8(half, re0, re1, shift));
    v128.store(products + im, requantFromx8(half, im0, im1, shift));
    if (accumulators) {
      storeSums(accumulators + 2 * re, re0, re1, half);
      storeSums(accumulators + 2 * im, im0, im1, half);
    }
  }
}

/** `product16` for 4 output blocks; the upper four lanes of the tile become 0. */
export function product4(
  operands: usize, row: usize, inputs: i32, weights: usize, starts: usize, half: i32,
  products: usize, stages: i32, shift: i32, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  const zero = i32x4.splat(0);
  for (let bin = 0; bin < bins; bin++, operands += row, starts += 16) {
    let re0 = v128.load(starts);
    let im0 = i32x4.splat(half);
    let b = operands + (row >> 1);
    const end = operands + (<usize>inputs << 2);
    for (let a = operands; a < end; a += 4, b += 4, weights += 16) {
      const w = v128.load(weights);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(v128.load32_splat(a), w));
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(v128.load32_splat(b), w));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    v128.store(products + re, requantFromx8(half, re0, zero, shift));
    v128.store(products + im, requantFromx8(half, im0, zero, shift));
    if (accumulators) {
      v128.store(accumulators + re, i32x4.sub(re0, i32x4.splat(half)));
      v128.store(accumulators + im, i32x4.sub(im0, i32x4.splat(half)));
    }
  }
}

/**
 * Spectrum product of one output block, lane = input block: `product16` where it would leave most lanes empty.
 *
 * @param fours    input blocks q by fours, the last filled up with weights of 0
 * @param weights  for each bin, for each input block: a pair (wr, wi), or (w0, wk/2)
 * @param starts   for each bin an int32
 * @param products the block's lane of a tile; other lanes are left as they are
 */
export function productRow(
  operands: usize, row: usize, fours: i32, weights: usize, starts: usize,
  products: usize, stages: i32, shift: i32, accumulators: usize,
): void {
  const bins = 1 << (stages - 1);
  for (let bin = 0; bin < bins; bin++, operands += row, starts += 4) {
    let re0 = i32x4.splat(0);
    let im0 = i32x4.splat(0);
    let b = operands + (row >> 1);
    const end = operands + (<usize>fours << 4);
    for (let a = operands; a < end; a += 16, b += 16, weights += 16) {
      const w = v128.load(weights);
      re0 = i32x4.add(re0, i32x4.dot_i16x8_s(v128.load(a), w));
      im0 = i32x4.add(im0, i32x4.dot_i16x8_s(v128.load(b), w));
    }
    const re = <usize>bin << 4;
    const im = imaginaryWord(bin, bins);
    const realSum = load<i32>(starts) + sumLanes(re0);
    const imaginarySum = sumLanes(im0);
    store<i16>(products + re, <i16>requant(realSum, shift));
    store<i16>(products + im, <i16>requant(imaginarySum, shift));
    if (accumulators) {
      store<i32>(accumulators + (re >> 2), realSum);
      store<i32>(accumulators + (im >> 2), imaginarySum);
    }
  }
}

/**
 * Plain matrix product of k = 1, eight outputs a v128: products = requant(W x).
 *
 * @param x       `pairs` pairs of words
 * @param weights for each eight outputs, for each pair of inputs: 8 pairs of words
 * @param outputs number of v128 of products, overwritten
 * @param half    what the accumulators start with, as in `product16`
 * @param accumulators if not 0, where the int32 sums go too, 8 a v128 of products
 */
export function product1(
  x: usize, pairs: i32, weights: usize, products: usize, outputs: i32, half: i32, shift: i32, accumulators: usize,
): void {
  const last = products + (<usize>outputs << 4);
  const end = x + (<usize>pairs << 2);
  for (; products < last; products += 16) {
    let low = i32x4.splat(half);
    let high = i32x4.splat(half);
    for (let at = x; at < end; at += 4, weights += 32) {
      const pair = v128.load32_splat(at);
      low = i32x4.add(low, i32x4.dot_i16x8_s(pair, v128.load(weights)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(pair, v128.load(weights, 16)));
    }
    v128.store(products, requantFromx8(half, low, high, shift));
    if (accumulators) {
      storeSums(accumulators, low, high, half);
      accumulators += 32;
    }
  }
}

/** Where the second accumulator of a bin goes: word k - bin, or k/2 for bin 0, in bytes. */
export function imaginaryWord(bin: i32, bins: i32): usize {
  return <usize>(bin == 0 ? bins : (bins << 1) - bin) << 4;
}

/** Sum of four int32, wrapping. */
function sumLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

function storePairs(to: usize, first: v128, second: v128): void {
  v128.store(to, interleaveLow(first, second));
  v128.store(to, interleaveHigh(first, second), 16);
}

/** Eight accumulators without the half that they started with. */
export function storeSums(to: usize, low: v128, high: v128, half: i32): void {
  const start = i32x4.splat(half);
  v128.store(to, i32x4.sub(low, start));
  v128.store(to, i32x4.sub(high, start), 16);
}
