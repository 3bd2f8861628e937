import type { FamilyName } from "./family.ts";
import type { EngineName, Parts } from "./parts.ts";

/** What each part of an engine takes, fitted to counts of synthesis by scripts/resources.mjs. */
export interface ResourceTable {
  /** What synthesised. */
  readonly tool: string;
  readonly families: Partial<
    Record<FamilyName, Partial<Record<EngineName, Readonly<Record<"lut" | "ff" | "carry" | "lutRam", Parts>>>>>
  >;
}

export const RESOURCE_TABLE: ResourceTable = { tool: "Yosys 0.55.944", families: {} };
