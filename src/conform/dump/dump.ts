import { DataError } from "../../errors.ts";

/** One number of a dump as it is written there: a bit pattern in hexadecimal digits, or an integer. */
export type Item = { readonly line: number } & ({ readonly hex: string } | { readonly value: number });

/** The numbers of a dump in order, and how they were read. */
export interface Dump {
  readonly items: readonly Item[];
  /** How the file was understood, for the reader of a report. */
  readonly as: string;
}

/** Words beyond this are read as unsigned ones of two's complement, where no word of the dump is negative. */
const half = (bits: number) => 2 ** (bits - 1);

/**
 * The words of a dump, two's complement of `bits` bits. A bit pattern that is a whole number of words wide is a beat
 * of a stream, its low word first; one whose upper bits only repeat the sign is a word.
 *
 * @throws DataError naming the line of an item that is no word
 */
export function wordsOfDump({ items }: Dump, bits: 16 | 32, file: string): Float64Array {
  const digits = bits / 4;
  const widest = items.reduce((most, item) => Math.max(most, "hex" in item ? item.hex.length : 0), 0);
  const isExtended = items.every((item) => !("hex" in item) || signExtends(item.hex, digits));
  if (widest > digits && widest % digits !== 0 && !isExtended) {
    const { line } = items.find((item) => "hex" in item && item.hex.length === widest) ?? items[0];
    throw new DataError(
      `${file}, line ${line}: expected words of ${digits} hexadecimal digits or beats of a whole number of them, ` +
        `got ${widest} digits; write one word a line, or pad the beat`,
      { file, line },
    );
  }
  const isUnsigned = items.every((item) => "hex" in item || (item.value >= 0 && item.value < 2 * half(bits)));
  const words: number[] = [];
  for (const item of items) {
    if ("value" in item) words.push(isUnsigned && item.value >= half(bits) ? item.value - 2 * half(bits) : item.value);
    else if (widest <= digits || isExtended) words.push(signed(item.hex.slice(-digits), bits));
    else {
      const beat = item.hex.padStart(widest, "0");
      for (let end = widest; end > 0; end -= digits) words.push(signed(beat.slice(end - digits, end), bits));
    }
  }
  return Float64Array.from(words);
}

function signed(hex: string, bits: number): number {
  const value = Number.parseInt(hex, 16);
  return value >= half(bits) ? value - 2 * half(bits) : value;
}

function signExtends(hex: string, digits: number): boolean {
  if (hex.length <= digits) return true;
  const upper = hex.slice(0, -digits).toLowerCase();
  const isNegative = Number.parseInt(hex.slice(-digits)[0], 16) >= 8;
  return upper === (isNegative ? "f" : "0").repeat(upper.length);
}
