import { interpolate } from "../fixed/arithmetic.ts";

/** Words of a table activation: 256 intervals and the end of the last. */
export const TABLE_WORDS = 257;

/** What a layer applies to each word after the bias. @see docs/arithmetic.md, section 8 */
export type Activation =
  | { readonly kind: "identity" }
  | { readonly kind: "relu" }
  | { readonly kind: "clip"; readonly lo: number; readonly hi: number }
  | { readonly kind: "table"; readonly table: Int16Array };

/** The bounds that identity, relu and clip clamp to; a table leaves its words as they are. */
export function clipBounds(activation: Activation): { readonly lo: number; readonly hi: number } {
  if (activation.kind === "relu") return { lo: 0, hi: 32767 };
  if (activation.kind === "clip") return activation;
  return { lo: -32768, hi: 32767 };
}

/** The activation of one word z, int16 to int16. */
export function activate(activation: Activation, z: number): number {
  if (activation.kind === "table") {
    const u = z + 32768;
    const n = u >> 8;
    return interpolate(activation.table[n], activation.table[n + 1], u & 255);
  }
  const { lo, hi } = clipBounds(activation);
  return Math.min(Math.max(z, lo), hi);
}
