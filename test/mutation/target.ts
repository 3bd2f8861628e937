import { readFileSync } from "node:fs";
import type binaryen from "binaryen";
import { openCompiled } from "../../src/rtl/simulate/compiled.ts";
import { describeModule } from "../../src/rtl/simulate/description.ts";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { compileNetlist } from "../../src/rtl/simulate/module.ts";
import { type Bit, type Cell, type Netlist, readNetlist } from "../../src/rtl/simulate/netlist.ts";
import { REGISTERS } from "../../src/rtl/simulate/registers.ts";
import { createRandom } from "../contract/random.ts";
import type { MutantPlace } from "./place.ts";
import { resetAt, withResets } from "./resets.ts";

/** A design with its short contract: vectors that a right design passes. */
export interface Target {
  readonly name: string;
  readonly design: Design;
  /** The instance in the bench that is mutated; what stands beside it is not. */
  readonly unit: string;
  /** True for the cells that are mutated. */
  readonly isMutated: (place: MutantPlace) => boolean;
  /** Vectors, the likeliest to fail first; each tells what is wrong, or nothing. Memories keep their words between them. */
  readonly checks: readonly ((simulation: Simulation) => Promise<string | undefined>)[];
}

/** A netlist and where each cell comes from. */
export interface Elaborated {
  readonly netlist: Netlist;
  readonly originOf: ReadonlyMap<string, Origin>;
}

/** A Verilog line, `file.v:line`, and the cell that stands there: the cell itself, or the one that Yosys made it for. */
export interface Origin {
  readonly source: string;
  readonly cell: string;
}

/**
 * Reads a netlist. Registers start with the opposite of what a reset puts in, the others with random bits, so that a
 * missing reset is seen.
 */
export function readElaborated(json: string, seed: number): Elaborated {
  const netlist = { ...withResets(readNetlist(json)), nets: [] };
  const random = createRandom(seed);
  const initial = new Map<Bit, boolean>();
  for (const { type, connections, parameters } of netlist.cells) {
    if (!REGISTERS.has(type)) continue;
    const reset = parameters.SRST_VALUE;
    for (const [i, bit] of connections.Q.entries()) {
      initial.set(bit, reset === undefined ? random(2) === 1 : reset.at(-1 - i) === "0");
    }
  }
  return { netlist: { ...netlist, initial, names: innermostNames(json) }, originOf: originsOf(json) };
}

/** For each net its name in the innermost instance, that of a register (`_q`) first. */
function innermostNames(json: string): Map<Bit, string> {
  type Names = Record<string, { bits: readonly Bit[]; hide_name: number }>;
  const modules = Object.values((JSON.parse(json) as { modules: Record<string, { netnames: Names }> }).modules);
  const rank = (name: string) => 2 * name.split(".").length + (/_q$/.test(name) ? 1 : 0);
  const names = new Map<Bit, string>();
  for (const [name, { bits, hide_name }] of modules.flatMap(({ netnames }) => Object.entries(netnames))) {
    if (hide_name !== 0) continue;
    for (const bit of bits) {
      const other = names.get(bit);
      if (other === undefined || rank(name) > rank(other) || (rank(name) === rank(other) && name < other))
        names.set(bit, name);
    }
  }
  return names;
}

function originsOf(json: string): Map<string, Origin> {
  type JsonCell = { attributes: { src?: string }; connections: Cell["connections"] };
  type JsonModules = Record<string, { cells: Record<string, JsonCell> }>;
  const modules = Object.values((JSON.parse(json) as { modules: JsonModules }).modules);
  const cells = modules.flatMap((module) => Object.entries(module.cells));
  const origins = new Map<string, Origin>();
  const readers = new Map<Bit, string>();
  const note = (name: string, { connections }: JsonCell, origin: Origin) => {
    origins.set(name, origin);
    for (const bit of Object.values(connections).flat()) if (!readers.has(bit)) readers.set(bit, name);
  };
  for (const [name, cell] of cells) {
    const src = cell.attributes.src ?? /([\w/]+\.v:\d+)/.exec(name)?.[1];
    const lines = src?.split("|") ?? [];
    // Line 0 stands for a whole case; its own line follows.
    const source = (lines.find((line) => !/:0\b/.test(line)) ?? lines[0])?.replace(/^.*?(\w+\.v:\d+).*$/, "$1");
    if (source !== undefined) note(name, cell, { source, cell: name });
  }
  for (let known = 0; known < origins.size; ) {
    known = origins.size;
    for (const [name, cell] of cells) {
      const origin = origins.get(readers.get(cell.connections.Y?.[0]) ?? "");
      if (!origins.has(name) && origin) note(name, cell, origin);
    }
  }
  return origins;
}

/** The module of a netlist. @throws SimulationError if it is no synchronous circuit */
export function compileMutant(netlist: Netlist, design: Design, wasm: typeof binaryen): Uint8Array<ArrayBuffer> {
  const { wasm: bytes, layout } = compileNetlist(netlist, design, wasm);
  const ports = Object.fromEntries(
    [...netlist.ports].map(([name, { direction, width, signed }]) => [name, { direction, width, signed }] as const),
  );
  const { sources: _, ...rest } = design;
  return describeModule(bytes, { digest: "", design: rest, ports, layout, nets: [] });
}

/** The simulation of a compiled mutant. */
export async function openMutant(bytes: Uint8Array<ArrayBuffer>): Promise<Simulation> {
  return resetAt(await openCompiled(bytes));
}

/** What kills a compiled mutant: the first check that fails and what it says, or nothing. */
export async function killerOf(bytes: Uint8Array<ArrayBuffer>, { checks }: Target): Promise<string | undefined> {
  const simulation = await openMutant(bytes);
  try {
    for (const [i, check] of checks.entries()) {
      const wrong = await check(simulation).catch((error: Error) => error.message.slice(0, 100));
      if (wrong !== undefined) return `${i}: ${wrong}`;
    }
    return undefined;
  } finally {
    simulation.dispose();
  }
}

/** Cells of a netlist with one of them replaced. */
export function withCells(netlist: Netlist, cell: Cell, replacement: readonly Cell[]): Netlist {
  return { ...netlist, cells: netlist.cells.flatMap((it) => (it === cell ? replacement : [it])) };
}

export function readJson<T>(file: string | URL): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
