import { readdirSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SimulationError } from "../../errors.ts";
import { cached, digest } from "./cache.ts";
import {
  type Design,
  limbs32,
  type MemoryLoad,
  type MemoryRead,
  RESET_CYCLES,
  type RunRequest,
  type RunResult,
  type Simulation,
  type TraceTable,
} from "./design.ts";
import type { ChannelBlock, Layout, MemoryBlock } from "./layout.ts";
import { compileNetlist } from "./module.ts";
import { readNetlist } from "./netlist.ts";
import { checkRequest, didNotFinish, serial } from "./request.ts";
import { elaborateNetlist, yosysVersion } from "./yosys.ts";

/** Bytes of trace that a channel collects before it is emptied. */
const TRACE_BYTES = 1 << 18;
/** Milliseconds after which a run lets other work of the thread go on. */
const SLICE_MS = 40;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly run: (cycles: number, observe: number, cycle: number) => number;
  readonly trace: (cycles: number, observe: number, cycle: number) => number;
}

/** Makes a design ready on the simulator in WebAssembly. */
export async function openWasm(
  design: Design,
  cacheDirectory: string,
  onProgress: (message: string) => void,
): Promise<Simulation> {
  const key = digest([generatorText(), yosysVersion(), design]);
  const packed = await cached(cacheDirectory, `${key}.sim`, () => build(design, onProgress));
  const { wasm, layout } = unpack(packed);
  const { instance } = await WebAssembly.instantiate(wasm);
  return simulate(design, layout, instance.exports as unknown as Exports);
}

/** The text of this program itself, for another generator makes another module. */
function generatorText(): readonly string[] {
  const directory = fileURLToPath(new URL(".", import.meta.url));
  const files = readdirSync(directory).filter((name) => /(?<!\.d)\.[jt]s$/.test(name));
  return files.sort().map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));
}

async function build(design: Design, onProgress: (message: string) => void): Promise<Uint8Array> {
  onProgress(`${design.top}: Yosys reads ${design.sources.length} Verilog files`);
  const json = await elaborateNetlist(design.sources, design.top, design.parameters);
  onProgress(`${design.top}: the netlist is translated to WebAssembly`);
  const { default: binaryen } = await import("binaryen");
  const { wasm, layout } = compileNetlist(readNetlist(json), design, binaryen);
  const header = new TextEncoder().encode(JSON.stringify(layout));
  return Buffer.concat([new Uint8Array(Uint32Array.of(header.length).buffer), header, wasm]);
}

function unpack(packed: Uint8Array): { readonly wasm: Uint8Array<ArrayBuffer>; readonly layout: Layout } {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const layout: Layout = JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length)));
  return { wasm: packed.slice(4 + length), layout };
}

function simulate(design: Design, layout: Layout, exports: Exports): Simulation {
  const { memory } = exports;
  const { state } = layout;
  const initial = new Uint8Array(memory.buffer).slice(state.address, state.address + state.bytes);
  const ports = Object.entries(layout.inputs).map(([name, { width }]) => ({ name, width }));
  let disposed = false;

  const setInputs = (inputs: Readonly<Record<string, number>>, reset: number) => {
    const view = new DataView(memory.buffer);
    for (const [name, { address, width }] of Object.entries(layout.inputs)) {
      if (name === "clk") continue;
      const value = name === "rst_i" ? reset : inputs[name];
      view.setBigUint64(address, BigInt.asUintN(width, BigInt(value)), true);
    }
  };

  const run = async (request: RunRequest): Promise<RunResult> => {
    if (disposed) throw new SimulationError(`${design.top}: expected an open simulation, got a disposed one`);
    checkRequest(design, ports, request);
    const traced = request.trace === true;
    new Uint8Array(memory.buffer).set(initial, state.address);
    for (const load of request.load ?? []) loadWords(memory, layout.memories[load.path], load);
    const recorder = traced ? record(memory, layout) : undefined;
    setInputs(request.inputs, 1);
    exports.run(RESET_CYCLES, 0, 0);
    setInputs(request.inputs, 0);
    new DataView(memory.buffer).setUint32(layout.done, 0, true);

    const advance = traced ? exports.trace : exports.run;
    let cycle = 0;
    let chunk = 1024;
    let slept = performance.now();
    for (;;) {
      const wanted = Math.min(chunk, request.maxCycles + 1 - cycle);
      const started = performance.now();
      cycle += wanted - advance(wanted, 1, cycle);
      recorder?.take();
      if (new DataView(memory.buffer).getUint32(layout.done, true) === 1) break;
      if (cycle > request.maxCycles) throw didNotFinish("wasm", design.top, request.maxCycles);
      const now = performance.now();
      if (now - started < SLICE_MS / 4) chunk *= 2;
      if (now - slept > SLICE_MS) {
        await setImmediate();
        slept = performance.now();
      }
    }
    return {
      cycles: cycle,
      outputs: readOutputs(memory, layout),
      memories: (request.read ?? []).map((read) => readWords(memory, layout.memories[read.path], read)),
      trace: recorder?.tables() ?? {},
    };
  };

  return {
    simulator: "wasm",
    run: serial(run),
    dispose: () => {
      disposed = true;
    },
  };
}

