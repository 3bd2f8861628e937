import { OptionError } from "../errors.ts";
import { meanOf } from "../layers/pool.ts";
import { windowGrid } from "../layers/window.ts";
import type { EngineOperation } from "./program.ts";
import { windowOf } from "./size.ts";

/** A field of a word: name, lowest bit, bits. */
export type Field = readonly [name: string, low: number, bits: number];

/** Numbers for the fields of a word; a field that is not given is 0. */
export type Values<Fields extends readonly Field[]> = Readonly<Partial<Record<Fields[number][0], number>>>;

/**
 * A word in limbs, the low one first. A field that is not given is 0; addresses wrap at 24 bits.
 *
 * @throws OptionError if a number is larger than its field
 */
export function packFields<Fields extends readonly Field[]>(
  fields: Fields,
  limbs: number,
  values: Values<Fields>,
  place: string,
): Uint32Array {
  const words = new Uint32Array(limbs);
  for (const [name, low, bits] of fields) {
    const value = (values as Readonly<Record<string, number>>)[name] ?? 0;
    if (!(value >= 0 && value < 2 ** bits)) {
      throw new OptionError(`${place}, ${name}: expected at most ${2 ** bits - 1} for the RTL, got ${value}`);
    }
    for (let bit = 0; bit < bits; bit++) {
      if ((value >> bit) & 1) words[(low + bit) >> 5] |= 1 << ((low + bit) & 31);
    }
  }
  return words;
}

/** An address of 24 bits; those before a tensor wrap. */
export function wrapped(address: number): number {
  const span = 2 ** 24;
  return ((address % span) + span) % span;
}

/** Mean = sum * factor, requantised by shift. */
export function meanFields(count: number): { readonly factor: number; readonly shift: number } {
  const mean = meanOf(count);
  return "shift" in mean ? { factor: 1, shift: mean.shift } : { factor: mean.reciprocal, shift: 15 };
}

/** The window of an operation, its origin and the steps between its addresses, where pixels are `pixelStride` apart; addresses wrap at 24 bits. */
export function windowFields(operation: EngineOperation, base: number, pixelStride: number) {
  const window = windowOf(operation);
  const { height, width, kernel, stride, pad } = window;
  const { rows, columns } = windowGrid(window);
  const lineStride = width * pixelStride;
  return {
    height,
    width,
    kernelRows: kernel[0],
    kernelColumns: kernel[1],
    stride,
    pad,
    windowRows: rows,
    windowColumns: columns,
    origin: wrapped(base - pad * (lineStride + pixelStride)),
    pixelStride: wrapped(pixelStride),
    lineStride: wrapped(lineStride),
    columnStep: wrapped(stride * pixelStride),
    rowStep: wrapped(stride * lineStride),
  };
}
