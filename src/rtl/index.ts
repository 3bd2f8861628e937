export { type Engine, type EngineOptions, type EngineResult, type EngineRunOptions, openEngine } from "./engine.ts";
export { formatImage, type MemoryImage, memoryImages } from "./images.ts";
export { DEFAULT_PARAMETERS, type EngineParameters, parametersFor } from "./parameters.ts";
export {
  type EngineOperation,
  type EngineProgram,
  type EngineStep,
  networkProgram,
  singleProgram,
} from "./program.ts";
export { engineSources, RTL_FOLDER } from "./sources.ts";
export { decodeTrace, type EngineTrace } from "./trace.ts";
