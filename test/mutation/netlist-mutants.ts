import type binaryen from "binaryen";
import { SimulationError } from "../../src/errors.ts";
import type { Bit, Cell } from "../../src/rtl/simulate/netlist.ts";
import { memoryPath } from "../../src/rtl/simulate/netlist.ts";
import { schedule } from "../../src/rtl/simulate/schedule.ts";
import { faultClassOf } from "./fault-classes.ts";
import { NETLIST_OPERATORS, type NetlistOperator } from "./netlist-operators.ts";
import { type MutantPlace, wordsOf } from "./place.ts";
import { compileMutant, type Elaborated, killerOf, type Target, withCells } from "./target.ts";

/** One wrong cell. */
export interface NetlistMutant {
  /** Verilog line, instance or register, type and operator; the same while the Verilog is the same. */
  readonly id: string;
  readonly place: MutantPlace;
  readonly faultClass: string;
  readonly cell: Cell;
  readonly operator: NetlistOperator;
}

/**
 * `killed`: a check failed. `same`: the mutant is translated to the very program of the design. `stillborn`: it is no
 * synchronous circuit. `survived`: every check passed.
 */
export type Verdict = "killed" | "same" | "stillborn" | "survived";

/** Every operator on every cell that has an effect, in the order of the netlist. */
export function netlistMutants(
  { netlist, originOf }: Elaborated,
  { design, unit, isMutated }: Target,
): NetlistMutant[] {
  const port = (name: string) => netlist.ports.get(name)?.bits ?? [];
  const traced = design.trace.flatMap(({ enable, ports }) => [enable, ...ports]);
  const roots = ["done_o", ...design.outputs, ...traced].map(port);
  const plan = schedule(netlist, roots, new Set(design.memories.map(({ path }) => path)));
  const reached = new Set<Cell>([
    ...plan.steps.flatMap((step) => ("cell" in step ? [step.cell] : [])),
    ...plan.registers,
    ...plan.memories,
  ]);
  const lines = new Map(design.sources.map(({ name, text }) => [name, text.split("\n")]));
  const named = new Map(netlist.cells.map((cell) => [cell.name, cell]));
  const seen = new Map<string, number>();
  return netlist.cells.flatMap((cell) => {
    const origin = originOf.get(cell.name);
    const owner = origin && named.get(origin.cell);
    if (origin === undefined || owner === undefined || !reached.has(cell)) return [];
    const { source } = origin;
    const [file, line] = source.split(":");
    const instance = instanceOf(owner, netlist.names);
    const isOutside = /^[ug]_/.test(instance) && !instance.startsWith(unit);
    const place = { file, text: lines.get(file)?.[Number(line) - 1] ?? "", instance, type: cell.type };
    if (isOutside || !isMutated(place)) return [];
    const name = `${source} ${instance} ${cell.type}`;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    const changes = ({ types, mutate }: NetlistOperator) =>
      types.includes(cell.type) && mutate(cell, () => 0, wordsOf(place)) !== undefined;
    return NETLIST_OPERATORS.filter(changes).map((operator) => ({
      id: `${name}${count === 0 ? "" : ` ${count}`}: ${operator.name}`,
      place,
      faultClass: faultClassOf(place, operator.name),
      cell,
      operator,
    }));
  });
}

/** The register that a cell drives, or the instance that it stands in. */
function instanceOf(cell: Cell, names: ReadonlyMap<Bit, string>): string {
  if (cell.type === "$mem_v2") return memoryPath(cell);
  const driven = (cell.connections.Q ?? cell.connections.Y ?? [])[0];
  const name = names.get(driven) ?? "";
  if (cell.connections.Q && name !== "") return name;
  const instance = /\$flatten((?:\\?[\w[\]]+\.)+)/.exec(cell.name)?.[1] ?? /^((?:[\w[\]]+\.)+)/.exec(name)?.[1] ?? "";
  return instance.replaceAll("\\", "").replace(/\.$/, "") || "?";
}

/** Makes mutants of a target and tries to kill them. */
export function executioner(elaborated: Elaborated, target: Target, wasm: typeof binaryen) {
  const { netlist } = elaborated;
  const right = Buffer.from(compileMutant(netlist, target.design, wasm));
  const nets = netlist.cells.flatMap(({ connections }) => Object.values(connections).flat());
  const highest = nets.reduce<number>((most, bit) => (typeof bit === "number" && bit > most ? bit : most), 0);
  return async ({ cell, operator, place }: NetlistMutant): Promise<{ verdict: Verdict; by?: string }> => {
    let fresh = highest + 1;
    const cells = operator.mutate(cell, () => ++fresh, wordsOf(place)) ?? [cell];
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = compileMutant(withCells(netlist, cell, cells), target.design, wasm);
    } catch (error) {
      if (error instanceof SimulationError) return { verdict: "stillborn", by: error.message.slice(0, 80) };
      throw error;
    }
    if (right.equals(bytes)) return { verdict: "same" };
    const by = await killerOf(bytes, target);
    return by === undefined ? { verdict: "survived" } : { verdict: "killed", by };
  };
}
