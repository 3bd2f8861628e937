import { SimulationError } from "../../errors.ts";
import { COMBINATIONAL, unsupported } from "./cells.ts";
import { type Bit, type Cell, flag, integer, memoryPath, type Netlist, type Signal } from "./netlist.ts";
import { ASYNCHRONOUS, REGISTERS } from "./registers.ts";

/** One asynchronous read port of a memory. */
export interface ReadPort {
  readonly memory: Cell;
  readonly address: Signal;
  readonly data: Signal;
}

/** Port `index` of a memory that is written at the clock edge. */
export interface WritePort {
  readonly address: Signal;
  readonly data: Signal;
  /** One enable for each bit. */
  readonly enable: Signal;
}

/** What is computed in a cycle, everything after what it depends on. */
export type Step = { readonly cell: Cell } | { readonly read: ReadPort };

export interface Schedule {
  readonly steps: readonly Step[];
  readonly registers: readonly Cell[];
  readonly memories: readonly Cell[];
}

function slice(cell: Cell, port: string, index: number, width: number): Signal {
  return cell.connections[port].slice(index * width, (index + 1) * width);
}

function readPorts(memory: Cell): readonly ReadPort[] {
  return Array.from({ length: integer(memory, "RD_PORTS") }, (_, i) => ({
    memory,
    address: slice(memory, "RD_ADDR", i, integer(memory, "ABITS")),
    data: slice(memory, "RD_DATA", i, integer(memory, "WIDTH")),
  }));
}

/** The write ports, the one that wins at equal addresses last. */
export function writePorts(memory: Cell): readonly WritePort[] {
  return Array.from({ length: integer(memory, "WR_PORTS") }, (_, i) => ({
    address: slice(memory, "WR_ADDR", i, integer(memory, "ABITS")),
    data: slice(memory, "WR_DATA", i, integer(memory, "WIDTH")),
    enable: slice(memory, "WR_EN", i, integer(memory, "WIDTH")),
  }));
}

const REGISTER_INPUTS = ["D", "EN", "SRST"];

/**
 * Finds the cells that the given signals and memories depend on, over all cycles, and puts the combinational ones in
 * order.
 *
 * @param roots signals that are looked at from outside
 * @param kept  paths of the memories whose content is looked at from outside
 * @throws SimulationError for a cell that cannot be simulated, other clocks or edges, or a combinational loop
 */
export function schedule(netlist: Netlist, roots: readonly Signal[], kept: ReadonlySet<string>): Schedule {
  const walk: Walk = {
    netlist,
    drivers: driversOf(netlist),
    steps: [],
    registers: new Set(),
    memories: new Set(),
    pending: [...roots],
    reached: new Map(),
    clocks: new Map(),
  };
  for (const cell of netlist.cells) if (cell.type === "$mem_v2" && kept.has(memoryPath(cell))) needMemory(walk, cell);
  for (let signal = walk.pending.pop(); signal !== undefined; signal = walk.pending.pop()) visit(walk, signal);
  checkClocks(walk);
  return { steps: walk.steps, registers: [...walk.registers], memories: [...walk.memories] };
}

/** The state of the search. */
interface Walk {
  readonly netlist: Netlist;
  readonly drivers: ReadonlyMap<Bit, Step>;
  readonly steps: Step[];
  readonly registers: Set<Cell>;
  readonly memories: Set<Cell>;
  /** Signals that are still to be visited. */
  readonly pending: Signal[];
  readonly reached: Map<Step, "open" | "done">;
  /** Edges that registers and memories are clocked by, and how many of them. */
  readonly clocks: Map<string, number>;
}

/** A step that waits until those that drive its inputs are in order; the signal that is visited is no step. */
interface Frame {
  readonly step?: Step;
  readonly bits: Signal;
  next: number;
}

/** Depth first, with a stack of its own, for chains of cells can be longer than calls may nest. */
function visit(walk: Walk, signal: Signal): void {
  const stack: Frame[] = [{ bits: signal, next: 0 }];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next < frame.bits.length) {
      const driver = wanted(walk, frame.bits[frame.next++], stack);
      if (driver !== undefined) stack.push({ step: driver, bits: inputsOf(walk, driver), next: 0 });
      continue;
    }
    if (frame.step !== undefined) {
      walk.reached.set(frame.step, "done");
      walk.steps.push(frame.step);
    }
    stack.pop();
  }
}

/** The step that drives a net, unless it is in order already. */
function wanted(walk: Walk, bit: Bit, stack: readonly Frame[]): Step | undefined {
  const driver = walk.drivers.get(bit);
  if (driver === undefined) return undefined;
  if ("cell" in driver && REGISTERS.has(driver.cell.type)) {
    needRegister(walk, driver.cell);
    if (!ASYNCHRONOUS.has(driver.cell.type)) return undefined;
  }
  const state = walk.reached.get(driver);
  if (state === "open") throw loopError(walk, bit, stack.slice(stack.findIndex(({ step }) => step === driver)));
  if (state === "done") return undefined;
  walk.reached.set(driver, "open");
  return driver;
}

