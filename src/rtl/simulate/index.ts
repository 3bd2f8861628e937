// The package "circulant/simulate": simulates a Verilog design of one clock on Node alone, or on Icarus Verilog and Verilator.

export { compileSimulation, simulationDigest } from "./build.ts";
export { type CompiledSimulation, openCompiled } from "./compiled.ts";
export type { Description, Net } from "./description.ts";
export {
  type Design,
  limbs32,
  type MemoryLoad,
  type MemoryPort,
  type MemoryRead,
  RESET_CYCLES,
  type RunRequest,
  type RunResult,
  type Simulation,
  type SimulationOptions,
  type SimulatorName,
  type TraceChannel,
  type TraceTable,
  type WaveRequest,
} from "./design.ts";
export { elaborateDesign, type VerilogDesign } from "./elaborate.ts";
export type { PortShape } from "./netlist.ts";
export { availableSimulators, openSimulation } from "./open.ts";
export type { Availability } from "./tools.ts";
export { openWaveFile, type WaveFile } from "./wave-file.ts";
export { lintUnsignedShifts } from "./yosys.ts";
