import type { MemoryShape } from "../rtl/memories.ts";
import type { FamilyName } from "./family.ts";

/** What a memory is made of. */
export interface MemoryCells {
  readonly blockRam: number;
  /** Look-up tables that are memory. */
  readonly lutRam: number;
  /** Bits of words that are constants in look-up tables, for each port. */
  readonly romBits: number;
  readonly romRegisters: number;
  /** Registers behind written memory, unless a block has them in itself. */
  readonly readRegisters: number;
}

interface BlockMode {
  /** In the family's blocks. */
  readonly size: number;
  readonly cost: number;
  /** Widest word with two ports that both may read, and with one port for each direction. */
  readonly widest: readonly [both: number, each: number];
  /** log2 of the words of the widest word of one port for each direction. */
  readonly depth: number;
}

/** How Yosys chooses: the cheapest, in its own costs (memory_libmap and its files of a family's memories). */
interface MemoryRules {
  readonly modes: readonly BlockMode[];
  /** Memory in look-up tables: bits of a word and log2 of the words of a unit, its look-up tables, its cost. */
  readonly units: readonly { readonly width: number; readonly depth: number; readonly tables: number }[];
  readonly unitCost: number;
  /** Of a bit that is a constant in look-up tables. */
  readonly romCost: number;
  /** Whether registers beside a block make a read of the word that is being written give the old one. */
  readonly guardsReads: boolean;
}

const RULES: Partial<Record<FamilyName, MemoryRules>> = {
  xc7: {
    modes: [
      { size: 0.5, cost: 129, widest: [18, 36], depth: 9 },
      { size: 1, cost: 257, widest: [36, 72], depth: 9 },
    ],
    units: [
      { width: 6, depth: 5, tables: 4 },
      { width: 3, depth: 6, tables: 4 },
    ],
    unitCost: 8,
    romCost: 1 / 64,
    guardsReads: false,
  },
  ecp5: {
    modes: [{ size: 1, cost: 128, widest: [18, 36], depth: 9 }],
    units: [{ width: 4, depth: 4, tables: 4 }],
    unitCost: 4,
    romCost: 1 / 16,
    guardsReads: true,
  },
};

/** Whether memories of a family are counted. */
export function hasMemoryRules(family: FamilyName): boolean {
  return RULES[family] !== undefined;
}

/** Words of 9 bits may take a ninth bit to a byte, narrower ones not. */
function widthAt(widest: number, depth: number, words: number): number {
  const halved = widest / 2 ** Math.max(0, words - depth);
  return halved >= 9 ? Math.floor(halved) : halved >= 4.5 ? 4 : halved >= 2.25 ? 2 : 1;
}

/** Of a bit that is chosen from one more memory, where a deep one is several; by 202 memories between 0.25 and 0.4. */
const CHOICE_COST = 0.3;

interface Mapping {
  readonly blocks: number;
  readonly cost: number;
  readonly size: number;
}

/** The cheapest number of blocks of a mode: of the depths that a block can have any may be taken, and several put in a row. */
function blocksOf({ width, depth, ports }: MemoryShape, mode: BlockMode): Mapping {
  const [both, each] = mode.widest;
  const [widest, shallowest] = ports > 1 ? [both, mode.depth + Math.log2(each / both)] : [each, mode.depth];
  const deepest = shallowest + Math.ceil(Math.log2(widest / 1.125));
  const mappings = [];
  for (let words = shallowest; words <= Math.max(shallowest, Math.min(depth, deepest)); words++) {
    const inRow = 2 ** Math.max(0, depth - words);
    const blocks = Math.ceil(width / widthAt(widest, shallowest, words)) * inRow;
    mappings.push({ blocks, cost: blocks * mode.cost + choices(width, inRow), size: mode.size });
  }
  return cheapest(mappings);
}

function choices(width: number, inRow: number): number {
  return CHOICE_COST * width * (inRow - 1);
}

function cheapest<T extends { readonly cost: number }>(options: readonly T[]): T {
  return options.reduce((best, it) => (it.cost < best.cost ? it : best));
}

/** One memory, as Yosys maps it. */
export function memoryCells(shape: MemoryShape, family: FamilyName): MemoryCells {
  const rules = RULES[family];
  if (rules === undefined) throw new RangeError(`family: expected one whose memories are counted, got ${family}`);
  const { width, depth, written, ports, registered = true } = shape;
  const block = cheapest(rules.modes.map((mode) => blocksOf(shape, mode)));
  const inBlocks = {
    blockRam: block.blocks * block.size,
    lutRam: 0,
    romBits: 0,
    romRegisters: 0,
    readRegisters: 0,
  };
  if (!written) {
    const bits = width * 2 ** depth;
    if (bits * rules.romCost >= block.cost) return inBlocks;
    return { blockRam: 0, lutRam: 0, romBits: bits * ports, romRegisters: width * ports, readRegisters: 0 };
  }
  const units = rules.units.map((unit) => {
    const inRow = 2 ** Math.max(0, depth - unit.depth);
    const count = Math.ceil(width / unit.width) * inRow;
    return { tables: count * unit.tables, cost: count * rules.unitCost + choices(width, inRow) };
  });
  const fewest = cheapest(units);
  if (registered && fewest.cost >= block.cost) {
    return rules.guardsReads ? { ...inBlocks, readRegisters: 2 * width + depth + 2 } : inBlocks;
  }
  return { blockRam: 0, lutRam: fewest.tables, romBits: 0, romRegisters: 0, readRegisters: registered ? width : 0 };
}
