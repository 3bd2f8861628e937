import type { PipelineParameters } from "./parameters.ts";

/** The multipliers of the streaming engine, of at most 17 x 18 bits each but those of a mean, which are 32 x 17. */
export interface Multipliers {
  /** Four for each complex multiplier of the product. */
  readonly product: number;
  /** Of both transforms; trivial twiddles take none. */
  readonly transforms: number;
  readonly vector: number;
  readonly tables: number;
  readonly total: number;
}

/** Counted from the configuration: every multiplier of the Verilog is one of these. */
export function multipliers({ LOG2_PATHS, BLOCKS, LOG2_K_MAX, VECTOR, TABLES }: PipelineParameters): Multipliers {
  const pairs = 2 ** (LOG2_PATHS - 1);
  let butterflies = 0;
  for (let stage = 3; stage <= LOG2_K_MAX; stage++) {
    // Within a row every 2^(stage-2)-th butterfly is trivial.
    butterflies += stage <= LOG2_PATHS + 1 ? pairs - pairs / 2 ** (stage - 2) : pairs;
  }
  const product = 4 * BLOCKS * 2 ** LOG2_PATHS;
  const transforms = 2 * 4 * butterflies;
  const vector = 2 * VECTOR;
  const tables = TABLES === 0 ? 0 : 2 ** (LOG2_PATHS + 1);
  return { product, transforms, vector, tables, total: product + transforms + vector + tables };
}
