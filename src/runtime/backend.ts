import type { Schedule } from "../fft/schedule.ts";
import type { DenseTrace } from "../layers/dense.ts";

/** Which transform of a layer: of its inputs or of its outputs. */
export type Direction = "forward" | "inverse";

/** Something that runs one network's layers. The views stay the same for its whole life. */
export interface Backend {
  readonly name: "wasm" | "reference";
  /** Words of the input, natural order. */
  readonly input: Int16Array;
  /** Words of the output, natural order. */
  readonly output: Int16Array;
  /** Bytes of wasm memory. */
  readonly memoryBytes: number;
  /** Overwrites `input` with the words of an item's pixels. */
  setPixels(pixels: Uint8Array | Uint8ClampedArray): void;
  /** Overwrites `input` with the words of an item's real values, scale = 2^fractionBits. False if one is NaN. */
  setReals(reals: Float32Array, scale: number): boolean;
  /** Overwrites `output` with the network's words for `input`. */
  run(): void;
  /** Every tensor of every layer for `input`. */
  trace(): DenseTrace[];
  /**
   * The words of a block after each stage of one of its transforms, in the order in which stages are computed;
   * as the reference's `StageObserver` sees them.
   */
  stages(direction: Direction, block: Int16Array, schedule: Schedule): Int16Array[];
}
