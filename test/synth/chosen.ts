import type { FamilyName } from "../../src/synth/family.ts";

/** Families to synthesise whole engines for, separated by commas: minutes each. */
export const CHOSEN_FAMILIES: readonly FamilyName[] = (process.env.CIRCULANT_SYNTHESIS ?? "")
  .split(",")
  .filter((name) => name !== "") as FamilyName[];
