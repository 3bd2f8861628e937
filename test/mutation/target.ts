import { readFileSync } from "node:fs";
import type binaryen from "binaryen";
import { openCompiled } from "../../src/rtl/simulate/compiled.ts";
import { describeModule } from "../../src/rtl/simulate/description.ts";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { compileNetlist } from "../../src/rtl/simulate/module.ts";
import { type Bit, type Cell, type Netlist, readNetlist } from "../../src/rtl/simulate/netlist.ts";
import { REGISTERS } from "../../src/rtl/simulate/registers.ts";
import { createRandom } from "../contract/random.ts";

/** A design with its short contract: vectors that a right design passes. */
export interface Target {
  readonly name: string;
  readonly design: Design;
  /** The instance in the bench that is mutated; what stands beside it is not. */
  readonly unit: string;
  /** True for the cells that are mutated, by the file that they come from. */
  readonly isMutated: (file: string) => boolean;
  /** Vectors, the likeliest to fail first; each tells what is wrong, or nothing. Memories keep their words between them. */
  readonly checks: readonly ((simulation: Simulation) => Promise<string | undefined>)[];
}

/** A netlist and the Verilog line that each cell comes from. */
export interface Elaborated {
  readonly netlist: Netlist;
  readonly sourceOf: ReadonlyMap<string, string>;
}

/**
 * Reads a netlist. Registers start with the opposite of what a reset puts in, the others with random bits, so that a
 * missing reset is seen.
 */
export function readElaborated(json: string, seed: number): Elaborated {
  const netlist = { ...readNetlist(json), nets: [] };
  const random = createRandom(seed);
  const initial = new Map<Bit, boolean>();
  for (const { type, connections, parameters } of netlist.cells) {
    if (!REGISTERS.has(type)) continue;
    const reset = parameters.SRST_VALUE;
    for (const [i, bit] of connections.Q.entries()) {
      initial.set(bit, reset === undefined ? random(2) === 1 : reset.at(-1 - i) === "0");
    }
  }
  return { netlist: { ...netlist, initial, names: innermostNames(json) }, sourceOf: sourcesOf(json) };
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

/** `file.v:line` of each cell. */
function sourcesOf(json: string): Map<string, string> {
  const modules = Object.values(
    (JSON.parse(json) as { modules: Record<string, { cells: Record<string, { attributes: { src?: string } }> }> })
      .modules,
  );
  const cells = modules.flatMap((module) => Object.entries(module.cells));
  return new Map(
    cells.map(([name, { attributes }]) => {
      const src = attributes.src ?? /([\w/]+\.v:\d+)/.exec(name)?.[1] ?? "";
      return [name, src.split("|")[0].replace(/^(.*\.v:\d+).*$/, "$1")];
    }),
  );
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

/** What kills a compiled mutant: the first check that fails and what it says, or nothing. */
export async function killerOf(bytes: Uint8Array<ArrayBuffer>, { checks }: Target): Promise<string | undefined> {
  const simulation = await openCompiled(bytes);
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
