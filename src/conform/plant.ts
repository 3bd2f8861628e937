import { OptionError } from "../errors.ts";
import type { MemoryImage } from "../rtl/images.ts";
import type { VerilogSource } from "../rtl/sources.ts";

/** Faults that `verify` can plant in the datapath to show that it finds them: one bit each. */
export const FAULTS = ["weight", "twiddle", "schedule", "bias", "rounding"] as const;
export type Fault = (typeof FAULTS)[number];

/** The datapath with one bit wrong. */
export function plantFault(
  fault: Fault,
  images: readonly MemoryImage[],
  sources: readonly VerilogSource[],
): { readonly images: readonly MemoryImage[]; readonly sources: readonly VerilogSource[] } {
  switch (fault) {
    case "weight":
      return { images: flipBit(images, "weights.hex", middleWeight(images), 8), sources };
    case "twiddle":
      // Entry 256 is cos 45 degrees, which every transform of k >= 8 uses.
      return { images: flipBit(images, "twiddles.hex", 256, 3), sources };
    case "schedule":
      // Bit 48 of a descriptor is stage 1 of the forward schedule.
      return { images: flipBit(images, "descriptors.hex", 1, 16), sources };
    case "bias":
      return { images: flipBit(images, "bias.hex", lastBias(images), 4), sources };
    case "rounding":
      return { images, sources: replaceOnce(sources, "mulr.v", "32'sd16384", "32'sd0") };
  }
}

/** The first weight that is not zero, from the middle of the image on. */
function middleWeight(images: readonly MemoryImage[]): number {
  const limbs = images.find((image) => image.file === "weights.hex")?.limbs ?? new Uint32Array();
  return limbs.findIndex((limb, i) => i >= limbs.length / 2 && limb !== 0);
}

/** The bias of the network's last output, which no relu hides in a classifier. */
function lastBias(images: readonly MemoryImage[]): number {
  return (images.find((image) => image.file === "bias.hex")?.limbs.length ?? 0) - 1;
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
