import { SimulationError } from "../../errors.ts";
import { openWasm } from "./build.ts";
import { defaultCacheDirectory } from "./cache.ts";
import type { Design, Simulation, SimulationOptions, SimulatorName } from "./design.ts";
import { openExternal } from "./external.ts";
import { type Availability, findTool } from "./tools.ts";

/**
 * Makes a design ready to run on one of the simulators, which all give the same results, traces and waveforms.
 *
 * @throws SimulationError if the simulator is missing, or the design does not build or lacks what it names
 */
export async function openSimulation(
  simulator: SimulatorName,
  design: Design,
  options: SimulationOptions = {},
): Promise<Simulation> {
  for (const [name, value] of Object.entries(design.parameters)) {
    if (!Number.isInteger(value) || value !== (value | 0)) {
      throw new SimulationError(`parameter ${name}: expected an integer of 32 bits, got ${value}`, { parameter: name });
    }
  }
  const { cacheDirectory = defaultCacheDirectory(), onProgress = () => {} } = options;
  return simulator === "wasm"
    ? openWasm(design, cacheDirectory, onProgress)
    : openExternal(simulator, design, cacheDirectory, onProgress);
}

/** Which simulators can be used on this machine, and why not the others. */
export function availableSimulators(): Readonly<Record<SimulatorName, Availability>> {
  return { wasm: { available: true }, icarus: findTool("icarus"), verilator: findTool("verilator") };
}
