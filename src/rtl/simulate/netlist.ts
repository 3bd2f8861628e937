import { SimulationError } from "../../errors.ts";
import type { Design } from "./design.ts";

/** A net of one bit, or a constant; `x` and `z` count as 0. */
export type Bit = number | "0" | "1" | "x" | "z";

/** Bits of a signal, the lowest first. */
export type Signal = readonly Bit[];

export interface Cell {
  readonly name: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, Signal>>;
}

export interface PortShape {
  readonly direction: "input" | "output" | "inout";
  readonly width: number;
  readonly signed: boolean;
}

export interface Port extends PortShape {
  readonly bits: Signal;
}

/** A net under a name that the Verilog gives it, hierarchical below the top module. */
export interface NamedNet {
  readonly path: string;
  readonly bits: Signal;
  /** Index of its last bit, the right one of its range. */
  readonly low: number;
}

/** One flat module of word-level cells. */
export interface Netlist {
  readonly ports: ReadonlyMap<string, Port>;
  readonly cells: readonly Cell[];
  /** Initial values of register bits that have one. */
  readonly initial: ReadonlyMap<Bit, boolean>;
  /** A name for each net, for messages: the shortest of those that the Verilog gives it. */
  readonly names: ReadonlyMap<Bit, string>;
  readonly nets: readonly NamedNet[];
}

interface JsonModule {
  attributes: Record<string, string>;
  ports: Record<string, { direction: Port["direction"]; bits: Signal; signed?: number }>;
  cells: Record<string, Omit<Cell, "name">>;
  netnames: Record<
    string,
    { bits: Signal; hide_name: number; offset?: number; upto?: number; attributes: Record<string, string> }
  >;
}

/** Reads the top module of the JSON netlist that Yosys writes for a flattened design. */
export function readNetlist(json: string): Netlist {
  const modules = Object.values((JSON.parse(json) as { modules: Record<string, JsonModule> }).modules);
  const top = modules.find(({ attributes }) => "top" in attributes);
  if (top === undefined) {
    throw new SimulationError(`netlist: expected a top module, got ${modules.length} other modules`);
  }
  const { ports, cells, netnames } = top;
  const initial = new Map<Bit, boolean>();
  const names = new Map<Bit, string>();
  for (const [name, { bits, attributes, hide_name }] of Object.entries(netnames)) {
    const init = attributes.init ?? "";
    bits.forEach((bit, i) => {
      const known = names.get(bit);
      const isBetter = hide_name === 0 && (known?.startsWith("$") || (known?.length ?? 0) > name.length);
      if (known === undefined || isBetter) names.set(bit, bits.length === 1 ? name : `${name}[${i}]`);
      if (i < init.length && init[init.length - 1 - i] === "1") initial.set(bit, true);
    });
  }
  return {
    ports: new Map(
      Object.entries(ports).map(([name, { direction, bits, signed }]) => [
        name,
        { direction, bits, width: bits.length, signed: !!signed },
      ]),
    ),
    cells: Object.entries(cells).map(([name, { type, parameters, connections }]) => ({
      name,
      type,
      parameters,
      connections,
    })),
    initial,
    names,
    nets: Object.entries(netnames)
      .filter(([, { hide_name, upto }]) => hide_name === 0 && !upto)
      .map(([path, { bits, offset = 0 }]) => ({ path, bits, low: offset })),
  };
}

/** The integer parameter of a cell, 0 when it has none. */
export function integer(cell: Cell, name: string): number {
  const text = cell.parameters[name];
  return text === undefined ? 0 : Number.parseInt(text.replace(/[xz]/g, "0"), 2) | 0;
}

/** The bit-string parameter of a cell with bit `index` counted from the low end. */
export function flag(cell: Cell, name: string, index = 0): boolean {
  const text = cell.parameters[name] ?? "";
  return text[text.length - 1 - index] === "1";
}

function checkPort(ports: Ports, name: string, direction: PortShape["direction"], width: number): void {
  const found = ports.get(name);
  if (found === undefined || found.direction !== direction || found.width > width) {
    const got = found ? `an ${found.direction} of ${found.width}` : "none";
    throw new SimulationError(
      `port ${name}: expected an ${direction} of ${width === 1 ? "1 bit" : `at most ${width} bits`}, got ${got}`,
      { port: name },
    );
  }
}

export type Ports = ReadonlyMap<string, PortShape>;

/**
 * Checks that a design has the ports that the design names.
 *
 * @throws SimulationError naming the first that is missing or of another size
 */
export function checkPorts(ports: Ports, design: Design): void {
  for (const name of ["clk", "rst_i"]) checkPort(ports, name, "input", 1);
  checkPort(ports, "done_o", "output", 1);
  for (const name of design.outputs) checkPort(ports, name, "output", 53);
  for (const { enable, ports: columns } of design.trace) {
    checkPort(ports, enable, "output", 1);
    for (const name of columns) checkPort(ports, name, "output", 64);
  }
  for (const [name, { direction, width }] of ports) {
    if (direction === "input") checkPort(ports, name, "input", 64);
    if (direction === "inout") {
      throw new SimulationError(`port ${name}: expected an input or output, got an inout of ${width} bits`, {
        port: name,
      });
    }
  }
}

/**
 * Checks that a netlist has the memories that the design names.
 *
 * @throws SimulationError naming the first that is missing or of another size
 */
export function checkMemories(netlist: Netlist, design: Design): void {
  const cells = netlist.cells.filter(({ type }) => type === "$mem_v2");
  const memories = new Map(cells.map((cell) => [memoryPath(cell), cell]));
  for (const { path, width, depth } of design.memories) {
    const cell = memories.get(path);
    if (cell === undefined) {
      throw new SimulationError(`memory ${path}: expected one of ${[...memories.keys()].join(", ") || "none"}`, {
        path,
      });
    }
    const got = { width: integer(cell, "WIDTH"), depth: integer(cell, "SIZE"), offset: integer(cell, "OFFSET") };
    if (got.width !== width || got.depth !== depth || got.offset !== 0) {
      throw new SimulationError(
        `memory ${path}: expected ${depth} words of ${width} bits from address 0, got ${got.depth} words of ` +
          `${got.width} bits from ${got.offset}`,
        { path, ...got },
      );
    }
  }
}

/** The hierarchical name of a `$mem_v2` cell's memory. */
export function memoryPath(cell: Cell): string {
  return cell.parameters.MEMID.replace(/^\\/, "");
}
