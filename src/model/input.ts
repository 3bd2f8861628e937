import type { InputFormat } from "./model.ts";

/** Real inputs as words: times 2^fractionBits, rounded half up and saturated. A NaN becomes 0: refuse it before. */
export function quantiseInput(format: Pick<InputFormat, "fractionBits">, x: ArrayLike<number>): Int16Array {
  const scale = 2 ** format.fractionBits;
  return Int16Array.from(x, (value) => Math.max(-32768, Math.min(32767, Math.floor(value * scale + 0.5))));
}

/** The words of the 256 pixels: entry v is that of the real value (v / 255 - mean) / deviation. */
export function pixelWords(format: InputFormat): Int16Array {
  const values = Float64Array.from({ length: 256 }, (_, v) => (v / 255 - format.mean) / format.deviation);
  return quantiseInput(format, values);
}
