import { InvalidArgumentError } from "commander";

// Readers of options that are numbers.

/** One that counts something, from 1 up. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number from 1 up");
  return value;
}

/** A whole number from 0 up. */
export function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
}

/** The margin of words. */
export function parseMargin(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 16)) throw new InvalidArgumentError("expected a number from 1 to 16");
  return value;
}

/** A learning rate. */
export function parseRate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10)) throw new InvalidArgumentError("expected a number above 0, at most 10");
  return value;
}

/** Bits of weights: a number, or numbers by the names of layers. */
export function parseWeightBits(text: string): number | Readonly<Record<string, number>> {
  if (/^\d+$/.test(text)) return Number(text);
  const pairs = text.split(",").map((part) => /^([A-Za-z][\w-]*)=(\d+)$/.exec(part));
  if (!pairs.every((pair) => pair !== null))
    throw new InvalidArgumentError("expected bits, or as in dense1=9,dense2=8");
  return Object.fromEntries(pairs.map(([, name, bits]) => [name, Number(bits)]));
}
