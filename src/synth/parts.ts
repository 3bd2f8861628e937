import type { EngineParameters } from "../rtl/parameters.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";

export type EngineName = "circulant_engine" | "circulant_pipeline";

/** How often each part stands in an engine; what a part takes is a number of the family's table. */
export type Parts = Readonly<Record<string, number>>;

/** The parts of rtl/circulant_engine.v that are no memories. */
export function engineParts(parameters: EngineParameters): Parts {
  const { LANES, LOG2_K_MAX, ACTIVATION_WIDTH, SPECTRUM_WIDTH, WEIGHT_WIDTH, BIAS_WIDTH } = parameters;
  return {
    control: 1,
    lane: LANES,
    stage: LOG2_K_MAX,
    address: SPECTRUM_WIDTH + ACTIVATION_WIDTH + WEIGHT_WIDTH + BIAS_WIDTH,
  };
}

/** The parts of rtl/pipeline/circulant_pipeline.v that are neither memories nor delays. */
export function pipelineParts(parameters: PipelineParameters): Parts {
  const { LOG2_PATHS, BLOCKS, LOG2_K_MAX, LOG2_STREAM, VECTOR, TABLES } = parameters;
  const { INPUT_WIDTH, ACTIVATION_WIDTH, OUTPUT_WIDTH, SPECTRUM_WIDTH, PRODUCT_WIDTH, WEIGHT_WIDTH } = parameters;
  const paths = 2 ** LOG2_PATHS;
  const words = 2 * paths;
  const butterflies = multipliers(parameters).transforms / 4;
  return {
    control: 1,
    lane: paths * BLOCKS,
    butterfly: butterflies,
    trivial: 2 * (LOG2_K_MAX - 1) * (paths / 2) - butterflies,
    stage: paths * (LOG2_K_MAX - 1),
    word: words,
    bank: 3 * words * (LOG2_PATHS + 1),
    bankAddress: words * (INPUT_WIDTH + ACTIVATION_WIDTH + OUTPUT_WIDTH),
    address: SPECTRUM_WIDTH + PRODUCT_WIDTH + WEIGHT_WIDTH,
    vector: VECTOR > 0 ? 1 : 0,
    vectorWord: VECTOR,
    tableWord: TABLES > 0 ? words : 0,
    streamWord: 2 ** LOG2_STREAM,
  };
}
