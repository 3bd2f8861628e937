import { binAtLocation, bitReverse } from "../fft/order.ts";
import type { TensorLayout } from "./subject.ts";

/** Puts the words of a tensor in another order or form; undefined where the layout has nothing to put so. */
export type Arrange = (words: Float64Array, layout: TensorLayout, amount: number) => Float64Array | undefined;

/** Takes each word of a block from another place of it. */
export function permuteBlocks(sourceOf: (k: number) => readonly number[] | undefined): Arrange {
  return (words, { k }) => {
    const source = k < 2 ? undefined : sourceOf(k);
    return source && words.map((_, at) => words[at - (at % k) + source[at % k]]);
  };
}

/** The words of a block of k in bit-reversed order. */
export const bitReversedWords = permuteBlocks((k) => Array.from({ length: k }, (_, i) => bitReverse(i, Math.log2(k))));

/** Bins of a spectrum in another order, both parts of each; bin 0 keeps its place with k/2 as its second part. */
function permuteBins(binAt: (place: number, half: number) => number): Arrange {
  const blocks = permuteBlocks((k) => {
    const half = k / 2;
    return Array.from({ length: k }, (_, word) => {
      const place = word <= half ? word % half : k - word;
      const bin = binAt(place, half);
      return word < half ? bin : bin === 0 ? half : k - bin;
    });
  });
  return (words, layout, amount) => (layout.isSpectrum ? blocks(words, layout, amount) : undefined);
}

export const locationOrder = permuteBins((location) => binAtLocation(location));
export const bitReversedBins = permuteBins((place, half) => bitReverse(place, Math.log2(half)));

/** The imaginary parts of a spectrum with the other sign. */
export const conjugated: Arrange = (words, { k, isSpectrum }) =>
  isSpectrum && k > 2 ? words.map((word, at) => (at % k > k / 2 ? -word : word)) : undefined;

/** Real and imaginary parts in each other's places. */
export const partsExchanged: Arrange = (words, layout, amount) =>
  layout.isSpectrum
    ? permuteBlocks((k) => Array.from({ length: k }, (_, i) => (i % (k / 2) === 0 ? k / 2 - i : k - i)))(
        words,
        layout,
        amount,
      )
    : undefined;

/** Spectra as complex words, a bin after the other. */
export function complexWords(bins: "packed" | "half" | "all" | "all bit-reversed", imaginaryFirst = false): Arrange {
  return (words, { k, isSpectrum }) => {
    if (!isSpectrum || k < 2) return undefined;
    const half = k / 2;
    const part = (block: number, bin: number): readonly [number, number] => {
      if (bin === 0 && bins === "packed") return [words[block], words[block + half]];
      if (bin % half === 0) return [words[block + bin], 0];
      if (bin < half) return [words[block + bin], words[block + k - bin]];
      return [words[block + k - bin], -words[block + bin]];
    };
    const count = { packed: half, half: half + 1, all: k, "all bit-reversed": k }[bins];
    const result: number[] = [];
    for (let block = 0; block < words.length; block += k) {
      for (let place = 0; place < count; place++) {
        const bin = bins === "all bit-reversed" ? bitReverse(place, Math.log2(k)) : place;
        const [re, im] = part(block, bin);
        if (imaginaryFirst) result.push(im, re);
        else result.push(re, im);
      }
    }
    return Float64Array.from(result);
  };
}

/** Channel after channel, or columns before rows, of a picture. */
export function pictureOrder(order: "channels first" | "columns first"): Arrange {
  return (words, { picture }) => {
    if (!picture) return undefined;
    const [height, width, channels] = picture;
    return words.map((_, at) => {
      if (order === "channels first") {
        const pixel = at % (height * width);
        return words[pixel * channels + Math.floor(at / (height * width))];
      }
      const [pixel, channel] = [Math.floor(at / channels), at % channels];
      return words[((pixel % height) * width + Math.floor(pixel / height)) * channels + channel];
    });
  };
}

/** Rows with the words past their end, whose values a layer of another size would tell. */
export const paddingKept: Arrange = (words, { row, words: count, isSpectrum }) => {
  if (!row || isSpectrum || row.padded === row.used || count % row.used !== 0 || count % row.padded === 0)
    return undefined;
  const rows = words.length / row.used;
  const result = new Float64Array(rows * row.padded).fill(Number.NaN);
  for (let i = 0; i < rows; i++) result.set(words.subarray(i * row.used, (i + 1) * row.used), i * row.padded);
  return result;
};

/** Rows without the words past their end. */
export const paddingDropped: Arrange = (words, { row, isSpectrum, words: count }) => {
  if (!row || isSpectrum || row.padded === row.used || count % row.padded !== 0) return undefined;
  const rows = words.length / row.padded;
  const result = new Float64Array(rows * row.used);
  for (let i = 0; i < rows; i++) result.set(words.subarray(i * row.padded, i * row.padded + row.used), i * row.used);
  return result;
};

/** Each word on its own. */
export function eachWord(change: (word: number, bits: 16 | 32, amount: number) => number): Arrange {
  return (words, { bits }, amount) => words.map((word) => change(word, bits, amount));
}

/** The bytes of a word the other way round. */
export function byteSwapped(word: number, bits: 16 | 32): number {
  if (bits === 16) return (((word & 0xff) << 24) | ((word & 0xff00) << 8)) >> 16;
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** Fractional bits that a format has more; dropped ones are truncated. */
export function otherFormat(word: number, bits: 16 | 32, amount: number): number {
  const scaled = amount >= 0 ? word * 2 ** amount : Math.floor(word / 2 ** -amount);
  return bits === 16 ? (scaled << 16) >> 16 : scaled | 0;
}

/** The words of each beat of `amount` words the other way round. */
export const beatReversed: Arrange = (words, _, amount) =>
  words.length % amount === 0
    ? words.map((__, at) => words[at - (at % amount) + amount - 1 - (at % amount)])
    : undefined;

/** The stream from its word `amount` on; before its start, for a negative amount, stand words that nothing is known of. */
export const shifted: Arrange = (words, _, amount) => {
  if (amount >= 0) return words.slice(amount);
  const result = new Float64Array(words.length - amount).fill(Number.NaN);
  result.set(words, -amount);
  return result;
};

/** Distances by which a dump may be shifted: those at which its rarest words agree, the likeliest first. */
export function likelyShifts(dump: Float64Array, words: Float64Array): readonly number[] {
  const places = new Map<number, number[]>();
  for (let i = 0; i < words.length; i++) {
    const at = places.get(words[i]);
    if (at === undefined) places.set(words[i], [i]);
    else if (at.length < 5) at.push(i);
  }
  const votes = new Map<number, number>();
  for (let i = 0; i < dump.length; i++) {
    const at = places.get(dump[i]);
    if (at === undefined || at.length > 4) continue;
    for (const place of at) if (place !== i) votes.set(place - i, (votes.get(place - i) ?? 0) + 1 / at.length);
  }
  const ordered = [...votes].sort((a, b) => b[1] - a[1] || Math.abs(a[0]) - Math.abs(b[0]));
  return ordered.slice(0, 2).map(([shift]) => shift);
}
