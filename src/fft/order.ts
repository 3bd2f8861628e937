import { OptionError } from "../errors.ts";
import { K_MAX } from "./twiddles.ts";

/** log2 of a block size. @throws OptionError unless k is a power of two from 1 to 2048 */
export function log2BlockSize(k: number): number {
  const log2 = 31 - Math.clz32(k);
  if (!Number.isInteger(k) || k < 1 || k > K_MAX || k !== 1 << log2) {
    throw new OptionError(`block size: expected a power of two from 1 to ${K_MAX}, got ${k}`, { option: "k" });
  }
  return log2;
}

/** The lowest `bits` bits of i in reverse order. */
export function bitReverse(i: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}

/**
 * The bin that stands at a location of the datapath's memory. A block's spectrum is kept there as k/2 complex words;
 * the butterfly of location x and x + M/4 leaves bin i at x and bin M/2 - i at x + M/4, so that
 * bin(x) = 2 h - bin(x - h), or h for x = h, where h is the highest set bit of x. Location 0 holds the two real bins,
 * 0 and k/2.
 *
 * @see docs/arithmetic.md, section 9
 */
export function binAtLocation(location: number): number {
  let bin = 0;
  for (let h = 1; h <= location; h <<= 1) if (location & h) bin = bin === 0 ? h : 2 * h - bin;
  return bin;
}
