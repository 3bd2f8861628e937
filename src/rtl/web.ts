// The package "circulant/rtl/web": the datapath in Verilog, simulated wherever WebAssembly runs. No Yosys, no package, no
// module of any one platform.

import { ShapeError, SimulationError } from "../errors.ts";
import { pixelWords } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { EngineParameters } from "./parameters.ts";
import { networkProgram } from "./program.ts";
import { openCompiled } from "./simulate/compiled.ts";
import type { WaveRequest } from "./simulate/design.ts";
import { simulatedEngine } from "./simulated-engine.ts";
import type { EngineTrace } from "./trace.ts";

export type { OperationTrace } from "../layers/operation.ts";
export type { EngineParameters } from "./parameters.ts";
export type { WaveRequest } from "./simulate/design.ts";
export type { EngineTrace } from "./trace.ts";
export { compareTraces, type TraceComparison, type TraceDifference } from "./trace-comparison.ts";

/** What the datapath makes of one input. */
export interface DatapathResult {
  /** Output words. */
  readonly outputs: Int16Array;
  /** Clock cycles from the first word in to the last word out. */
  readonly cycles: number;
  /** Every tensor that the units write, an entry for each operation. */
  readonly trace: readonly EngineTrace[];
}

/** The datapath in simulation, a model in its memories. */
export interface Datapath {
  readonly parameters: EngineParameters;
  /**
   * Runs one input: pixels (Uint8Array), or words (Int16Array) as the model reads them.
   *
   * @throws ShapeError if it is not of the model's size
   */
  run(input: Uint8Array | Int16Array, options?: { readonly waves?: WaveRequest }): Promise<DatapathResult>;
  dispose(): void;
}

/**
 * Opens a compiled simulation of the engine, such as the package's `circulant/simulations/engine.wasm`, for a model.
 *
 * @throws SimulationError if it is no compiled simulation of the engine, or the model needs a larger engine
 */
export async function openDatapath(
  simulation: BufferSource | WebAssembly.Module,
  model: Pick<Model, "input" | "operations" | "memory">,
): Promise<Datapath> {
  const compiled = await openCompiled(simulation);
  const { top, parameters: all } = compiled.description.design;
  if (top !== "engine_bench") throw new SimulationError(`simulation: expected one of the engine, got one of ${top}`);
  const { STREAM_WIDTH: _, ...parameters } = all as Readonly<Record<string, number>>;
  const engine = simulatedEngine(compiled, parameters as unknown as EngineParameters);
  engine.load(networkProgram(model));
  const size = volume(model.input.shape);
  const words = pixelWords(model.input);
  return {
    parameters: engine.parameters,
    async run(input, { waves } = {}) {
      if (input.length !== size) throw new ShapeError(`input: expected ${size} numbers, got ${input.length}`);
      const isWords = Object.prototype.toString.call(input) === "[object Int16Array]";
      const x = Int16Array.from(input, (value) => (isWords ? value : words[value]));
      const { outputs, cycles, trace = [] } = await engine.run(x, { trace: true, ...(waves ? { waves } : {}) });
      return { outputs, cycles, trace };
    },
    dispose: () => engine.dispose(),
  };
}
