import { OptionError } from "../errors.ts";
import { DESCRIPTOR_BITS, type FieldName, fieldBit, OP_CODES, readField } from "../rtl/descriptor.ts";
import type { MemoryImage } from "../rtl/images.ts";
import type { VerilogSource } from "../rtl/sources.ts";

/** Faults that `verify` can plant in the datapath to show that it finds them: one bit each. */
export const FAULTS = ["weight", "twiddle", "schedule", "bias", "rounding", "tap", "mean", "residual"] as const;
export type Fault = (typeof FAULTS)[number];

/** Reads a field of a descriptor. */
type Fields = (name: FieldName) => number;

/** Faults of descriptors: the field whose lowest bit is flipped, in the first operation that uses it. */
const FIELD_FAULTS = {
  schedule: ["forward", (field: Fields) => field("op") === OP_CODES.dense && field("log2K") > 0],
  tap: ["pixelStride", (field: Fields) => field("kernelColumns") > 1],
  mean: ["factor", (field: Fields) => field("op") === OP_CODES.avgpool],
  residual: ["shiftA", (field: Fields) => field("op") === OP_CODES.add],
} as const;

/**
 * The datapath with one bit wrong.
 *
 * @throws OptionError if the network has nothing that the fault could spoil
 */
export function plantFault(
  fault: Fault,
  images: readonly MemoryImage[],
  sources: readonly VerilogSource[],
): { readonly images: readonly MemoryImage[]; readonly sources: readonly VerilogSource[] } {
  switch (fault) {
    case "weight":
      return { images: flipWeight(images), sources };
    case "twiddle":
      // The middle entry is cos 45 degrees, which every transform of k >= 8 uses.
      return { images: flipBit(images, "twiddles.hex", limbsOf(images, "twiddles.hex").length / 2, 3), sources };
    case "bias":
      // The last output's, which no relu hides in a classifier.
      return { images: flipBit(images, "bias.hex", limbsOf(images, "bias.hex").length - 1, 4), sources };
    case "rounding":
      return { images, sources: replaceOnce(sources, "mulr.v", "32'sd16384", "32'sd0") };
    default:
      return { images: flipField(images, fault), sources };
  }
}

/** Flips the middle bit of the first weight that is not zero, from the middle of the image on. */
function flipWeight(images: readonly MemoryImage[]): readonly MemoryImage[] {
  const image = images.find(({ file }) => file === "weights.hex");
  if (image === undefined) throw new OptionError("weight: expected an image of weights, got none");
  const { width, numberBits, limbs } = image;
  const [perWord, wordBits] = [width / numberBits, 32 * Math.ceil(width / 32)];
  const count = (32 * limbs.length) / wordBits;
  const isSet = (bit: number) => ((limbs[bit >> 5] >> (bit & 31)) & 1) === 1;
  for (let word = count >> 1; word < count; word++) {
    for (let number = 0; number < perWord; number++) {
      const first = word * wordBits + number * numberBits;
      if (!Array.from({ length: numberBits }, (_, i) => first + i).some(isSet)) continue;
      const bit = first + (numberBits >> 1);
      return flipBit(images, image.file, bit >> 5, bit & 31);
    }
  }
  throw new OptionError("weight: expected a weight that is not zero to plant this fault in, got none");
}

function flipField(images: readonly MemoryImage[], fault: keyof typeof FIELD_FAULTS): readonly MemoryImage[] {
  const [name, isUsed] = FIELD_FAULTS[fault];
  const limbs = limbsOf(images, "descriptors.hex");
  const count = (32 * limbs.length) / DESCRIPTOR_BITS;
  for (let number = 0; number < count; number++) {
    if (!isUsed((field) => readField(limbs, field, number))) continue;
    const bit = fieldBit(name, number);
    return flipBit(images, "descriptors.hex", bit >> 5, bit & 31);
  }
  throw new OptionError(`${fault}: expected a network with an operation to plant this fault in, got none`);
}

function limbsOf(images: readonly MemoryImage[], file: string): Uint32Array {
  return images.find((image) => image.file === file)?.limbs ?? new Uint32Array();
}

function flipBit(images: readonly MemoryImage[], file: string, limb: number, bit: number): readonly MemoryImage[] {
  return images.map((image) => {
    if (image.file !== file) return image;
    const limbs = image.limbs.slice();
    if (limb < 0 || limb >= limbs.length) throw new OptionError(`${file}: has no word ${limb} to plant a fault in`);
    limbs[limb] ^= 1 << bit;
    return { ...image, limbs };
  });
}

function replaceOnce(sources: readonly VerilogSource[], name: string, from: string, to: string): VerilogSource[] {
  return sources.map((source) => {
    if (source.name !== name) return source;
    if (source.text.split(from).length !== 2) throw new OptionError(`${name}: expected ${from} once`);
    return { name, text: source.text.replace(from, to) };
  });
}
