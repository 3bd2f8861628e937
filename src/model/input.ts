import type { InputFormat } from "./model.ts";

/**
 * The word of a real value, scale = 2^fractionBits: floor(value * scale + 1/2) in double precision, saturated.
 * NaN stays NaN. Its twin for arrays is `wordsFromReals` in assembly/kernels/input.ts.
 */
export function quantiseReal(value: number, scale: number): number {
  return Math.min(Math.max(Math.floor(value * scale + 0.5), -32768), 32767);
}

/** Real inputs as words. A NaN becomes 0: refuse it before. */
export function quantiseInput(format: Pick<InputFormat, "fractionBits">, x: ArrayLike<number>): Int16Array {
  const scale = 2 ** format.fractionBits;
  return Int16Array.from(x, (value) => quantiseReal(value, scale));
}

/** The words of the 256 values of a pixel, in plain IEEE double arithmetic. */
export function pixelWords({ mean, deviation, fractionBits }: InputFormat): Int16Array {
  return Int16Array.from({ length: 256 }, (_, v) => quantiseReal((v / 255 - mean) / deviation, 2 ** fractionBits));
}
