import type { Operation } from "../layers/operation.ts";
import type { MemoryPlan } from "./memory.ts";

/** The version of docs/arithmetic.md that a model's words mean; any change of any bit is a new version. */
export const NUMERICS_VERSION = 1;

/** Sides of a tensor in NHWC order without N; a vector of n words is [1, 1, n]. */
export type Shape = readonly [height: number, width: number, channels: number];

/** How real inputs become int16 words. */
export interface InputFormat {
  readonly shape: Shape;
  /** Real value = word / 2^fractionBits. */
  readonly fractionBits: number;
  /** A uint8 pixel v stands for the real value (v / 255 - mean) / deviation. */
  readonly mean: number;
  readonly deviation: number;
}

/** Fractional bits of the words that an operation reads, of its weights (0 if none) and of those it writes. */
export interface WordFormat {
  readonly input: number;
  readonly weight: number;
  readonly output: number;
}

/** An operation of the model file: the arithmetic's operation, its place in the graph and what its words mean. */
export type ModelOperation = Operation & {
  readonly name: string;
  /** Numbers of the tensors it reads. */
  readonly inputs: readonly number[];
  readonly format: WordFormat;
  /** Bits of a weight in the model file, 8 to 15, which all its weights fit; 16 if absent. */
  readonly weightBits?: number;
};

/** An operation that has weights and a bias. */
export type WeightedOperation = Extract<ModelOperation, { readonly op: "dense" | "conv2d" | "depthwise" }>;

/**
 * A compiled network: operation i reads earlier tensors and writes tensor i + 1; tensor 0 is the network's input, the
 * last tensor its output.
 */
export interface Model {
  readonly input: InputFormat;
  readonly operations: readonly ModelOperation[];
  /** Names of the outputs, or none. */
  readonly labels: readonly string[];
  /** Where the tensors stand, in every realisation. */
  readonly memory: MemoryPlan;
}
