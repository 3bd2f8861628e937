export { MODULE_NAMES, moduleToSynthesise } from "./catalogue.ts";
export { checkEngine, engineToSynthesise, expectedOutputs } from "./engine.ts";
export { FAMILIES, type Family, type FamilyName, familyOf, type Resources } from "./family.ts";
export { checkBlocks, checkMultipliers } from "./guards.ts";
export { type Placement, place } from "./place.ts";
export { resources } from "./resources.ts";
export { compareOnRandomInputs, type StimulusResult } from "./stimulus.ts";
export {
  type ModuleCounts,
  type Synthesis,
  type SynthesisDesign,
  type SynthesisOptions,
  synthesise,
} from "./synthesise.ts";
export { netlistVerilog } from "./verilog.ts";
