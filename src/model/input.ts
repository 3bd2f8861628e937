import type { InputFormat } from "./model.ts";

/** Real inputs as words: floor(value * 2^fractionBits + 1/2), saturated. A NaN becomes 0: refuse it before. */
export function quantiseInput(format: Pick<InputFormat, "fractionBits">, x: ArrayLike<number>): Int16Array {
  const scale = 2 ** format.fractionBits;
  return Int16Array.from(x, (value) => Math.max(-32768, Math.min(32767, Math.floor(value * scale + 0.5))));
}
