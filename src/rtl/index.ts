export { type EngineCycles, engineCycles, type Phase, type PhaseCycles } from "./cycles.ts";
export { type Engine, type EngineOptions, type EngineResult, type EngineRunOptions, openEngine } from "./engine.ts";
export { formatImage, type MemoryImage, memoryImages } from "./images.ts";
export { DEFAULT_PARAMETERS, type EngineParameters, parametersFor } from "./parameters.ts";
export { type JobCycles, type PipelineCycles, pipelineCycles } from "./pipeline/cycles.ts";
export { emitPipeline, type Golden } from "./pipeline/emit.ts";
export {
  openPipeline,
  type PipelineEngine,
  type PipelineEngineOptions,
  type PipelineResult,
  type PipelineRunOptions,
} from "./pipeline/engine.ts";
export { loadStream, REGISTERS, type RegisterWrite } from "./pipeline/load.ts";
export { multipliers } from "./pipeline/multipliers.ts";
export { DEFAULT_SHAPE, type PipelineParameters, type PipelineShape } from "./pipeline/parameters.ts";
export { type PipelineOptions, type PipelineProgram, pipelineProgram } from "./pipeline/program.ts";
export {
  type EngineOperation,
  type EngineProgram,
  type EngineStep,
  networkProgram,
  singleProgram,
} from "./program.ts";
export { engineSources, RTL_FOLDER } from "./sources.ts";
export { decodeTrace, type EngineTrace } from "./trace.ts";
