import { SimulationError } from "../../errors.ts";
import { type Description, descriptionOf } from "./description.ts";
import { RESET_CYCLES, type RunRequest, type RunResult, type Simulation } from "./design.ts";
import type { Layout } from "./layout.ts";
import { type Recorder, record } from "./recorder.ts";
import { checkRequest, didNotFinish, serial } from "./request.ts";
import { recordWaves, type WaveRecorder } from "./waves.ts";
import { loadWords, readWords } from "./words.ts";

/** Milliseconds after which a run lets other work of the thread go on. */
const SLICE_MS = 40;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly run: (cycles: number, observe: number, cycle: number) => number;
  readonly trace: (cycles: number, observe: number, cycle: number) => number;
  /** Leaves the words of all nets, as they stand before the clock edge, in linear memory. */
  readonly observe: () => void;
}

/** A simulation that says what it is of. */
export interface CompiledSimulation extends Simulation {
  readonly description: Description;
}

/** A simulation that was compiled to WebAssembly, made ready. */
interface Machine {
  readonly description: Description;
  readonly exports: Exports;
}

/**
 * Makes a compiled simulation ready. It needs no Verilog, no compiler and no Node.
 *
 * @param wasm the module as `compileSimulation` and the package's build write it
 * @throws SimulationError if the module is no compiled simulation
 */
export async function openCompiled(wasm: BufferSource | WebAssembly.Module): Promise<CompiledSimulation> {
  const module = "byteLength" in wasm ? await WebAssembly.compile(wasm) : wasm;
  const description = descriptionOf(module);
  const instance = await WebAssembly.instantiate(module);
  return simulate({ description, exports: instance.exports as unknown as Exports });
}

function simulate(machine: Machine): CompiledSimulation {
  const { description, exports } = machine;
  const { design, layout } = description;
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
    const waves = request.waves && recordWaves(description, memory, request.waves);
    const cycles = await advance(machine, request.maxCycles, recorder, waves).finally(() => waves?.end());
    return {
      cycles,
      outputs: readOutputs(memory, layout),
      memories: (request.read ?? []).map((read) => readWords(memory, layout.memories[read.path], read)),
      trace: recorder?.tables() ?? {},
    };
  };

  return {
    simulator: "wasm",
    description,
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
  { description, exports }: Machine,
  maxCycles: number,
  recorder: Recorder | undefined,
  waves: WaveRecorder | undefined,
): Promise<number> {
  const { memory, observe } = exports;
  const { done } = description.layout;
  const step = recorder ? exports.trace : exports.run;
  new DataView(memory.buffer).setUint32(done, 0, true);
  let cycle = 0;
  let piece = 1024;
  let rested = performance.now();
  for (;;) {
    const started = performance.now();
    let wanted = Math.min(piece, maxCycles + 1 - cycle);
    if (waves?.isOpen(cycle)) {
      observe();
      waves.take(cycle);
      wanted = 1;
    } else if (waves) {
      wanted = Math.min(wanted, waves.cyclesBefore(cycle));
    }
    cycle += wanted - step(wanted, 1, cycle);
    recorder?.take();
    if (new DataView(memory.buffer).getUint32(done, true) === 1) return cycle;
    if (cycle > maxCycles) throw didNotFinish("wasm", description.design.top, maxCycles);
    const now = performance.now();
    if (now - started < SLICE_MS / 4 && wanted === piece) piece *= 2;
    if (now - rested > SLICE_MS) {
      await new Promise((resolve) => setTimeout(resolve));
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