function readOutputs(memory: WebAssembly.Memory, layout: Layout): Record<string, number> {
  const view = new DataView(memory.buffer);
  return Object.fromEntries(
    Object.entries(layout.outputs).map(([name, { address, width, signed }]) => {
      const bits = view.getBigUint64(address, true);
      return [name, Number(signed ? BigInt.asIntN(width, bits) : bits)];
    }),
  );
}

function loadWords(memory: WebAssembly.Memory, block: MemoryBlock, { words, offset = 0 }: MemoryLoad): void {
  const limbs = limbs32(block.width);
  const top = block.width % 32 === 0 ? 0xffffffff : 2 ** (block.width % 32) - 1;
  const count = words.length / limbs;
  const start = block.address + offset * block.wordBytes;
  if (block.wordBytes < 4) {
    const Narrow = block.wordBytes === 1 ? Uint8Array : Uint16Array;
    const target = new Narrow(memory.buffer, start, count);
    for (let i = 0; i < count; i++) target[i] = words[i] & top;
    return;
  }
  const stride = block.wordBytes / 4;
  const target = new Uint32Array(memory.buffer, start, count * stride);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < limbs; j++) target[i * stride + j] = words[i * limbs + j];
    target[i * stride + limbs - 1] &= top;
  }
}

function readWords(memory: WebAssembly.Memory, block: MemoryBlock, { offset, count }: MemoryRead): Uint32Array {
  const limbs = limbs32(block.width);
  const start = block.address + offset * block.wordBytes;
  if (block.wordBytes < 4) {
    const Narrow = block.wordBytes === 1 ? Uint8Array : Uint16Array;
    return Uint32Array.from(new Narrow(memory.buffer, start, count));
  }
  const stride = block.wordBytes / 4;
  const source = new Uint32Array(memory.buffer, start, count * stride);
  if (stride === limbs) return source.slice();
  const words = new Uint32Array(count * limbs);
  for (let i = 0; i < count; i++) words.set(source.subarray(i * stride, i * stride + limbs), i * limbs);
  return words;
}

/** Collects the rows of all channels. */
function record(memory: WebAssembly.Memory, layout: Layout) {
  const missing = layout.end + layout.channels.length * (TRACE_BYTES + 8) - memory.buffer.byteLength;
  if (missing > 0) memory.grow((missing + 65535) >>> 16);
  const recorders = layout.channels.map((block, i) =>
    recordChannel(memory, block, ((layout.end + 7) & ~7) + i * TRACE_BYTES),
  );
  return {
    take: () => {
      for (const recorder of recorders) recorder.take();
    },
    tables: (): Record<string, TraceTable> =>
      Object.fromEntries(recorders.map(({ table }, i) => [layout.channels[i].name, table()])),
  };
}

function recordChannel(memory: WebAssembly.Memory, block: ChannelBlock, base: number) {
  const { pointer, rowBytes, columns } = block;
  const limit = base + Math.floor(TRACE_BYTES / rowBytes) * rowBytes;
  const parts: Uint8Array[] = [];
  const rewind = () => {
    const view = new DataView(memory.buffer);
    view.setUint32(pointer, base, true);
    view.setUint32(pointer + 4, limit, true);
  };
  rewind();
  return {
    take: () => {
      const end = new DataView(memory.buffer).getUint32(pointer, true);
      if (end > base) parts.push(new Uint8Array(memory.buffer).slice(base, end));
      rewind();
    },
    table: (): TraceTable => {
      const bytes = Buffer.concat(parts);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const rows = bytes.length / rowBytes;
      const column = ({ offset, bytes: size }: ChannelBlock["columns"][number]) =>
        size === 4
          ? Int32Array.from({ length: rows }, (_, i) => view.getInt32(i * rowBytes + offset, true))
          : BigInt64Array.from({ length: rows }, (_, i) => view.getBigInt64(i * rowBytes + offset, true));
      return {
        cycles: Uint32Array.from({ length: rows }, (_, i) => view.getUint32(i * rowBytes, true)),
        ports: Object.fromEntries(columns.map((spec) => [spec.port, column(spec)])),
      };
    },
  };
}
