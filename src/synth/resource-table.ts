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

export const RESOURCE_TABLE: ResourceTable = {
  tool: "Yosys 0.55.944",
  families: {
    xc7: {
      circulant_engine: {
        lut: { control: 3459, lane: 246.4, stage: 59.33, address: 26.95, romBits: 0.02786, romRegisters: 0 },
        ff: { control: 1656, lane: 127.9, stage: 10.03, address: 4.41, romBits: 0.005808, romRegisters: 0 },
        carry: { control: 2065, lane: 102.9, stage: 13.56, address: 8.657, romBits: 0, romRegisters: 0 },
        lutRam: { control: 7.303, lane: 0.4087, stage: 0, address: 1.639, romBits: 0, romRegisters: 0.02108 },
      },
      circulant_pipeline: {
        lut: {
          control: 1437,
          lane: 148.9,
          butterfly: 219.1,
          trivial: 333.4,
          stage: 105.1,
          word: 137.5,
          bank: 1.284,
          bankAddress: 7.201,
          address: 48.98,
          vector: 676.9,
          vectorWord: 515.3,
          tableWord: 109.5,
          streamWord: 336.4,
          romBits: 0.07908,
          romRegisters: 0.03859,
        },
        ff: {
          control: 381,
          lane: 52.74,
          butterfly: 129.2,
          trivial: 42.93,
          stage: 31.94,
          word: 1.483,
          bank: 0,
          bankAddress: 4.778,
          address: 36.29,
          vector: 699.7,
          vectorWord: 121.9,
          tableWord: 67.76,
          streamWord: 60.29,
          romBits: 0.04383,
          romRegisters: 0.02429,
        },
        carry: {
          control: 1375,
          lane: 58.58,
          butterfly: 136.7,
          trivial: 117.4,
          stage: 41.94,
          word: 27.23,
          bank: 0,
          bankAddress: 0.6526,
          address: 24.27,
          vector: 427.9,
          vectorWord: 149.6,
          tableWord: 45.65,
          streamWord: 7.75,
          romBits: 0.1631,
          romRegisters: 0,
        },
        lutRam: {
          control: 0,
          lane: 0,
          butterfly: 0,
          trivial: 44.47,
          stage: 0,
          word: 0,
          bank: 2.07,
          bankAddress: 0,
          address: 0,
          vector: 121.8,
          vectorWord: 25.39,
          tableWord: 4.089,
          streamWord: 0,
          romBits: 0.07943,
          romRegisters: 0,
        },
      },
    },
  },
};
