import { binAtLocation, bitReverse } from "../../fft/order.ts";
import { cosine, sine } from "../../fft/twiddles.ts";

/** Rows of a block in the streaming transforms: k / (2 paths), or one for smaller blocks. */
export function rowsPerBlock(k: number, paths: number): number {
  return Math.max(1, k / (2 * paths));
}

/**
 * The location, of k / 2, that stands in a path of a row of a block's spectrum. rtl/pipeline/forward_transform.v exchanges
 * bits of the path and the cycle, so that in the end path bit 0 holds the highest bit of the location, cycle bit 0 its
 * lowest, and each other cycle bit e the bit log2 paths + e - 1.
 *
 * @returns -1 for a path that a small block leaves unused
 */
export function locationInRow(log2K: number, log2Paths: number, row: number, path: number): number {
  const bits = Math.max(0, log2K - 1);
  if (bits <= log2Paths) return path < 1 << bits ? path : -1;
  let location = ((path & 1) << (bits - 1)) | (path & ~1) | (row & 1);
  for (let bit = 1; bit < bits - log2Paths; bit++) location |= ((row >> bit) & 1) << (log2Paths + bit - 1);
  return location;
}

/** Where a location's two words stand in a halfcomplex block; of a block of one word there is no second. */
export function wordsOfLocation(k: number, location: number): { readonly re: number; readonly im: number } {
  if (k === 1) return { re: 0, im: -1 };
  const bin = binAtLocation(location);
  return { re: bin, im: location === 0 ? k / 2 : k - bin };
}

/** The word of a block at place m of a row of natural words. */
export function wordInRow(log2K: number, log2Paths: number, row: number, m: number): number {
  const bits = log2K - 1 - log2Paths;
  if (bits < 0) return m < 1 << log2K ? m : -1;
  return bitReverse(row, bits) + m * 2 ** bits;
}

/**
 * The words of rtl/pipeline/stage_twiddles.v: for each cycle of the stage the cosine and the sine of each butterfly,
 * 16 bits each, as limbs of 32 bits. The first butterfly of the first cycle needs none.
 */
export function stageTwiddles(stage: number, log2Paths: number): Uint32Array {
  const pairs = 2 ** (log2Paths - 1);
  const cycles = 2 ** (stage - 1 - log2Paths);
  const words = new Uint32Array(cycles * pairs);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let pair = 0; pair < pairs; pair++) {
      const low = ((cycle >> 1) << log2Paths) | (pair << 1) | (cycle & 1);
      if (low === 0) continue;
      const bin = binAtLocation(low);
      words[cycle * pairs + pair] = ((sine(2 ** stage, bin) << 16) | cosine(2 ** stage, bin)) >>> 0;
    }
  }
  return words;
}
