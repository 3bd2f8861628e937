import { SimulationError } from "../../errors.ts";
import { defaultCacheDirectory } from "./cache.ts";
import type { Design, Simulation, SimulationOptions, SimulatorName } from "./design.ts";
import { openWasm } from "./wasm.ts";

/**
 * Makes a design ready to run on one of the simulators, which all give the same results and traces.
 *
 * @throws SimulationError if the simulator is missing, or the design does not build or lacks what it names
 */
export async function openSimulation(
  simulator: SimulatorName,
  design: Design,
  options: SimulationOptions = {},
): Promise<Simulation> {
  const { cacheDirectory = defaultCacheDirectory(), onProgress = () => {} } = options;
  if (simulator === "wasm") return openWasm(design, cacheDirectory, onProgress);
  throw new SimulationError(`simulator: expected wasm, got ${simulator}`, { simulator });
}
