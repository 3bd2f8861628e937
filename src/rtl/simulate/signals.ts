import type { Bit, Signal } from "./netlist.ts";
import type { Term, Terms } from "./terms.ts";

/** A value of any width as words of 64 bits, the low word first; bits above the width are 0. */
export type Words = readonly Term[];

interface Driver {
  readonly words: Words;
  readonly width: number;
  readonly index: number;
}

/** Bits that stand side by side in one word of a driver, or one bit that is repeated. */
interface Run {
  readonly word: Term;
  /** Position of the first bit in the word. */
  readonly from: number;
  /** Position of the first bit in the word that is put together. */
  readonly to: number;
  length: number;
  repeated: boolean;
}

/** Number of bits of word `i` of a value. */
export function bitsOfWord(width: number, i: number): number {
  return Math.min(64, width - 64 * i);
}

/** Which term drives which net. */
export class Signals {
  readonly #terms: Terms;
  readonly #drivers = new Map<Bit, Driver>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  define(signal: Signal, words: Words): void {
    signal.forEach((bit, index) => {
      if (typeof bit === "number") this.#drivers.set(bit, { words, width: signal.length, index });
    });
  }

  /** Whether a bit has a value: a constant, or what a defined signal drives. */
  isDriven(bit: Bit): boolean {
    return typeof bit === "number" ? this.#drivers.has(bit) : bit === "0" || bit === "1";
  }

  /** The words of a signal, put together from the words of its drivers. */
  words(signal: Signal): Words {
    const words: Term[] = [];
    for (let at = 0; at < signal.length; at += 64) words.push(this.#word(signal.slice(at, at + 64)));
    return words;
  }

  #word(bits: Signal): Term {
    let constant = 0n;
    const runs: Run[] = [];
    let last: Run | undefined;
    let lastBit: Bit | undefined;
    bits.forEach((bit, to) => {
      const driver = this.#drivers.get(bit);
      if (driver === undefined) {
        if (bit === "1") constant |= 1n << BigInt(to);
        last = undefined;
      } else {
        const word = driver.words[driver.index >> 6];
        const from = driver.index & 63;
        if (last?.word === word && !last.repeated && from === last.from + last.length) {
          last.length++;
        } else if (bit === lastBit && last !== undefined && (last.repeated || last.length === 1)) {
          last.length++;
          last.repeated = true;
        } else {
          last = { word, from, to, length: 1, repeated: false };
          runs.push(last);
        }
      }
      lastBit = bit;
    });
    const terms = this.#terms;
    return runs.reduce((word, run) => terms.or(word, this.#place(run)), terms.constant(constant));
  }

  #place({ word, from, to, length, repeated }: Run): Term {
    const terms = this.#terms;
    if (repeated) {
      const bit = terms.mask(terms.shru(word, from), 1);
      return terms.shl(terms.mask(terms.sub(terms.zero, bit), length), to);
    }
    return terms.shl(terms.mask(terms.shru(word, from), length), to);
  }

  /** The words of a signal truncated or extended to `width` bits. */
  extended(signal: Signal, width: number, signed: boolean): Words {
    if (signal.length >= width) return this.words(signal.slice(0, width));
    const words = [...this.words(signal)];
    const count = (width + 63) >> 6;
    const top = words.length - 1;
    if (!signed || top < 0) {
      while (words.length < count) words.push(this.#terms.zero);
      return words;
    }
    const last = this.#terms.extend(words[top], bitsOfWord(signal.length, top));
    words[top] = last;
    while (words.length < count) words.push(this.#terms.shrs(last, 63));
    words[count - 1] = this.#terms.mask(words[count - 1], bitsOfWord(width, count - 1));
    return words;
  }

  /** A signal of at most 64 bits, extended to a whole word. */
  wide(signal: Signal, signed: boolean): Term {
    const word = this.words(signal)[0] ?? this.#terms.zero;
    return signed ? this.#terms.extend(word, signal.length) : word;
  }
}
