import type { DenseLayer } from "../layers/dense.ts";

/** The version of docs/arithmetic.md that a model's words mean; any change of any bit is a new version. */
export const NUMERICS_VERSION = 1;

/** How real inputs become int16 words. */
export interface InputFormat {
  /** For example [28, 28]; the product of the sides is the number of words of the first layer's input. */
  readonly shape: readonly number[];
  /** Real value = word / 2^fractionBits. */
  readonly fractionBits: number;
  /** A uint8 pixel v stands for the real value (v / 255 - mean) / deviation. */
  readonly mean: number;
  readonly deviation: number;
}

/** Fractional bits of a layer's words: real value = word / 2^fractionBits. */
export interface LayerFormat {
  readonly input: number;
  readonly weight: number;
  readonly output: number;
}

/** A layer of the model file: the arithmetic's layer and what its words mean. */
export interface ModelLayer extends DenseLayer {
  readonly name: string;
  readonly format: LayerFormat;
}

/** A compiled network: layers in order, each reading the words that the one before wrote. */
export interface Model {
  readonly input: InputFormat;
  readonly layers: readonly ModelLayer[];
  /** Names of the outputs, or none. */
  readonly labels: readonly string[];
}
