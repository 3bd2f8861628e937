import type binaryen from "binaryen";
import { SimulationError } from "../../errors.ts";
import { evaluateCell } from "./cells.ts";
import type { Net } from "./description.ts";
import type { Design } from "./design.ts";
import { type Cycle, emitObserve, emitRun } from "./emit.ts";
import type { CellContext } from "./evaluate.ts";
import { Allocator, type ChannelBlock, type Layout, type MemoryBlock, type Slot } from "./layout.ts";
import { memoryBlock, memoryImage, memoryRead, memoryWrites } from "./memories.ts";
import { type Cell, checkMemories, checkPorts, memoryPath, type Netlist, type Signal } from "./netlist.ts";
import { ASYNCHRONOUS, registerUpdate, resetWords } from "./registers.ts";
import { type Schedule, schedule } from "./schedule.ts";
import { bitsOfWord, Signals, type Words } from "./signals.ts";
import { type Term, Terms } from "./terms.ts";

/** Most bytes of linear memory before the trace buffers. */
const MAX_BYTES = 2 ** 31;

/** Initial content of linear memory. */
interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A generated simulator. */
export interface CompiledDesign {
  readonly wasm: Uint8Array;
  readonly layout: Layout;
  readonly nets: readonly Net[];
}

/** Everything but the end of linear memory, which the evaluation of cells still moves. */
interface Placement {
  readonly layout: Omit<Layout, "end">;
  readonly registers: readonly { readonly cell: Cell; readonly address: number }[];
  readonly blocks: readonly { readonly cell: Cell; readonly block: MemoryBlock }[];
  readonly segments: readonly Segment[];
}

/**
 * Translates a netlist into a WebAssembly module that exports its `memory` and two functions of (cycles, observe,
 * cycle): `run`, and `trace`, which also records the channels. They run up to `cycles` clock cycles, the first of
 * them numbered `cycle`, stop at `done_o` if `observe` is not 0 or when a channel is full, and return the number of
 * cycles that are left. A third, `observe`, leaves the words of all nets in linear memory.
 *
 * @throws SimulationError for a design that is not synchronous to one clock, or cells outside the subset
 */
export function compileNetlist(netlist: Netlist, design: Design, wasm: typeof binaryen): CompiledDesign {
  checkPorts(netlist.ports, design);
  checkMemories(netlist, design);
  const traced = design.trace.flatMap(({ enable, ports }) => [enable, ...ports]);
  const roots = ["done_o", ...design.outputs, ...traced].map((name) => portBits(netlist, name));
  const kept = new Set(design.memories.map(({ path }) => path));
  const plan = schedule(netlist, roots, kept);
  const allocator = new Allocator();
  const placement = place(netlist, design, plan, allocator);
  const { cycle, nets } = describeCycle(netlist, design, plan, placement, allocator);
  const layout: Layout = { ...placement.layout, end: allocator.take(0) };
  if (layout.end > MAX_BYTES) {
    throw new SimulationError(`${design.top}: expected at most ${MAX_BYTES} bytes of state, got ${layout.end}`, {
      simulator: "wasm",
    });
  }
  return { wasm: assemble(wasm, cycle, placement.segments, layout), layout, nets };
}

function portBits(netlist: Netlist, name: string): Signal {
  return netlist.ports.get(name)?.bits ?? [];
}

/** Gives ports, channels, registers and memories their places. */
function place(netlist: Netlist, design: Design, plan: Schedule, allocator: Allocator): Placement {
  const inputs = [...netlist.ports].filter(([, { direction }]) => direction === "input").map(([name]) => name);
  const ports = {
    done: allocator.take(8),
    inputs: slots(netlist, allocator, inputs),
    outputs: slots(netlist, allocator, design.outputs),
    channels: design.trace.map((channel) => channelBlock(netlist, allocator, channel)),
  };
  const start = allocator.take(0);
  const registers = plan.registers.map((cell) => ({
    cell,
    address: allocator.take(8 * ((cell.connections.Q.length + 63) >> 6)),
  }));
  const kept = new Set(design.memories.map(({ path }) => path));
  const placeMemory = (cell: Cell) => ({ cell, block: memoryBlock(cell, allocator) });
  const own = plan.memories.filter((cell) => !kept.has(memoryPath(cell))).map(placeMemory);
  const state = { address: start, bytes: allocator.take(0) - start };
  const shared = plan.memories.filter((cell) => kept.has(memoryPath(cell))).map(placeMemory);
  const blocks = [...own, ...shared];
  const memories = Object.fromEntries(shared.map(({ cell, block }) => [memoryPath(cell), block]));
  return {
    layout: { ...ports, state, memories },
    registers,
    blocks,
    segments: [
      ...registers.map(({ cell, address }) => ({ address, bytes: registerImage(netlist, cell) })),
      ...blocks.map(({ cell, block }) => ({ address: block.address, bytes: memoryImage(cell, block) })),
    ].flatMap(({ address, bytes }) => (bytes === undefined ? [] : [{ address, bytes }])),
  };
}

function slots(netlist: Netlist, allocator: Allocator, names: readonly string[]): Record<string, Slot> {
  return Object.fromEntries(
    names.map((name) => {
      const port = netlist.ports.get(name);
      const slot = { address: allocator.take(8), width: port?.bits.length ?? 0, signed: port?.signed ?? false };
      return [name, slot];
    }),
  );
}

