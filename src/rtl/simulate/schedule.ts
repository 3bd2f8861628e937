import { SimulationError } from "../../errors.ts";
import { COMBINATIONAL, REGISTERS, unsupported } from "./cells.ts";
import { type Bit, type Cell, flag, integer, memoryPath, type Netlist, type Signal } from "./netlist.ts";

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

export function readPorts(memory: Cell): readonly ReadPort[] {
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
 * @throws SimulationError for a cell that cannot be simulated, a second clock, or a combinational loop
 */
export function schedule(netlist: Netlist, roots: readonly Signal[], kept: ReadonlySet<string>): Schedule {
  const drivers = driversOf(netlist);
  const clock = netlist.ports.get("clk")?.bits[0];
  const steps: Step[] = [];
  const registers = new Set<Cell>();
  const memories = new Set<Cell>();
  const pending: Signal[] = [...roots];
  const reached = new Map<Step, "open" | "done">();

  const needRegister = (cell: Cell) => {
    if (registers.has(cell)) return;
    checkClock(netlist, cell, cell.connections.CLK, flag(cell, "CLK_POLARITY"), clock);
    registers.add(cell);
    for (const port of REGISTER_INPUTS) if (port in cell.connections) pending.push(cell.connections[port]);
  };
  const needMemory = (memory: Cell) => {
    if (memories.has(memory)) return;
    memories.add(memory);
    checkMemory(netlist, memory, clock);
    for (const { address, data, enable } of writePorts(memory)) pending.push(address, data, enable);
  };
  /** The steps that a step waits for. */
  const inputs = (step: Step): Signal => {
    if ("read" in step) {
      needMemory(step.read.memory);
      return step.read.address;
    }
    if (!COMBINATIONAL.has(step.cell.type)) throw unsupported(step.cell);
    return Object.entries(step.cell.connections).flatMap(([port, bits]) => (port === "Y" ? [] : bits));
  };

  for (const cell of netlist.cells) if (cell.type === "$mem_v2" && kept.has(memoryPath(cell))) needMemory(cell);
  for (let signal = pending.pop(); signal !== undefined; signal = pending.pop()) {
    const stack: { readonly step?: Step; readonly bits: Signal; next: number }[] = [{ bits: signal, next: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      if (frame.next === frame.bits.length) {
        if (frame.step !== undefined) {
          reached.set(frame.step, "done");
          steps.push(frame.step);
        }
        stack.pop();
        continue;
      }
      const bit = frame.bits[frame.next++];
      const driver = drivers.get(bit);
      if (driver === undefined) continue;
      if ("cell" in driver && REGISTERS.has(driver.cell.type)) {
        needRegister(driver.cell);
        continue;
      }
      const state = reached.get(driver);
      if (state === "open") throw loop(netlist, bit);
      if (state === undefined) {
        reached.set(driver, "open");
        stack.push({ step: driver, bits: inputs(driver), next: 0 });
      }
    }
  }
  return { steps, registers: [...registers], memories: [...memories] };
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

function loop(netlist: Netlist, bit: Bit): SimulationError {
  const net = netName(netlist, bit);
  return new SimulationError(`net ${net}: expected no combinational loop, got one through it`, {
    simulator: "wasm",
    net,
  });
}

function checkClock(netlist: Netlist, cell: Cell, signal: Signal, rising: boolean, clock: Bit | undefined): void {
  const others = signal.filter((bit) => bit !== clock);
  if (rising && others.length === 0) return;
  const got = others.length > 0 ? `the clock ${netName(netlist, others[0])}` : "the falling edge";
  throw new SimulationError(`cell ${cell.name}: expected the rising edge of the one clock clk, got ${got}`, {
    simulator: "wasm",
    cell: cell.name,
  });
}

function checkMemory(netlist: Netlist, memory: Cell, clock: Bit | undefined): void {
  const all = (name: string, bit: string) => !memory.parameters[name].includes(bit === "1" ? "0" : "1");
  const writes = integer(memory, "WR_PORTS");
  if (writes > 0) {
    if (!all("WR_CLK_ENABLE", "1")) throw unsupported(memory, "memories written at the clock edge");
    checkClock(netlist, memory, memory.connections.WR_CLK, all("WR_CLK_POLARITY", "1"), clock);
  }
  if (!all("RD_CLK_ENABLE", "0") || !all("RD_WIDE_CONTINUATION", "0") || !all("WR_WIDE_CONTINUATION", "0")) {
    throw unsupported(memory, "asynchronous read ports of the memory's width");
  }
  if (integer(memory, "ABITS") > 64) throw unsupported(memory, "an address of at most 64 bits");
}
