import type binaryen from "binaryen";
import { SimulationError } from "../../errors.ts";
import { type CellContext, evaluateCell, registerUpdate } from "./cells.ts";
import type { Design } from "./design.ts";
import { type Cycle, emitRun, LEAVES } from "./emit.ts";
import { Allocator, type ChannelBlock, type Layout, type MemoryBlock, type Slot, wordBytes } from "./layout.ts";
import { type Cell, checkMemories, checkPorts, integer, memoryPath, type Netlist, type Signal } from "./netlist.ts";
import { type ReadPort, type Schedule, schedule, writePorts } from "./schedule.ts";
import { bitsOfWord, Signals, type Words } from "./signals.ts";
import { type Term, Terms } from "./terms.ts";

/** Most bytes of linear memory before the trace buffers. */
const MAX_BYTES = 2 ** 31;

interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A generated simulator. */
export interface CompiledDesign {
  readonly wasm: Uint8Array;
  readonly layout: Layout;
}

/**
 * Translates a netlist into a WebAssembly module that exports its `memory` and two functions of (cycles, observe,
 * cycle): `run`, and `trace`, which also records the channels. They run up to `cycles` clock cycles, the first of
 * them numbered `cycle`, stop at `done_o` if `observe` is not 0 or when a channel is full, and return the number of
 * cycles that are left.
 *
 * @throws SimulationError for a design that is not synchronous to one clock, or cells outside the subset
 */
export function compileNetlist(netlist: Netlist, design: Design, wasm: typeof binaryen): CompiledDesign {
  checkPorts(netlist, design);
  checkMemories(netlist, design);
  const output = (name: string): Signal => netlist.ports.get(name)?.bits ?? [];
  const traced = design.trace.flatMap(({ enable, ports }) => [enable, ...ports]);
  const roots = ["done_o", ...design.outputs, ...traced].map(output);
  const kept = new Set(design.memories.map(({ path }) => path));
  const plan = schedule(netlist, roots, kept);

  const allocator = new Allocator();
  const segments: Segment[] = [];
  const done = allocator.take(8);
  const inputs = slots(netlist, allocator, inputNames(netlist));
  const outputs = slots(netlist, allocator, design.outputs);
  const channels = design.trace.map((channel) => channelBlock(netlist, allocator, channel));

  const stateStart = allocator.take(0);
  const registers = plan.registers.map((cell) => ({
    cell,
    address: allocator.take(8 * ((cell.connections.Q.length + 63) >> 6)),
  }));
  for (const { cell, address } of registers) segments.push(...registerImage(netlist, cell, address));
  const blocks = new Map<Cell, MemoryBlock>();
  const place = (cell: Cell) => {
    const block = memoryBlock(cell, allocator);
    blocks.set(cell, block);
    segments.push(...memoryImage(cell, block));
  };
  for (const cell of plan.memories) if (!kept.has(memoryPath(cell))) place(cell);
  const state = { address: stateStart, bytes: allocator.take(0) - stateStart };
  for (const cell of plan.memories) if (kept.has(memoryPath(cell))) place(cell);

  const terms = new Terms();
  const signals = new Signals(terms);
  const context: CellContext = { terms, signals, scratch: (bytes) => allocator.take(bytes) };
  const leaves: { readonly address: number; readonly term: Term }[] = [];
  const define = (signal: Signal, address: number): Words => {
    const words = Array.from({ length: (signal.length + 63) >> 6 }, (_, i) => {
      const term = terms.leaf(LEAVES(channels.length) + leaves.length, bitsOfWord(signal.length, i));
      leaves.push({ address: address + 8 * i, term });
      return term;
    });
    signals.define(signal, words);
    return words;
  };
  for (const [name, { address }] of Object.entries(inputs)) if (name !== "clk") define(output(name), address);
  const held = registers.map(({ cell, address }) => ({ cell, words: define(cell.connections.Q, address) }));
  evaluate(plan, context, blocks);

  const word = (name: string): Term => signals.words(output(name))[0];
  const cycle: Cycle = {
    terms,
    leaves,
    done: word("done_o"),
    outputs: design.outputs.map((name) => ({ address: outputs[name].address, term: word(name) })),
    registers: held.map(({ cell, words }) => ({ words, next: registerUpdate(cell, context, words) })),
    writes: plan.memories.flatMap((cell) => memoryWrites(cell, blocks.get(cell), context)),
    channels: channels.map((block, i) => ({
      block,
      enable: word(design.trace[i].enable),
      columns: block.columns.map(({ port }) => signals.wide(output(port), netlist.ports.get(port)?.signed ?? false)),
    })),
  };
  const layout: Layout = {
    done,
    inputs,
    outputs,
    state,
    memories: Object.fromEntries([...blocks].map(([cell, block]) => [memoryPath(cell), block])),
    channels,
    end: allocator.take(0),
  };
  if (layout.end > MAX_BYTES) {
    throw new SimulationError(`${design.top}: expected at most ${MAX_BYTES} bytes of state, got ${layout.end}`, {
      simulator: "wasm",
    });
  }
  return { wasm: assemble(wasm, cycle, done, segments, layout.end), layout };
}

