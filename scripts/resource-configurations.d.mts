import type { MeasuredEngine } from "../src/synth/model-errors.ts";

type Configured = Pick<MeasuredEngine, "top" | "parameters">;

export const CONFIGURATIONS: readonly (Configured & { readonly set: "fit" | "held" })[];
export function setOf(engine: Configured): "fit" | "held";
export function alike(a: object, b: object): boolean;
