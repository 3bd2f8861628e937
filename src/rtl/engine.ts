import type { MemoryImage } from "./images.ts";
import { DEFAULT_PARAMETERS, type EngineParameters, parametersFor } from "./parameters.ts";
import type { EngineProgram } from "./program.ts";
import type { SimulationOptions, SimulatorName } from "./simulate/design.ts";
import { openSimulation } from "./simulate/open.ts";
import { type Engine, engineDesign, simulatedEngine } from "./simulated-engine.ts";
import { engineSources, type VerilogSource } from "./sources.ts";

export type { Engine, EngineResult, EngineRunOptions } from "./simulated-engine.ts";
export { engineDesign } from "./simulated-engine.ts";

export interface EngineOptions extends SimulationOptions {
  readonly simulator?: SimulatorName;
  /** The engine's Verilog; the package's own if not given. */
  readonly sources?: readonly VerilogSource[];
  /** Least sizes of the engine; a larger program makes it larger. */
  readonly parameters?: EngineParameters;
}

/**
 * Simulates the engine in a configuration that holds the program.
 *
 * @param images what its memories hold, if not what `memoryImages` makes of the program
 * @throws SimulationError if the simulator is missing or the Verilog does not build
 */
export async function openEngine(
  program: EngineProgram,
  options: EngineOptions = {},
  images?: readonly MemoryImage[],
): Promise<Engine> {
  const parameters = parametersFor(program, options.parameters ?? DEFAULT_PARAMETERS);
  const design = engineDesign(parameters, options.sources ?? engineSources());
  const simulation = await openSimulation(options.simulator ?? "wasm", design, options);
  const engine = simulatedEngine(simulation, parameters);
  engine.load(program, images);
  return engine;
}
