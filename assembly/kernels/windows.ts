import {
  addx8, alignx8, clipx8, interleaveHigh, interleaveLow, requantFromx8, requantx8, storeWords,
} from "./lanes";
import { storeSums } from "./product";

// Operations on windows of a picture in NHWC order that has its padding around it already. Windows stand in `rows` by
// `columns`; from one to the next are `rowBytes` and `columnBytes`. Outputs follow one another.

/**
 * A picture with a border: fills `bytes` bytes from `to` on with a word, then copies `rows` rows of `rowBytes` bytes.
 *
 * @param lead  bytes before the first row
 * @param pitch bytes from one row to the next
 */
export function padPicture(
  picture: usize, to: usize, bytes: i32, word: i32, rows: i32, rowBytes: i32, lead: i32, pitch: i32,
): void {
  const fill = i16x8.splat(<i16>word);
  const end = to + <usize>bytes;
  for (let at = to; at < end; at += 16) v128.store(at, fill);
  to += lead;
  for (let row = 0; row < rows; row++, picture += rowBytes, to += pitch) memory.copy(to, picture, rowBytes);
}

/**
 * Convolution of k = 1, lane = output channel, four windows at a time: requant, bias, clamp.
 *
 * @param kernelRows  rows of the kernel, `kernelBytes` from one to the next
 * @param pairs       pairs of words that a kernel's row reads
 * @param weights     for each eight channels, each row, each pair of words: 8 pairs
 * @param half        what the accumulators start with, as in `product16`
 * @param bias        `out` words, whole v128
 * @param accumulators if not 0, where the int32 sums of the last window go
 */
export function convolvePlain(
  picture: usize, rows: i32, rowBytes: usize, columns: i32, columnBytes: usize, kernelRows: i32, kernelBytes: usize,
  pairs: i32, weights: usize, half: i32, shift: i32, bias: usize, lo: i32, hi: i32, to: usize, out: i32,
  accumulators: usize,
): void {
  const start = i32x4.splat(half);
  const least = i16x8.splat(<i16>lo);
  const most = i16x8.splat(<i16>hi);
  const pixel = <usize>out << 1;
  const rowEnd = <usize>pairs << 2;
  for (let row = 0; row < rows; row++, picture += rowBytes) {
    for (let column = 0; column < columns; column += 4) {
      const x0 = picture + <usize>column * columnBytes;
      const last = columns - 1 - column;
      const to1 = <usize>min(1, last);
      const to2 = <usize>min(2, last);
      const to3 = <usize>min(3, last);
      let w = weights;
      for (let c = 0; c < out; c += 8) {
        let low0 = start, high0 = start;
        let low1 = start, high1 = start;
        let low2 = start, high2 = start;
        let low3 = start, high3 = start;
        let line = x0;
        for (let r = 0; r < kernelRows; r++, line += kernelBytes) {
          const line1 = to1 * columnBytes;
          const line2 = to2 * columnBytes;
          const line3 = to3 * columnBytes;
          const end = line + rowEnd;
          for (let at = line; at < end; at += 4, w += 32) {
            const w0 = v128.load(w);
            const w1 = v128.load(w, 16);
            const a = v128.load32_splat(at);
            low0 = i32x4.add(low0, i32x4.dot_i16x8_s(a, w0));
            high0 = i32x4.add(high0, i32x4.dot_i16x8_s(a, w1));
            const b = v128.load32_splat(at + line1);
            low1 = i32x4.add(low1, i32x4.dot_i16x8_s(b, w0));
            high1 = i32x4.add(high1, i32x4.dot_i16x8_s(b, w1));
            const d = v128.load32_splat(at + line2);
            low2 = i32x4.add(low2, i32x4.dot_i16x8_s(d, w0));
            high2 = i32x4.add(high2, i32x4.dot_i16x8_s(d, w1));
            const e = v128.load32_splat(at + line3);
            low3 = i32x4.add(low3, i32x4.dot_i16x8_s(e, w0));
            high3 = i32x4.add(high3, i32x4.dot_i16x8_s(e, w1));
          }
        }
        const b = v128.load(bias + (<usize>c << 1));
        const at = to + (<usize>c << 1);
        storeWords(at, clipx8(addx8(requantFromx8(half, low0, high0, shift), b), least, most), out - c);
        storeWords(at + to1 * pixel, clipx8(addx8(requantFromx8(half, low1, high1, shift), b), least, most), out - c);
        storeWords(at + to2 * pixel, clipx8(addx8(requantFromx8(half, low2, high2, shift), b), least, most), out - c);
        storeWords(at + to3 * pixel, clipx8(addx8(requantFromx8(half, low3, high3, shift), b), least, most), out - c);
        if (accumulators) storeSums(accumulators + (<usize>c << 2), low0, high0, half);
      }
      to += <usize>min(4, columns - column) * pixel;
    }
  }
}