/** Names the nets of a loop, from the one that was met again; those without a name of their own are left out. */
function loopError({ netlist }: Walk, bit: Bit, loop: readonly Frame[]): SimulationError {
  const names = loop.slice(1).map(({ step }) => netName(netlist, outputsOf(step)[0]));
  const met = netName(netlist, bit);
  const nets = [met, ...names.reverse().filter((name) => !name.startsWith("$")), met];
  return new SimulationError(`net ${met}: expected no combinational loop, got one through it: ${nets.join(" <- ")}`, {
    simulator: "wasm",
    net: met,
    nets,
  });
}

function outputsOf(step: Step | undefined): Signal {
  if (step === undefined) return [];
  return "read" in step ? step.read.data : (step.cell.connections.Y ?? step.cell.connections.Q);
}

function inputsOf(walk: Walk, step: Step): Signal {
  if ("read" in step) {
    needMemory(walk, step.read.memory);
    return step.read.address;
  }
  const { type, connections } = step.cell;
  if (ASYNCHRONOUS.has(type)) return connections.ARST;
  if (!COMBINATIONAL.has(type)) {
    const [bit] = connections.Y ?? connections.Q ?? [];
    throw unsupported(step.cell, undefined, bit === undefined ? undefined : netName(walk.netlist, bit));
  }
  return Object.entries(connections).flatMap(([port, bits]) => (port === "Y" ? [] : bits));
}

function needRegister(walk: Walk, cell: Cell): void {
  if (walk.registers.has(cell)) return;
  walk.registers.add(cell);
  noteClock(walk, cell.connections.CLK, [flag(cell, "CLK_POLARITY")]);
  for (const port of REGISTER_INPUTS) if (port in cell.connections) walk.pending.push(cell.connections[port]);
}

function needMemory(walk: Walk, memory: Cell): void {
  if (walk.memories.has(memory)) return;
  walk.memories.add(memory);
  checkMemory(walk, memory);
  for (const { address, data, enable } of writePorts(memory)) walk.pending.push(address, data, enable);
}

function driversOf(netlist: Netlist): ReadonlyMap<Bit, Step> {
  const drivers = new Map<Bit, Step>();
  const drive = (bits: Signal | undefined, step: Step) => {
    for (const bit of bits ?? []) if (typeof bit === "number") drivers.set(bit, step);
  };
  for (const cell of netlist.cells) {
    if (cell.type === "$mem_v2") for (const read of readPorts(cell)) drive(read.data, { read });
    else {
      const step = { cell };
      drive(cell.connections.Y, step);
      drive(cell.connections.Q, step);
    }
  }
  return drivers;
}

function netName(netlist: Netlist, bit: Bit): string {
  return netlist.names.get(bit) ?? String(bit);
}

function noteClock({ netlist, clocks }: Walk, signal: Signal, rising: readonly boolean[]): void {
  const edges = signal.map((bit, i) => `the ${rising[i] ? "rising" : "falling"} edge of ${netName(netlist, bit)}`);
  for (const edge of new Set(edges)) clocks.set(edge, (clocks.get(edge) ?? 0) + 1);
}

/** @throws SimulationError naming every edge that is not the one */
function checkClocks({ netlist, clocks }: Walk): void {
  const clock = netlist.ports.get("clk")?.bits[0] ?? "x";
  const others = [...clocks].filter(([edge]) => edge !== `the rising edge of ${netName(netlist, clock)}`);
  if (others.length === 0) return;
  const got = others.map(([edge, count]) => `${edge} (of ${count} registers or memories)`);
  throw new SimulationError(`clocks: expected the rising edge of the one clock clk, got ${got.join(", ")}`, {
    simulator: "wasm",
    clocks: others.map(([edge]) => edge),
  });
}

function checkMemory(walk: Walk, memory: Cell): void {
  const all = (name: string, bit: string) => !memory.parameters[name].includes(bit === "1" ? "0" : "1");
  const writes = integer(memory, "WR_PORTS");
  if (writes > 0) {
    if (!all("WR_CLK_ENABLE", "1")) throw unsupported(memory, "memories written at the clock edge");
    const rising = Array.from({ length: writes }, (_, i) => flag(memory, "WR_CLK_POLARITY", i));
    noteClock(walk, memory.connections.WR_CLK.slice(0, writes), rising);
  }
  if (!all("RD_CLK_ENABLE", "0") || !all("RD_WIDE_CONTINUATION", "0") || !all("WR_WIDE_CONTINUATION", "0")) {
    throw unsupported(memory, "asynchronous read ports of the memory's width");
  }
  if (integer(memory, "ABITS") > 64) throw unsupported(memory, "an address of at most 64 bits");
}
