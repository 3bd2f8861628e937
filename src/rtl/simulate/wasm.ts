import { readdirSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SimulationError } from "../../errors.ts";
import { cached, digest } from "./cache.ts";
import { type Design, RESET_CYCLES, type RunRequest, type RunResult, type Simulation } from "./design.ts";
import type { Layout } from "./layout.ts";
import { compileNetlist } from "./module.ts";
import { readNetlist } from "./netlist.ts";
import { type Recorder, record } from "./recorder.ts";
import { checkRequest, didNotFinish, serial } from "./request.ts";
import { loadWords, readWords } from "./words.ts";
import { elaborateNetlist, yosysVersion } from "./yosys.ts";

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

  const run = async (request: RunRequest): Promise<RunResult> => {
    if (disposed) throw new SimulationError(`${design.top}: expected an open simulation, got a disposed one`);
    checkRequest(design, ports, request);
    new Uint8Array(memory.buffer).set(initial, state.address);
    for (const load of request.load ?? []) loadWords(memory, layout.memories[load.path], load);
    setInputs(memory, layout, { ...request.inputs, rst_i: 1 });
    exports.run(RESET_CYCLES, 0, 0);
    setInputs(memory, layout, { ...request.inputs, rst_i: 0 });
    const recorder = request.trace === true ? record(memory, layout) : undefined;
    const cycles = await advance(design, layout, exports, request.maxCycles, recorder);
    return {
      cycles,
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

function setInputs(memory: WebAssembly.Memory, layout: Layout, inputs: Readonly<Record<string, number>>): void {
  const view = new DataView(memory.buffer);
  for (const [name, { address, width }] of Object.entries(layout.inputs)) {
    if (name in inputs) view.setBigUint64(address, BigInt.asUintN(width, BigInt(inputs[name])), true);
  }
}

/**
 * Runs until done, in pieces: the engine puts its faster code in place only between calls, and other work of the
 * thread must go on.
 *
 * @returns the cycles that it took
 */
async function advance(
  { top }: Design,
  { done }: Layout,
  { memory, run, trace }: Exports,
  maxCycles: number,
  recorder: Recorder | undefined,
): Promise<number> {
  const step = recorder ? trace : run;
  new DataView(memory.buffer).setUint32(done, 0, true);
  let cycle = 0;
  let piece = 1024;
  let rested = performance.now();
  for (;;) {
    const started = performance.now();
    const wanted = Math.min(piece, maxCycles + 1 - cycle);
    cycle += wanted - step(wanted, 1, cycle);
    recorder?.take();
    if (new DataView(memory.buffer).getUint32(done, true) === 1) return cycle;
    if (cycle > maxCycles) throw didNotFinish("wasm", top, maxCycles);
    const now = performance.now();
    if (now - started < SLICE_MS / 4) piece *= 2;
    if (now - rested > SLICE_MS) {
      await setImmediate();
      rested = performance.now();
    }
  }
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