function channelBlock(netlist: Netlist, allocator: Allocator, channel: Design["trace"][number]): ChannelBlock {
  let offset = 4;
  const columns = channel.ports.map((port) => {
    const bytes: 4 | 8 = portBits(netlist, port).length <= 32 ? 4 : 8;
    const column = { port, offset, bytes };
    offset += bytes;
    return column;
  });
  return { name: channel.name, pointer: allocator.take(8), rowBytes: offset, columns };
}

function registerImage({ initial }: Netlist, cell: Cell): Uint8Array | undefined {
  const bytes = new Uint8Array((cell.connections.Q.length + 7) >> 3);
  cell.connections.Q.forEach((bit, i) => {
    if (initial.get(bit)) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes.some((byte) => byte !== 0) ? bytes : undefined;
}

/** The terms of one clock cycle. */
function describeCycle(
  netlist: Netlist,
  design: Design,
  plan: Schedule,
  { layout, registers, blocks }: Placement,
  allocator: Allocator,
): { readonly cycle: Cycle; readonly nets: readonly Net[] } {
  const terms = new Terms();
  const signals = new Signals(terms);
  const context: CellContext = { terms, signals, scratch: (bytes) => allocator.take(bytes) };
  const load = (signal: Signal, address: number): Words =>
    Array.from({ length: (signal.length + 63) >> 6 }, (_, i) =>
      terms.load(terms.zero, address + 8 * i, 8, bitsOfWord(signal.length, i)),
    );
  for (const [name, { address }] of Object.entries(layout.inputs)) {
    const bits = portBits(netlist, name);
    if (name !== "clk") signals.define(bits, load(bits, address));
  }
  const held = registers.map(({ cell, address }) => ({ cell, address, words: load(cell.connections.Q, address) }));
  for (const { cell, words } of held) if (!ASYNCHRONOUS.has(cell.type)) signals.define(cell.connections.Q, words);
  evaluate(plan, context, {
    blocks: new Map(blocks.map(({ cell, block }) => [cell, block])),
    held: new Map(held.map(({ cell, words }) => [cell, words])),
  });

  const word = (name: string): Term => signals.words(portBits(netlist, name))[0];
  const { nets, observed } = placeNets(netlist, signals, allocator);
  const cycle: Cycle = {
    terms,
    done: word("done_o"),
    outputs: design.outputs.map((name) => ({ address: layout.outputs[name].address, term: word(name) })),
    registers: held.flatMap(({ cell, address, words }) =>
      registerUpdate(cell, context, signals.words(cell.connections.Q))
        .map((term, i) => ({ address: address + 8 * i, term, before: words[i] }))
        .filter(({ term, before }) => term !== before),
    ),
    writes: blocks.flatMap(({ cell, block }) => memoryWrites(cell, block, context)),
    channels: layout.channels.map((block, i) => ({
      block,
      enable: word(design.trace[i].enable),
      columns: block.columns.map(({ port }) =>
        signals.wide(portBits(netlist, port), netlist.ports.get(port)?.signed ?? false),
      ),
    })),
    observed,
  };
  return { cycle, nets };
}

/** Gives each net that is computed anyway a place for its words; nets of the same bits share it. */
function placeNets(
  netlist: Netlist,
  signals: Signals,
  allocator: Allocator,
): { readonly nets: readonly Net[]; readonly observed: Cycle["observed"] } {
  const clock = netlist.ports.get("clk")?.bits[0];
  const places = new Map<string, number>();
  const observed: { readonly address: number; readonly term: Term }[] = [];
  const nets = netlist.nets.flatMap(({ path, bits, low }): Net[] => {
    const width = bits.length;
    if (width === 1 && bits[0] === clock) return [{ path, width, low }];
    const driven = bits.map((bit) => signals.isDriven(bit));
    if (!driven.includes(true)) return [];
    const key = bits.join();
    let address = places.get(key);
    if (address === undefined) {
      const words = signals.words(bits);
      address = allocator.take(8 * words.length);
      for (const [i, term] of words.entries()) observed.push({ address: address + 8 * i, term });
      places.set(key, address);
    }
    if (!driven.includes(false)) return [{ path, width, low, address }];
    const mask = driven.reduceRight((sum, isDriven) => (sum << 1n) | (isDriven ? 0n : 1n), 0n);
    return [{ path, width, low, address, undriven: mask.toString(16) }];
  });
  return { nets, observed };
}

/** The memories' places, and the words that registers hold. */
interface State {
  readonly blocks: ReadonlyMap<Cell, MemoryBlock>;
  readonly held: ReadonlyMap<Cell, Words>;
}

function evaluate(plan: Schedule, context: CellContext, { blocks, held }: State): void {
  for (const step of plan.steps) {
    if ("cell" in step) {
      const { cell } = step;
      const words = held.get(cell);
      if (words === undefined) context.signals.define(cell.connections.Y, evaluateCell(cell, context));
      else context.signals.define(cell.connections.Q, resetWords(cell, context, words));
      continue;
    }
    const block = blocks.get(step.read.memory);
    if (block !== undefined) context.signals.define(step.read.data, memoryRead(step.read, block, context));
  }
}

function assemble(
  wasm: typeof binaryen,
  cycle: Cycle,
  segments: readonly Segment[],
  { done, end }: Layout,
): Uint8Array {
  const module = new wasm.Module();
  try {
    module.setFeatures(wasm.Features.SignExt | wasm.Features.MutableGlobals);
    const data = segments.map(({ address, bytes }) => ({ offset: module.i32.const(address), data: bytes }));
    module.setMemory((end + 65535) >>> 16, 65536, "memory", data);
    emitRun(wasm, module, "run", cycle, done, false);
    emitRun(wasm, module, "trace", cycle, done, true);
    emitObserve(wasm, module, "observe", cycle);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
