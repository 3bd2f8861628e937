import type binaryen from "binaryen";
import type { ChannelBlock, MemoryBlock } from "./layout.ts";
import type { Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";
import { type Expression, loadWord, type Module, Values } from "./values.ts";

/** One clock cycle: what is looked at, and what changes at the edge. */
export interface Cycle {
  readonly terms: Terms;
  readonly done: Term;
  readonly outputs: readonly { readonly address: number; readonly term: Term }[];
  /** Words of registers that change, with what they change to. */
  readonly registers: readonly { readonly address: number; readonly term: Term }[];
  readonly writes: readonly {
    readonly block: MemoryBlock;
    readonly enable: Term;
    /** From the start of the block. */
    readonly address: Term;
    readonly data: Words;
    /** One enable for each bit; the whole word is written when there is none. */
    readonly masks: Words | undefined;
  }[];
  readonly channels: readonly { readonly block: ChannelBlock; readonly enable: Term; readonly columns: Words }[];
  /** Words of nets, for waveforms, and where they go. */
  readonly observed: readonly { readonly address: number; readonly term: Term }[];
}

/** Parameters and first locals of the functions. */
const CYCLES = 0;
const OBSERVE = 1;
const NUMBER = 2;
const FULL = 3;
const POINTERS = 4;

/** What the parts of a function are made with. Registers are in linear memory: in locals they cost more. */
interface Emitter {
  readonly wasm: typeof binaryen;
  readonly module: Module;
  readonly values: Values;
  readonly cycle: Cycle;
}

/**
 * Adds the function `name` that runs cycles to a module.
 *
 * @param done   address of the flag that says that `done_o` was seen
 * @param traced whether it records the channels
 */
export function emitRun(
  wasm: typeof binaryen,
  module: Module,
  name: string,
  cycle: Cycle,
  done: number,
  traced: boolean,
): void {
  const channels = traced ? cycle.channels : [];
  const first = POINTERS + channels.length;
  const values = new Values(wasm, module, cycle.terms, first);
  const emitter: Emitter = { wasm, module, values, cycle };
  const body = [
    ...values.compute(needed(cycle, channels)),
    ...channels.map((channel, i) => recordRow(emitter, channel, POINTERS + i)),
    stopWhenDone(emitter, done),
    ...cycle.writes.map((write) => storeWords(emitter, write)),
    ...cycle.registers.map(({ address, term }) => module.i64.store(address, 8, module.i32.const(0), values.use(term))),
    ...nextCycle(emitter),
  ];
  const { i32, local } = module;
  const enter = channels.map(({ block }, i) => local.set(POINTERS + i, i32.load(block.pointer, 4, i32.const(0))));
  const leave = channels.map(({ block }, i) =>
    i32.store(block.pointer, 4, i32.const(0), local.get(POINTERS + i, wasm.i32)),
  );
  const types = [
    ...Array.from({ length: first - FULL }, () => wasm.i32),
    ...Array.from({ length: values.locals - first }, () => wasm.i64),
  ];
  const block = module.block(
    null,
    [
      ...enter,
      module.block("exit", [module.loop("cycle", module.block(null, body))]),
      ...leave,
      local.get(CYCLES, wasm.i32),
    ],
    wasm.i32,
  );
  module.addFunction(name, wasm.createType([wasm.i32, wasm.i32, wasm.i32]), wasm.i32, types, block);
  module.addFunctionExport(name, name);
}

/** Adds the function `name` that leaves the words of all nets in linear memory, and changes nothing else. */
export function emitObserve(wasm: typeof binaryen, module: Module, name: string, { terms, observed }: Cycle): void {
  const values = new Values(wasm, module, terms, 0);
  const { i32, i64 } = module;
  const body = [
    ...values.compute(observed.map(({ term }) => term)),
    ...observed.map(({ address, term }) => i64.store(address, 8, i32.const(0), values.use(term))),
  ];
  const types = Array.from({ length: values.locals }, () => wasm.i64);
  module.addFunction(name, wasm.none, wasm.none, types, module.block(null, body));
  module.addFunctionExport(name, name);
}

/** All terms that a cycle looks at. */
function needed(cycle: Cycle, channels: Cycle["channels"]): readonly Term[] {
  return [
    cycle.done,
    ...cycle.outputs.map(({ term }) => term),
    ...channels.flatMap(({ enable, columns }) => [enable, ...columns]),
    ...cycle.registers.map(({ term }) => term),
    ...cycle.writes.flatMap(({ enable, address, data, masks }) => [enable, address, ...data, ...(masks ?? [])]),
  ];
}

/** Appends a row to a channel whose enable is 1; a channel without room for another ends the call. */
function recordRow(
  { wasm, module, values }: Emitter,
  { block, enable, columns }: Cycle["channels"][number],
  pointer: number,
): Expression {
  const { i32, i64, local } = module;
  const at = () => local.get(pointer, wasm.i32);
  const full = i32.ge_u(at(), i32.load(block.pointer + 4, 4, i32.const(0)));
  return module.if(
    values.condition(enable),
    module.block(null, [
      i32.store(0, 4, at(), local.get(NUMBER, wasm.i32)),
      ...columns.map((term, c) => {
        const { offset, bytes } = block.columns[c];
        const value = values.use(term);
        return bytes === 4 ? i64.store32(offset, 4, at(), value) : i64.store(offset, 4, at(), value);
      }),
      local.set(pointer, i32.add(at(), i32.const(block.rowBytes))),
      local.set(FULL, i32.or(local.get(FULL, wasm.i32), full)),
    ]),
  );
}

function stopWhenDone({ wasm, module, values, cycle }: Emitter, done: number): Expression {
  const { i32, i64, local } = module;
  return module.if(
    i32.and(values.condition(cycle.done), local.get(OBSERVE, wasm.i32)),
    module.block(null, [
      i32.store(done, 4, i32.const(0), i32.const(1)),
      ...cycle.outputs.map(({ address, term }) => i64.store(address, 8, i32.const(0), values.use(term))),
      module.br("exit"),
    ]),
  );
}

/** Writes a word to a memory where the enable is 1. */
function storeWords({ module, values }: Emitter, write: Cycle["writes"][number]): Expression {
  const { i64 } = module;
  const { block, address, data, masks } = write;
  const bytes = Math.min(8, block.wordBytes);
  const stores = data.map((term, i) => {
    const offset = block.address + 8 * i;
    const at = () => values.address(address);
    let value = values.use(term);
    if (masks !== undefined) {
      const kept = i64.xor(values.use(masks[i]), i64.const(-1n));
      const before = i64.and(loadWord(module, bytes, offset, at()), kept);
      value = i64.or(before, i64.and(value, values.use(masks[i])));
    }
    if (bytes === 1) return i64.store8(offset, 1, at(), value);
    if (bytes === 2) return i64.store16(offset, 2, at(), value);
    return bytes === 4 ? i64.store32(offset, 4, at(), value) : i64.store(offset, 8, at(), value);
  });
  return module.if(values.condition(write.enable), module.block(null, stores));
}

function nextCycle({ wasm, module }: Emitter): readonly Expression[] {
  const { i32, local } = module;
  const left = () => local.get(CYCLES, wasm.i32);
  const more = i32.and(i32.ne(left(), i32.const(0)), i32.eqz(local.get(FULL, wasm.i32)));
  return [
    local.set(NUMBER, i32.add(local.get(NUMBER, wasm.i32), i32.const(1))),
    local.set(CYCLES, i32.sub(left(), i32.const(1))),
    module.br("cycle", more),
  ];
}
