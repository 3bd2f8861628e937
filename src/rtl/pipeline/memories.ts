import type { MemoryShape } from "../memories.ts";
import { LIMBS } from "./fields.ts";
import type { PipelineParameters } from "./parameters.ts";

/** The memories of rtl/pipeline/circulant_pipeline.v, queues and long delays among them. */
export function pipelineMemories(parameters: PipelineParameters): readonly MemoryShape[] {
  const { LOG2_PATHS, BLOCKS, LOG2_K_MAX, LOG2_STREAM, TABLES, LAYER_WIDTH } = parameters;
  const { INPUT_WIDTH, ACTIVATION_WIDTH, OUTPUT_WIDTH, SPECTRUM_WIDTH, PRODUCT_WIDTH } = parameters;
  const { WEIGHT_WIDTH, WEIGHT_BITS, BIAS_WIDTH } = parameters;
  const paths = 2 ** LOG2_PATHS;
  const words = 2 * paths;
  const rows = LOG2_PATHS + 1;
  const memory = (width: number, depth: number, count: number, written = true) => ({
    width,
    depth,
    count,
    written,
    ports: 1,
  });
  const memories = [
    memory(16, INPUT_WIDTH - rows, words),
    memory(16, ACTIVATION_WIDTH - rows, words),
    memory(16, OUTPUT_WIDTH - rows, words),
    memory(32, SPECTRUM_WIDTH, paths),
    memory(32, PRODUCT_WIDTH, paths),
    memory(2 * WEIGHT_BITS, WEIGHT_WIDTH, paths * BLOCKS),
    memory(32, BIAS_WIDTH, paths),
    memory(32, 1, LIMBS.header),
    memory(32, LAYER_WIDTH, LIMBS.front + LIMBS.product + LIMBS.back),
    { ...memory(16 * 2 ** LOG2_STREAM + 1, 3, 1), registered: false },
    { ...memory(LAYER_WIDTH + SPECTRUM_WIDTH, 3, 1), registered: false },
    { ...memory(LAYER_WIDTH + 25, 3, 1), registered: false },
  ];
  if (TABLES > 0) memories.push(memory(16, 8 + Math.ceil(Math.log2(TABLES)), 2 * words));
  for (const { delay, lines } of delays(parameters)) {
    if (delay >= LONG_DELAY) memories.push(memory(32, Math.log2(delay), lines));
  }
  for (let stage = LOG2_PATHS + 2; stage <= LOG2_K_MAX; stage++) {
    memories.push(memory(16 * paths, stage - LOG2_PATHS - 1, 2, false));
  }
  return memories;
}

/** Cycles from which on a delay is a memory. */
export const LONG_DELAY = 32;

/** The delay lines of both transforms, 32 bits each. */
export function delays({ LOG2_PATHS, LOG2_K_MAX }: Pick<PipelineParameters, "LOG2_PATHS" | "LOG2_K_MAX">): readonly {
  readonly delay: number;
  readonly lines: number;
}[] {
  const result = [];
  for (let stage = LOG2_PATHS + 2; stage <= LOG2_K_MAX; stage++) {
    result.push({ delay: 2 ** (stage - 2 - LOG2_PATHS), lines: 2 * 2 * 2 ** (LOG2_PATHS - 1) });
  }
  return result;
}
