import { OptionError } from "../../errors.ts";

/** A field of a word: name, lowest bit, bits. */
type Field = readonly [name: string, low: number, bits: number];

/** What holds for the whole network; rtl/pipeline/circulant_pipeline.v takes the same fields apart. */
export const HEADER_FIELDS = [
  ["operations", 0, 8],
  ["slots", 8, 8],
  ["buffers", 16, 2],
  ["inputPacked", 18, 1],
  ["outputPacked", 19, 1],
  ["inputEntries", 24, 8],
  ["outputEntries", 32, 8],
  ["arenaStride", 40, 24],
  ["spectrumStride", 64, 24],
  ["inputStride", 88, 24],
  ["outputStride", 112, 24],
  ["inputWords", 136, 24],
  ["inputRowWords", 160, 24],
  ["inputRowStride", 184, 24],
  ["outputWords", 208, 24],
  ["outputRowWords", 232, 24],
  ["outputRowStride", 256, 24],
] as const satisfies readonly Field[];

/** What the sequencer, forward_unit and vector_unit need of an operation. */
export const FRONT_FIELDS = [
  ["isVector", 0, 1],
  ["readsInput", 1, 1],
  ["releasesInput", 2, 1],
  ["writesOutput", 3, 1],
  ["mode", 4, 2],
  ["useTable", 6, 1],
  ["hasBias", 7, 1],
  ["log2K", 8, 4],
  ["groupWords", 12, 4],
  ["shift", 16, 5],
  ["shiftA", 21, 5],
  ["shiftB", 26, 5],
  ["forward", 32, 16],
  ["tail", 48, 16],
  ["lo", 64, 16],
  ["hi", 80, 16],
  ["factor", 96, 16],
  ["table", 112, 8],
  ["kernelRows", 120, 8],
  ["kernelColumns", 128, 8],
  ["stride", 136, 8],
  ["pad", 144, 8],
  ["height", 160, 16],
  ["width", 176, 16],
  ["windowRows", 192, 16],
  ["windowColumns", 208, 16],
  ["pixels", 224, 24],
  ["blocks", 248, 24],
  ["base", 272, 24],
  ["pixelStride", 296, 24],
  ["spectrumRows", 320, 24],
  ["lineStride", 344, 24],
  ["columnStep", 368, 24],
  ["rowStep", 392, 24],
  ["weightBase", 416, 24],
  ["biasBase", 440, 24],
  ["outputBase", 464, 24],
  ["outputStride", 488, 24],
] as const satisfies readonly Field[];

/** What product_unit needs; addresses and strides in rows of the spectrum memory. */
export const PRODUCT_FIELDS = [
  ["log2K", 0, 4],
  ["shift", 4, 5],
  ["kernelRows", 16, 8],
  ["kernelColumns", 24, 8],
  ["stride", 32, 8],
  ["pad", 40, 8],
  ["height", 48, 16],
  ["width", 64, 16],
  ["windowRows", 80, 16],
  ["windowColumns", 96, 16],
  ["outputBlocks", 112, 24],
  ["inputBlocks", 136, 24],
  ["origin", 160, 24],
  ["pixelStride", 184, 24],
  ["lineStride", 208, 24],
  ["columnStep", 232, 24],
  ["rowStep", 256, 24],
  ["weightBase", 280, 24],
] as const satisfies readonly Field[];

/** What inverse_unit and finish_row need. */
export const BACK_FIELDS = [
  ["log2K", 0, 4],
  ["useTable", 4, 1],
  ["hasBias", 5, 1],
  ["inverse", 16, 16],
  ["lo", 32, 16],
  ["hi", 48, 16],
  ["table", 64, 8],
  ["tail", 80, 16],
  ["windows", 96, 24],
  ["blocks", 120, 24],
  ["lastRow", 144, 24],
  ["pixelStride", 168, 24],
  ["biasBase", 192, 24],
] as const satisfies readonly Field[];

/** Limbs of 32 bits of each kind of word. */
export const LIMBS = { header: 9, front: 16, product: 10, back: 7 } as const;

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
