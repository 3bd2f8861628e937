import { OptionError } from "../errors.ts";

/** What the counts of all families are told in. */
export interface Resources {
  /** Multiplier blocks. */
  readonly dsp: number;
  /** Look-up tables of any size, those that are memory not among them. */
  readonly lut: number;
  readonly ff: number;
  /** Block memories in the family's unit (`Family.blockRamBits`); halves count half. */
  readonly blockRam: number;
  /** Look-up tables, or their equivalents, that are memory or shift registers. */
  readonly lutRam: number;
  /** Bits of carry chains. */
  readonly carry: number;
}

export const RESOURCE_NAMES: readonly (keyof Resources)[] = ["dsp", "lut", "ff", "blockRam", "lutRam", "carry"];

export type FamilyName = "xc7" | "ecp5" | "ice40";

/** What is particular to a family of devices. */
export interface Family {
  readonly name: FamilyName;
  readonly title: string;
  /** The Yosys command that synthesises, without `-top`. */
  readonly synth: string;
  /** Options of it for one flat module, and for the modules as they are. */
  readonly flat: string;
  readonly hierarchical: string;
  /** Files of cell models in the Yosys package. */
  readonly models: readonly string[];
  /** Text that must stand before them. */
  readonly defines: string;
  /** Operands of one multiplier block. */
  readonly multiplier: readonly [number, number];
  readonly dspCell: string;
  /** Bits of one block memory. */
  readonly blockRamBits: number;
  /** What a cell counts as; a cell that is not named counts as nothing. */
  readonly cells: readonly (readonly [pattern: RegExp, resource: keyof Resources, count: number])[];
}

const XC7: Family = {
  name: "xc7",
  title: "Xilinx 7 series",
  synth: "synth_xilinx -family xc7 -noiopad -noclkbuf",
  flat: "-flatten",
  hierarchical: "",
  models: ["xilinx/cells_sim.v"],
  defines: "",
  multiplier: [25, 18],
  dspCell: "DSP48E1",
  blockRamBits: 36864,
  cells: [
    [/^DSP48E1$/, "dsp", 1],
    [/^LUT[1-6]$/, "lut", 1],
    [/^INV$/, "lut", 1],
    [/^FD[RSCP]E(_1)?$/, "ff", 1],
    [/^RAMB36E1$/, "blockRam", 1],
    [/^RAMB18E1$/, "blockRam", 0.5],
    [/^RAM(32|64)M$/, "lutRam", 4],
    [/^RAM(32|64)X1D$/, "lutRam", 2],
    [/^RAM128X1D$/, "lutRam", 4],
    [/^RAM(32|64)X1S$/, "lutRam", 1],
    [/^RAM128X1S$/, "lutRam", 2],
    [/^RAM256X1S$/, "lutRam", 4],
    [/^SRL(16E|C16E|C32E)$/, "lutRam", 1],
    [/^CARRY4$/, "carry", 4],
  ],
};

const ECP5: Family = {
  name: "ecp5",
  title: "Lattice ECP5",
  synth: "synth_ecp5",
  flat: "",
  hierarchical: "-noflatten",
  models: ["ecp5/cells_sim.v"],
  defines: "",
  multiplier: [18, 18],
  dspCell: "MULT18X18D",
  blockRamBits: 18432,
  cells: [
    [/^MULT18X18D$/, "dsp", 1],
    [/^LUT4$/, "lut", 1],
    [/^CCU2C$/, "lut", 2],
    [/^CCU2C$/, "carry", 2],
    [/^TRELLIS_FF$/, "ff", 1],
    [/^DP16KD$/, "blockRam", 1],
    [/^TRELLIS_DPR16X4$/, "lutRam", 4],
  ],
};

const ICE40: Family = {
  name: "ice40",
  title: "Lattice iCE40 UltraPlus",
  synth: "synth_ice40 -dsp -device u",
  flat: "",
  hierarchical: "-noflatten",
  models: ["ice40/cells_sim.v"],
  defines: "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n",
  multiplier: [16, 16],
  dspCell: "SB_MAC16",
  blockRamBits: 4096,
  cells: [
    [/^SB_MAC16$/, "dsp", 1],
    [/^SB_LUT4$/, "lut", 1],
    [/^SB_DFF/, "ff", 1],
    [/^SB_RAM40_4K/, "blockRam", 1],
    [/^SB_CARRY$/, "carry", 1],
  ],
};

export const FAMILIES: Readonly<Record<FamilyName, Family>> = { xc7: XC7, ecp5: ECP5, ice40: ICE40 };

/** @throws OptionError if there is no such family */
export function familyOf(name: string): Family {
  if (Object.hasOwn(FAMILIES, name)) return FAMILIES[name as FamilyName];
  throw new OptionError(`target: expected ${Object.keys(FAMILIES).join(", ")}, got "${name}"`, { option: "target" });
}

/** The resources that a family's cells amount to. */
export function resourcesOf(family: Family, cells: Readonly<Record<string, number>>): Resources {
  const sum = { dsp: 0, lut: 0, ff: 0, blockRam: 0, lutRam: 0, carry: 0 };
  for (const [type, count] of Object.entries(cells)) {
    for (const [pattern, resource, each] of family.cells) if (pattern.test(type)) sum[resource] += each * count;
  }
  return sum;
}
