import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";
import { pipelineSources } from "../rtl/pipeline/sources.ts";
import { TWIDDLE_FILES, twiddleFiles } from "./catalogue.ts";
import { TRACE_PORTS } from "./engine.ts";
import type { SynthesisDesign } from "./synthesise.ts";

/** The streaming engine, to synthesise; all that it holds but the twiddles comes through its load port. */
export function pipelineToSynthesise(parameters: PipelineParameters): SynthesisDesign {
  return {
    sources: [
      ...pipelineSources().filter(({ name }) => !name.endsWith("_bench.v")),
      ...twiddleFiles(parameters.LOG2_PATHS, parameters.LOG2_K_MAX),
    ],
    top: "circulant_pipeline",
    parameters: { ...parameters, TWIDDLE_IMAGE: TWIDDLE_FILES },
    unused: [TRACE_PORTS, "busy_units_o"],
  };
}
