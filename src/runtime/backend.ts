import type { Schedule } from "../fft/schedule.ts";
import type { OperationTrace } from "../layers/operation.ts";

/** Which transform of a dense layer or a convolution: of its inputs or of its outputs. */
export type Direction = "forward" | "inverse";

/** Bytes that a session holds, by what they hold. */
export interface SessionMemory {
  /** The arena of the tensors between operations: the model's memory plan. */
  readonly tensors: number;
  /** What a run writes on its way: transforms, products, padded pictures; and the raw input. */
  readonly working: number;
  /** Weights, biases, tables and the program: what no run writes. */
  readonly constants: number;
}

/** Something that runs one network. The views stay the same for its whole life. */
export interface Backend {
  readonly name: "wasm" | "reference";
  /** Words of the input, natural order. A run may overwrite them. */
  readonly input: Int16Array;
  /** Words of the output, natural order, until the next input is written. */
  readonly output: Int16Array;
  /** Bytes of wasm memory. */
  readonly memoryBytes: number;
  readonly memory: SessionMemory;
  /** Overwrites `input` with the words of an item's pixels. */
  setPixels(pixels: Uint8Array | Uint8ClampedArray): void;
  /** Overwrites `input` with the words of an item's real values, scale = 2^fractionBits. False if one is NaN. */
  setReals(reals: Float32Array, scale: number): boolean;
  /** Writes the real values of `output` from `at` on, unit = 2^-fractionBits. */
  takeReals(unit: number, to: Float32Array, at: number): void;
  /** Overwrites `output` with the network's words for `input`. */
  run(): void;
  /** Runs operation i alone on what stands where it reads. */
  runOperation(i: number): void;
  /** Bytes of wasm memory that hold the constants of operation i. */
  constantBytes(i: number): number;
  /** Every tensor of every operation for `input`. */
  trace(): OperationTrace[];
  /**
   * The words of a block after each stage of one of its transforms, in the order in which stages are computed;
   * as the reference's `StageObserver` sees them.
   */
  stages(direction: Direction, block: Int16Array, schedule: Schedule): Int16Array[];
}
