import { OverflowError } from "../errors.ts";

/** The largest word. */
export const WORD_MAX = 32767;

/** Fractional bits that a tensor may have. */
export const FRACTION_BITS_MAX = 31;

/** Power of a signal and of the error of its approximation, summed over values. */
export interface Quality {
  readonly signal: number;
  readonly noise: number;
  /** Words that are -32768 or 32767. */
  readonly saturated: number;
  readonly words: number;
}

/** The quality of no words. */
export const NOTHING: Quality = { signal: 0, noise: 0, saturated: 0, words: 0 };

/** That of the words of both. */
export function addQuality(a: Quality, b: Quality): Quality {
  return {
    signal: a.signal + b.signal,
    noise: a.noise + b.noise,
    saturated: a.saturated + b.saturated,
    words: a.words + b.words,
  };
}

/** Sums the signal and the error of words in a format against exact values. */
export function compareWords(
  words: readonly Int16Array[],
  exact: readonly Float64Array[],
  fractionBits: number,
): Quality {
  const step = 2 ** -fractionBits;
  let signal = 0;
  let noise = 0;
  let saturated = 0;
  let count = 0;
  for (const [n, tensor] of words.entries()) {
    for (let i = 0; i < tensor.length; i++) {
      const value = exact[n][i];
      const error = tensor[i] * step - value;
      signal += value * value;
      noise += error * error;
      if (tensor[i] >= WORD_MAX || tensor[i] <= -WORD_MAX - 1) saturated++;
    }
    count += tensor.length;
  }
  return { signal, noise, saturated, words: count };
}

/** Signal-to-noise ratio in dB, at most 200. A signal of nothing but zeros that is met has 200. */
export function decibels({ signal, noise }: { readonly signal: number; readonly noise: number }): number {
  if (noise === 0) return 200;
  if (signal === 0) return -200;
  return Math.max(-200, Math.min(200, 10 * Math.log10(signal / noise)));
}

/** The largest magnitude. */
export function peakOf(tensors: readonly ArrayLike<number>[]): number {
  let peak = 0;
  for (const tensor of tensors) {
    for (let i = 0; i < tensor.length; i++) peak = Math.max(peak, Math.abs(tensor[i]));
  }
  return peak;
}

/** The most fractional bits, at most 31, with which values up to `peak` are words, or words of fewer bits. */
export function fittingBits(peak: number, largest = WORD_MAX): number {
  return peak === 0 ? FRACTION_BITS_MAX : Math.min(FRACTION_BITS_MAX, Math.floor(Math.log2(largest / peak)));
}

/** What the format of an operation's output must hold. */
export interface OutputNeeds {
  /** The largest value, of all that the calibration inputs lead to, that must be a word. */
  readonly outputPeak: number;
  /** How many times larger words may become without saturation. */
  readonly margin: number;
  /** The most fractional bits of use. */
  readonly mostBits: number;
}

/** What the format of an operation's weights must hold. */
export interface WeightNeeds {
  /** The largest magnitude of a weight's word. */
  readonly largestWeight: number;
}

/** The most fractional bits that meet the needs. */
export function mostOutputBits({ outputPeak, margin, mostBits }: OutputNeeds): number {
  return Math.min(mostBits, fittingBits(margin * outputPeak));
}

/** A real value as a word: rounded half away from zero and clamped to [-32767, 32767], or to fewer bits. */
export function quantise(value: number, fractionBits: number, largest = WORD_MAX): number {
  const word = Math.min(largest, Math.floor(Math.abs(value) * 2 ** fractionBits + 0.5));
  return value < 0 ? -word : word;
}

/** Real values as words. */
export function quantiseWords(values: Float64Array, fractionBits: number, largest = WORD_MAX): Int16Array {
  const words = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) words[i] = quantise(values[i], fractionBits, largest);
  return words;
}

/** Words as the real values that they stand for. */
export function dequantise(words: Int16Array, fractionBits: number): Float64Array {
  return Float64Array.from(words, (word) => word * 2 ** -fractionBits);
}

/** The error of weights that no format holds. */
export function noFormat(name: string, peak: number): OverflowError {
  return new OverflowError(
    `weights of layer ${name}: expected values that are words of ${-FRACTION_BITS_MAX} or more fractional bits ` +
      `without overflow of an accumulator, got values up to ${peak}`,
    { layer: name, bound: peak },
  );
}
