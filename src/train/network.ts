import { ShapeError } from "../errors.ts";

/** Height, width, channels; a vector of n words is [1, 1, n]. Pixel by pixel, the channels of a pixel together (NHWC). */
export type Shape = readonly [height: number, width: number, channels: number];

export type Activation = "relu" | "identity";

/** How a byte of the image becomes a real input: (byte / 255 - mean) / deviation, all channels alike. */
export interface FloatInput {
  readonly shape: Shape;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Batch normalisation with one scale and one variance a block of k outputs: a scale of its own for every channel would
 * make the rows of a circulant block differ. With k = 1 it is the usual one.
 */
export interface FloatNorm {
  /** p words; of a depthwise operation, one a channel. */
  readonly scale: Float32Array;
  /** One a channel of the output. */
  readonly mean: Float32Array;
  /** As many words as `scale`: the mean of the variances of the block's channels, over images and pixels, biased. */
  readonly variance: Float32Array;
  readonly epsilon: number;
}

interface Base {
  /** Unique; letters, digits, - and _. */
  readonly name: string;
  /** Numbers of the tensors that it reads. */
  readonly inputs: readonly number[];
  readonly output: Shape;
}

interface Weighted extends Base {
  readonly activation: Activation;
  /** One word a channel of the output. */
  readonly bias: Float32Array;
  readonly norm?: FloatNorm;
}

interface Circulant extends Weighted {
  /** Words of the flattened input, or channels. */
  readonly in: number;
  readonly out: number;
  /** Block size, a power of two from 1 to 2048; 1 is a plain matrix. */
  readonly k: number;
  /** Block rows, ceil(out / k). */
  readonly p: number;
  /** Block columns, ceil(in / k). */
  readonly q: number;
}

interface Sliding {
  readonly kernel: readonly [rows: number, columns: number];
  readonly stride: number;
  /** Zeros around the picture. */
  readonly pad: number;
}

/** y = C x. */
export interface FloatDense extends Circulant {
  readonly op: "dense";
  /** p * q * k words: the first columns of the blocks, row by row. */
  readonly weights: Float32Array;
}

/** y[v, u] = sum over the taps (r, s) of C_rs x[v * stride + r - pad, u * stride + s - pad], zeros outside. */
export interface FloatConv extends Circulant, Sliding {
  readonly op: "conv2d";
  /** rows * columns * p * q * k words: the first columns of the blocks of every tap, taps row by row. */
  readonly weights: Float32Array;
}

/** The convolution of every channel by itself. */
export interface FloatDepthwise extends Weighted, Sliding {
  readonly op: "depthwise";
  readonly channels: number;
  /** rows * columns * channels words. */
  readonly weights: Float32Array;
}

/** The largest value of the window's pixels inside the picture. */
export interface FloatMaxPool extends Base {
  readonly op: "maxpool";
  readonly window: readonly [rows: number, columns: number];
  readonly stride: number;
  readonly pad: number;
}

export interface FloatAvgPool extends Base {
  readonly op: "avgpool";
  readonly window: readonly [rows: number, columns: number];
  readonly stride: number;
}

/** The sum of two tensors of one shape. */
export interface FloatAdd extends Base {
  readonly op: "add";
  readonly activation: Activation;
}

/** [h, w, c] as [1, 1, h * w * c]. */
export interface FloatFlatten extends Base {
  readonly op: "flatten";
}

/**
 * An operation. What a weighted one makes of its product y is, with or without norm,
 * z = (y - mean) scale / sqrt(variance + epsilon) + bias or y + bias, then its activation.
 */
export type FloatOperation =
  | FloatDense
  | FloatConv
  | FloatDepthwise
  | FloatMaxPool
  | FloatAvgPool
  | FloatAdd
  | FloatFlatten;

/**
 * A trained network: what training hands to the compiler. Operation i writes tensor i + 1 and reads earlier ones;
 * tensor 0 is the input, the last tensor the output.
 */
export interface FloatNetwork {
  readonly input: FloatInput;
  readonly operations: readonly FloatOperation[];
  /** One name a class. */
  readonly labels: readonly string[];
}

/** The real input of an image of bytes. */
export function normalise(input: FloatInput, image: Uint8Array): Float32Array {
  const size = volume(input.shape);
  if (image.length !== size) {
    throw new ShapeError(`image: expected ${size} bytes, got ${image.length}`, { length: image.length });
  }
  return Float32Array.from(image, (byte) => (byte / 255 - input.mean) / input.deviation);
}

/** Words of a tensor of that shape. */
export function volume(shape: Shape): number {
  return shape[0] * shape[1] * shape[2];
}