function inputNames(netlist: Netlist): readonly string[] {
  return [...netlist.ports].filter(([, { direction }]) => direction === "input").map(([name]) => name);
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
    const bytes: 4 | 8 = (netlist.ports.get(port)?.bits.length ?? 0) <= 32 ? 4 : 8;
    const column = { port, offset, bytes };
    offset += bytes;
    return column;
  });
  return { name: channel.name, pointer: allocator.take(8), rowBytes: offset, columns };
}

function registerImage({ initial }: Netlist, cell: Cell, address: number): readonly Segment[] {
  const bytes = new Uint8Array((cell.connections.Q.length + 7) >> 3);
  cell.connections.Q.forEach((bit, i) => {
    if (initial.get(bit)) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes.some((byte) => byte !== 0) ? [{ address, bytes }] : [];
}

/** One word more than the memory has stays 0 and is what an address outside reads. */
function memoryBlock(cell: Cell, allocator: Allocator): MemoryBlock {
  const [width, depth] = [integer(cell, "WIDTH"), integer(cell, "SIZE")];
  const bytes = wordBytes(width);
  return { address: allocator.take((depth + 1) * bytes), width, depth, wordBytes: bytes };
}

function memoryImage(cell: Cell, { address, width, depth, wordBytes: stride }: MemoryBlock): readonly Segment[] {
  const text = cell.parameters.INIT ?? "";
  if (!text.includes("1")) return [];
  const bytes = new Uint8Array(depth * stride);
  for (let i = 0; i < text.length; i++) {
    if (text[text.length - 1 - i] !== "1") continue;
    const bit = i % width;
    bytes[Math.floor(i / width) * stride + (bit >> 3)] |= 1 << (bit & 7);
  }
  return [{ address, bytes }];
}

function evaluate(plan: Schedule, context: CellContext, blocks: ReadonlyMap<Cell, MemoryBlock>): void {
  for (const step of plan.steps) {
    if ("cell" in step) context.signals.define(step.cell.connections.Y, evaluateCell(step.cell, context));
    else context.signals.define(step.read.data, memoryRead(step.read, blocks.get(step.read.memory), context));
  }
}

/** Index of the word at an address, `depth` for one outside. */
function wordIndex(memory: Cell, address: Signal, depth: number, { terms, signals }: CellContext): Term {
  const index = terms.sub(signals.words(address)[0] ?? terms.zero, terms.constant(BigInt(integer(memory, "OFFSET"))));
  if (index.bound < 32 && 2 ** index.bound <= depth) return index;
  const limit = terms.constant(BigInt(depth));
  return terms.select(terms.ltu(index, limit), index, limit);
}

function byteAddress(index: Term, block: MemoryBlock, terms: Terms): Term {
  return terms.mul(index, terms.constant(BigInt(block.wordBytes)));
}

function memoryRead({ memory, address }: ReadPort, block: MemoryBlock | undefined, context: CellContext): Words {
  if (block === undefined) return [];
  const { terms } = context;
  const at = byteAddress(wordIndex(memory, address, block.depth, context), block, terms);
  return Array.from({ length: (block.width + 63) >> 6 }, (_, i) =>
    terms.load(at, block.address + 8 * i, Math.min(8, block.wordBytes), bitsOfWord(block.width, i)),
  );
}

function memoryWrites(memory: Cell, block: MemoryBlock | undefined, context: CellContext): Cycle["writes"] {
  if (block === undefined) return [];
  const { terms, signals } = context;
  return writePorts(memory).map(({ address, data, enable }) => {
    const index = wordIndex(memory, address, block.depth, context);
    const whole = enable.every((bit) => bit === enable[0]);
    const masks = signals.words(enable);
    const some = whole
      ? terms.mask(masks[0], 1)
      : terms.not1(
          terms.eq(
            masks.reduce((a, b) => terms.or(a, b), terms.zero),
            terms.zero,
          ),
        );
    return {
      block,
      enable: terms.and(some, terms.ltu(index, terms.constant(BigInt(block.depth)))),
      address: byteAddress(index, block, terms),
      data: signals.words(data),
      masks: whole ? undefined : masks,
    };
  });
}

function assemble(
  wasm: typeof binaryen,
  cycle: Cycle,
  done: number,
  segments: readonly Segment[],
  bytes: number,
): Uint8Array {
  const module = new wasm.Module();
  try {
    module.setFeatures(wasm.Features.SignExt | wasm.Features.MutableGlobals);
    module.setMemory(
      (bytes + 65535) >>> 16,
      65536,
      "memory",
      segments.map(({ address, bytes: data }) => ({ offset: module.i32.const(address), data, passive: false })),
    );
    emitRun(wasm, module, "run", cycle, done, false);
    emitRun(wasm, module, "trace", cycle, done, true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
