import { SynthesisError } from "../errors.ts";

/** A net of one bit, or a constant. */
export type Bit = number | "0" | "1" | "x" | "z";

export interface NetCell {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly port_directions?: Readonly<Record<string, "input" | "output" | "inout">>;
  readonly connections: Readonly<Record<string, readonly Bit[]>>;
}

export interface NetPort {
  readonly direction: "input" | "output" | "inout";
  readonly bits: readonly Bit[];
}

/** A module of mapped cells and of instances of other modules. */
export interface NetModule {
  readonly name: string;
  readonly ports: Readonly<Record<string, NetPort>>;
  readonly cells: Readonly<Record<string, NetCell>>;
}

/** The modules of a synthesised design, the top module first. */
export type MappedNetlist = readonly NetModule[];

type JsonModule = Omit<NetModule, "name"> & { readonly attributes: Readonly<Record<string, string>> };

/** Reads the JSON netlist that Yosys writes after synthesis; black boxes are left out. */
export function readMapped(json: string, top: string): MappedNetlist {
  const { modules } = JSON.parse(json) as { modules: Record<string, JsonModule> };
  const own = Object.entries(modules)
    .filter(([, { attributes }]) => !("blackbox" in attributes || "whitebox" in attributes))
    .map(([name, { ports, cells }]) => ({ name, ports, cells }));
  const first = own.find(({ name }) => name === top);
  if (first === undefined) {
    throw new SynthesisError(
      `${top}: expected a netlist of it, got ${own.map(({ name }) => name).join(", ") || "none"}`,
    );
  }
  return [first, ...own.filter((module) => module !== first)];
}

/** How many cells of each type a module holds, instances of other modules not among them. */
export function countCells({ cells }: NetModule, netlist: MappedNetlist): Record<string, number> {
  const modules = new Set(netlist.map(({ name }) => name));
  const counts: Record<string, number> = {};
  for (const { type } of Object.values(cells)) if (!modules.has(type)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** How often each module stands in the whole design. */
export function countModules(netlist: MappedNetlist): ReadonlyMap<string, number> {
  const byName = new Map(netlist.map((module) => [module.name, module]));
  const counts = new Map<string, number>();
  const visit = (module: NetModule) => {
    counts.set(module.name, (counts.get(module.name) ?? 0) + 1);
    for (const { type } of Object.values(module.cells)) {
      const child = byName.get(type);
      if (child !== undefined) visit(child);
    }
  };
  visit(netlist[0]);
  return counts;
}
