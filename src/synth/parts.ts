import type { EngineParameters } from "../rtl/parameters.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";

export type EngineName = "circulant_engine" | "circulant_pipeline";

/** How often each part stands in an engine; what a part takes is a number of the family's table. */
export type Parts = Readonly<Record<string, number>>;

/** Memories of one shape, written in one place at most; read-only ones may be read in two. */
export interface MemoryShape {
  readonly width: number;
  /** log2 of the words. */
  readonly depth: number;
  readonly count: number;
  readonly written: boolean;
  readonly ports: number;
  /** Whether a register follows; without one it cannot be a block. Default true. */
  readonly registered?: boolean;
}

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

export function engineMemories(parameters: EngineParameters): readonly MemoryShape[] {
  const { LANES, LOG2_K_MAX, ACTIVATION_WIDTH, SPECTRUM_WIDTH, WEIGHT_WIDTH, BIAS_WIDTH, TABLE_WIDTH, LAYER_WIDTH } =
    parameters;
  const written = (width: number, depth: number, count: number) => ({ width, depth, count, written: true, ports: 1 });
  const read = (width: number, depth: number, count: number, ports: number) => ({
    width,
    depth,
    count,
    written: false,
    ports,
  });
  return [
    read(768, LAYER_WIDTH, 1, 1),
    written(16, ACTIVATION_WIDTH - 1, 3),
    written(32, SPECTRUM_WIDTH - 1, 2),
    { ...written(17, 2, 1), registered: false },
    read(32 * LANES, WEIGHT_WIDTH, 1, 1),
    read(16, LOG2_K_MAX - 2, 1, 2),
    read(16, BIAS_WIDTH, 1, 2),
    read(16, TABLE_WIDTH + 9, 2, 2),
  ];
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

export function pipelineMemories(parameters: PipelineParameters): readonly MemoryShape[] {
  const { LOG2_PATHS, BLOCKS, LOG2_K_MAX, LOG2_STREAM, TABLES, LAYER_WIDTH } = parameters;
  const { INPUT_WIDTH, ACTIVATION_WIDTH, OUTPUT_WIDTH, SPECTRUM_WIDTH, PRODUCT_WIDTH, WEIGHT_WIDTH, BIAS_WIDTH } =
    parameters;
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
    memory(16 * words, SPECTRUM_WIDTH, 1),
    memory(16 * words, PRODUCT_WIDTH, 1),
    memory(32, WEIGHT_WIDTH, paths * BLOCKS),
    memory(32, BIAS_WIDTH, paths),
    memory(32, 1, 9),
    memory(32, LAYER_WIDTH, 16 + 10 + 7),
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
