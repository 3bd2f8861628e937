/** Bits of a weight in a model file: as many as a word has unless an operation says fewer. */
export const WORD_BITS = 16;

/** Fewest bits of a weight in a model file. */
export const LEAST_WEIGHT_BITS = 8;

/** The largest magnitude of a weight of so many bits: kernels negate weights, so the least word is not one. */
export function largestWeight(bits: number): number {
  return 2 ** (bits - 1) - 1;
}

/** Bytes of `count` words of so many bits: whole words of 16 bits, so that what follows stands at an even byte. */
export function packedBytes(count: number, bits: number): number {
  return 2 * Math.ceil((count * bits) / WORD_BITS);
}

/**
 * Words as a stream of bits: word n is bits n * bits and up, the low one first; bit i of the stream is bit i % 8 of byte
 * i >> 3. Zeros fill up the last bytes.
 *
 * @param words of at most `bits` bits, which are 8 to 16
 */
export function packWords(words: Int16Array, bits: number): Uint8Array {
  const bytes = new Uint8Array(packedBytes(words.length, bits));
  const mask = 2 ** bits - 1;
  let held = 0;
  let value = 0;
  let at = 0;
  for (const word of words) {
    value |= (word & mask) << held;
    for (held += bits; held >= 8; held -= 8, value >>>= 8) bytes[at++] = value;
  }
  if (held > 0) bytes[at] = value;
  return bytes;
}

/** The words of a stream that `packWords` makes. */
export function unpackWords(bytes: Uint8Array, bits: number, count: number): Int16Array {
  const words = new Int16Array(count);
  const sign = 32 - bits;
  let held = 0;
  let value = 0;
  let at = 0;
  for (let n = 0; n < count; n++) {
    for (; held < bits; held += 8) value |= bytes[at++] << held;
    words[n] = (value << sign) >> sign;
    value >>>= bits;
    held -= bits;
  }
  return words;
}

/** The first bit after `count` words that is not zero; -1 if there is none. */
export function strayBit(bytes: Uint8Array, bits: number, count: number): number {
  for (let bit = count * bits; bit < 8 * bytes.length; bit++) if ((bytes[bit >> 3] >> (bit & 7)) & 1) return bit;
  return -1;
}
