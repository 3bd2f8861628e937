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

/** Bits of a part of a word that a block can leave as it is while the others are written; look-up tables cannot. */
const BYTE = 9;
/** Of a bit that is chosen from one more row, and of a row that a write is led to. */
const ROW_COST = 0.5;
/** Of the registers that give the old word for a read of the one that is being written. */
const GUARD_COST = 6;

/** A block or a unit of look-up tables in one of its shapes. */
interface Cell {
  readonly width: number;
  /** log2 of the words. */
  readonly depth: number;
  /** The least part of a word that it is filled by. */
  readonly part: number;
  readonly cost: number;
}

/** The shapes that a block can have: words of 9 bits and more take a ninth bit to a byte, narrower ones not. */
function shapesOf({ widest: [both, each], depth, cost }: BlockMode, ports: number): readonly Cell[] {
  const widest = ports > 1 ? both : each;
  const shallowest = depth + Math.log2(each / widest);
  const narrower = Math.log2(widest / BYTE);
  const widths = [...Array.from({ length: narrower + 1 }, (_, i) => widest / 2 ** i), 4, 2, 1];
  return widths.map((width, i) => ({ width, depth: shallowest + i, part: Math.min(BYTE, width), cost }));
}

/** Cells that a memory takes, its words in rows of cells if it is deeper than one, and Yosys's cost of them. */
function mapTo({ width, depth, written, ports }: MemoryShape, cell: Cell): { count: number; cost: number } {
  const rows = 2 ** Math.max(0, depth - cell.depth);
  const part = written ? cell.part : 1;
  const count = Math.ceil((rows * Math.ceil(width / part) * part) / cell.width);
  const chosen = (rows - 1) * width * ports + (written && rows > 1 ? rows : 0);
  return { count, cost: count * cell.cost + ROW_COST * chosen };
}

function cheapest<T extends { readonly cost: number }>(options: readonly T[]): T {
  return options.reduce((best, it) => (it.cost < best.cost ? it : best));
}

/** One memory, as Yosys maps it. */
export function memoryCells(shape: MemoryShape, family: FamilyName): MemoryCells {
  const rules = RULES[family];
  if (rules === undefined) throw new RangeError(`family: expected one whose memories are counted, got ${family}`);
  const { width, depth, written, ports, registered = true } = shape;
  const block = cheapest(
    rules.modes.flatMap((mode) =>
      shapesOf(mode, ports).map((cell) => {
        const { count, cost } = mapTo(shape, cell);
        return { blocks: count * mode.size, cost };
      }),
    ),
  );
  const inBlocks = {
    blockRam: block.blocks,
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
  const units = rules.units.map(({ tables, ...unit }) => {
    const { count, cost } = mapTo(shape, { ...unit, part: unit.width, cost: rules.unitCost });
    return { tables: count * tables, cost };
  });
  const fewest = cheapest(units);
  if (registered && fewest.cost >= block.cost + (rules.guardsReads ? GUARD_COST : 0)) {
    return rules.guardsReads ? { ...inBlocks, readRegisters: 2 * width + depth + 2 } : inBlocks;
  }
  return { blockRam: 0, lutRam: fewest.tables, romBits: 0, romRegisters: 0, readRegisters: registered ? width : 0 };
}