/**
 * Weighted sums over the taps, each channel by itself, lane = channel: requant(sum * scale), bias, clamp. A depthwise
 * convolution, and with weights of 1 a mean.
 *
 * @param taps        distances of the taps in bytes, `pairs` pairs
 * @param weights     for each eight channels, each pair of taps: 8 pairs of words
 * @param weightBytes from eight channels to the next: 0 where all have the same
 * @param biasBytes   the same for the bias
 * @param accumulators if not 0, where the int32 sums of the last window go
 */
export function sumTaps(
  picture: usize, rows: i32, rowBytes: usize, columns: i32, columnBytes: usize, channels: i32, taps: usize, pairs: i32,
  weights: usize, weightBytes: usize, scale: i32, shift: i32, bias: usize, biasBytes: usize, lo: i32, hi: i32, to: usize,
  accumulators: usize,
): void {
  const least = i16x8.splat(<i16>lo);
  const most = i16x8.splat(<i16>hi);
  const factor = i32x4.splat(scale);
  const end = taps + (<usize>pairs << 3);
  for (let row = 0; row < rows; row++, picture += rowBytes) {
    let window = picture;
    for (let column = 0; column < columns; column++, window += columnBytes) {
      let x = window;
      let ws = weights;
      let b = bias;
      let sums = accumulators;
      for (let rest = channels; rest > 0; rest -= 8, x += 16, ws += weightBytes, b += biasBytes) {
        let low = i32x4.splat(0);
        let high = i32x4.splat(0);
        let w = ws;
        for (let tap = taps; tap < end; tap += 8, w += 32) {
          const first = v128.load(x + <usize>load<u32>(tap));
          const second = v128.load(x + <usize>load<u32>(tap, 4));
          low = i32x4.add(low, i32x4.dot_i16x8_s(interleaveLow(first, second), v128.load(w)));
          high = i32x4.add(high, i32x4.dot_i16x8_s(interleaveHigh(first, second), v128.load(w, 16)));
        }
        if (sums) {
          storeSums(sums, low, high, 0);
          sums += 32;
        }
        const mean = requantx8(i32x4.mul(low, factor), i32x4.mul(high, factor), shift);
        storeWords(to, clipx8(addx8(mean, v128.load(b)), least, most), rest);
        to += <usize>min(rest, 8) << 1;
      }
    }
  }
}

/** The largest word under the taps of each window, each channel by itself. `taps`: `count` distances in bytes. */
export function maxTaps(
  picture: usize, rows: i32, rowBytes: usize, columns: i32, columnBytes: usize, channels: i32, taps: usize, count: i32,
  to: usize,
): void {
  const end = taps + (<usize>count << 2);
  for (let row = 0; row < rows; row++, picture += rowBytes) {
    let window = picture;
    for (let column = 0; column < columns; column++, window += columnBytes) {
      let x = window;
      for (let rest = channels; rest > 0; rest -= 8, x += 16) {
        let largest = v128.load(x + <usize>load<u32>(taps));
        for (let tap = taps + 4; tap < end; tap += 4) {
          largest = i16x8.max_s(largest, v128.load(x + <usize>load<u32>(tap)));
        }
        storeWords(to, largest, rest);
        to += <usize>min(rest, 8) << 1;
      }
    }
  }
}

/** Sums of `count` v128 of words of two tensors, each brought to one format first, and clamped. */
export function sum(
  a: usize, b: usize, to: usize, count: i32, shiftA: i32, shiftB: i32, lo: i32, hi: i32,
): void {
  const least = i16x8.splat(<i16>lo);
  const most = i16x8.splat(<i16>hi);
  const end = to + (<usize>count << 4);
  for (; to < end; to += 16, a += 16, b += 16) {
    const words = addx8(alignx8(v128.load(a), shiftA), alignx8(v128.load(b), shiftB));
    v128.store(to, clipx8(words, least, most));
  }
}
