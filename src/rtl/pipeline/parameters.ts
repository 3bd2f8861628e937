/** The parameters of rtl/pipeline/circulant_pipeline.v. Widths are the log2 of a memory's words or rows. */
export interface PipelineParameters {
  /** log2 of the locations a cycle of transforms and products, 1 .. 3. */
  readonly LOG2_PATHS: number;
  /** Output blocks at once, 1 .. 64; with the paths the complex multipliers. */
  readonly BLOCKS: number;
  readonly LOG2_K_MAX: number;
  /** log2 of the words of a beat of both streams, 0 .. LOG2_PATHS + 1. */
  readonly LOG2_STREAM: number;
  /** Words at once of pools, depthwise sums and sums of tensors: 0, or a power of two up to 2 << LOG2_PATHS. */
  readonly VECTOR: number;
  /** Activation tables: 0, or a power of two. */
  readonly TABLES: number;
  readonly INPUT_WIDTH: number;
  readonly ACTIVATION_WIDTH: number;
  readonly OUTPUT_WIDTH: number;
  readonly SPECTRUM_WIDTH: number;
  readonly PRODUCT_WIDTH: number;
  readonly WEIGHT_WIDTH: number;
  /** Bits of a weight in its memory, 8 .. 16. */
  readonly WEIGHT_BITS: number;
  readonly BIAS_WIDTH: number;
  readonly LAYER_WIDTH: number;
}

/** The shape of an engine, which its user chooses; the memories follow from the network. */
export type PipelineShape = Pick<PipelineParameters, "LOG2_PATHS" | "BLOCKS" | "LOG2_STREAM"> &
  Partial<Pick<PipelineParameters, "LOG2_K_MAX" | "VECTOR" | "TABLES" | "WEIGHT_BITS">>;

/** log2 of the words of the widest beat: a row, which is what the memories take in a cycle. */
export function widestStream(LOG2_PATHS: number): number {
  return LOG2_PATHS + 1;
}

/** 64 complex multipliers: 16 output blocks by 4 locations, streams of 128 bits. */
export const DEFAULT_SHAPE: PipelineShape = { LOG2_PATHS: 2, BLOCKS: 16, LOG2_STREAM: widestStream(2) };

/** Least widths that the Verilog can be built with. */
export function smallestWidths({ LOG2_PATHS }: PipelineShape, log2KMax: number): PipelineWidths {
  const words = LOG2_PATHS + 2;
  return {
    INPUT_WIDTH: words,
    ACTIVATION_WIDTH: words,
    OUTPUT_WIDTH: words,
    SPECTRUM_WIDTH: log2KMax - LOG2_PATHS,
    PRODUCT_WIDTH: log2KMax - LOG2_PATHS + 2,
    WEIGHT_WIDTH: 1,
    BIAS_WIDTH: 1,
    LAYER_WIDTH: 1,
  };
}

export type PipelineWidths = Pick<
  PipelineParameters,
  | "INPUT_WIDTH"
  | "ACTIVATION_WIDTH"
  | "OUTPUT_WIDTH"
  | "SPECTRUM_WIDTH"
  | "PRODUCT_WIDTH"
  | "WEIGHT_WIDTH"
  | "BIAS_WIDTH"
  | "LAYER_WIDTH"
>;

export function log2Ceil(words: number): number {
  return Math.ceil(Math.log2(Math.max(1, words)));
}
