import type { PoolLayer } from "../layers/pool.ts";
import { forEachTap, type Window, windowGrid } from "../layers/window.ts";
import type { Shape } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { Activation, FloatOperation } from "../train/network.ts";
import { type ChannelNorm, channelNorm, type FloatWeighted, type Folded, foldNorm } from "./fold.ts";
import { inverseBlocks, transformBlocks } from "./transform.ts";

/** A dense layer or a convolution; a dense layer is the convolution of one pixel by one tap. */
export interface ExactProduct extends Window {
  readonly op: "dense" | "conv2d";
  readonly in: number;
  readonly out: number;
  readonly k: number;
  readonly p: number;
  readonly q: number;
  readonly activation: Activation;
  /** R x S taps of p x q halfcomplex spectra of k values: tap by tap, row by row. */
  readonly spectra: Float64Array;
  readonly bias: Float64Array;
  /** What is not folded. */
  readonly norm?: ChannelNorm;
}

export interface ExactDepthwise extends Window {
  readonly op: "depthwise";
  readonly channels: number;
  readonly activation: Activation;
  /** R x S taps of `channels` values. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly norm?: ChannelNorm;
}

/** An operation of the float network in double precision. */
export type ExactOperation = { readonly name: string; readonly inputs: readonly number[]; readonly output: Shape } & (
  | ExactProduct
  | ExactDepthwise
  | ({ readonly op: "maxpool" | "avgpool" } & PoolLayer)
  | { readonly op: "add"; readonly words: number; readonly activation: Activation }
  | { readonly op: "flatten"; readonly words: number }
);

/** What an operation makes of one input; the fields are those of `OperationTrace`. */
export interface ExactTrace {
  readonly spectra?: Float64Array;
  readonly products?: Float64Array;
  readonly transforms?: Float64Array;
  /** Before the activation, for an operation that has one. */
  readonly preActivations?: Float64Array;
  readonly outputs: Float64Array;
}

/**
 * Pass: the operation in double precision with the DFT of every block w_ij.
 *
 * @param shape of the tensor that it reads
 * @param folded whether batch normalisation becomes a part of weights and bias
 */
export function makeExact(operation: FloatOperation, shape: Shape, folded = true): ExactOperation {
  const { name, inputs, output } = operation;
  const channels = shape[2];
  const base = { name, inputs, output };
  switch (operation.op) {
    case "dense":
    case "conv2d": {
      const { op, k, p, q, out, activation } = operation;
      const { weights, bias, ...rest } = parametersOf(operation, folded);
      const window = op === "conv2d" ? windowOf(operation, shape) : POINT;
      const spectra = transformBlocks(weights, k);
      return { ...base, op, in: operation.in, out, k, p, q, activation, ...window, spectra, bias, ...rest };
    }
    case "depthwise": {
      const { op, activation } = operation;
      const window = windowOf(operation, shape);
      return { ...base, op, channels, ...window, activation, ...parametersOf(operation, folded) };
    }
    case "maxpool":
    case "avgpool": {
      const { op, window: kernel, stride } = operation;
      const pad = op === "maxpool" ? operation.pad : 0;
      return { ...base, op, channels, ...windowOf({ kernel, stride, pad }, shape) };
    }
    case "add":
      return { ...base, op: "add", words: volume(shape), activation: operation.activation };
    case "flatten":
      return { ...base, op: "flatten", words: volume(shape) };
  }
}

/** The window of a dense layer. */
export const POINT: Window = { height: 1, width: 1, kernel: [1, 1], stride: 1, pad: 0 };

function windowOf({ kernel, stride, pad }: Omit<Window, "height" | "width">, [height, width]: Shape): Window {
  return { height, width, kernel, stride, pad };
}

function parametersOf(operation: FloatWeighted, folded: boolean): Folded & { norm?: ChannelNorm } {
  const { norm } = operation;
  if (folded || !norm) return foldNorm(operation);
  return { ...foldNorm({ ...operation, norm: undefined }), norm: channelNorm(operation, norm) };
}

/** Runs an operation in double precision. */
export function runExactly(operation: ExactOperation, inputs: readonly Float64Array[]): ExactTrace {
  const [x, y] = inputs;
  switch (operation.op) {
    case "dense":
    case "conv2d": {
      const trace = traceProduct(operation, x);
      const preActivations = addBias(operation, trace.transforms);
      return { ...trace, preActivations, outputs: activateExactly(operation, preActivations) };
    }
    case "depthwise": {
      const products = sumTaps(operation, x);
      const preActivations = finishChannels(operation, products);
      return { products, preActivations, outputs: activateExactly(operation, preActivations) };
    }
    case "maxpool":
      return { outputs: pool(operation, x, Number.NEGATIVE_INFINITY, Math.max) };
    case "avgpool": {
      const count = operation.kernel[0] * operation.kernel[1];
      return { outputs: pool(operation, x, 0, (sum, value) => sum + value).map((sum) => sum / count) };
    }
    case "add": {
      const preActivations = x.map((value, n) => value + y[n]);
      return { preActivations, outputs: activateExactly(operation, preActivations) };
    }
    case "flatten":
      return { outputs: x };
  }
}

/**
 * The product in the frequency domain, before the bias.
 *
 * @param x height * width * in values, NHWC
 * @returns spectra pixel by pixel, products and transforms window by window
 */
export function traceProduct(
  operation: ExactProduct,
  x: Float64Array,
): { readonly spectra: Float64Array; readonly products: Float64Array; readonly transforms: Float64Array } {
  const { p, q, k } = operation;
  const { rows, columns } = windowGrid(operation);
  const spectra = transformBlocks(padBlocks(x, operation.in, q * k), k);
  const products = new Float64Array(rows * columns * p * k);
  const weights = operation.spectra;
  forEachTap(operation, (output, tap, pixel) => {
    if (k === 1) return multiplyMatrix(products, output * p, spectra, pixel * q, weights, tap * p * q, p, q);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) {
        const w = ((tap * p + i) * q + j) * k;
        multiplyAdd(products, (output * p + i) * k, spectra, (pixel * q + j) * k, weights, w, k);
      }
    }
  });
  return { spectra, products, transforms: inverseBlocks(products, k) };
}

/** The pre-activations, window by window. */
export function addBias(operation: ExactProduct, transforms: Float64Array): Float64Array {
  const { p, k, out } = operation;
  if (p * k === out) return finishChannels(operation, transforms);
  const windows = transforms.length / (p * k);
  const values = new Float64Array(windows * out);
  for (let w = 0; w < windows; w++) values.set(transforms.subarray(w * p * k, w * p * k + out), w * out);
  return finishChannels(operation, values);
}

export function activateExactly({ activation }: { readonly activation: Activation }, z: Float64Array): Float64Array {
  return activation === "relu" ? z.map((value) => Math.max(0, value)) : z;
}

/** Rows of `width` values with zeros after each, up to `paddedWidth`. */
function padBlocks(x: Float64Array, width: number, paddedWidth: number): Float64Array {
  if (width === paddedWidth) return x;
  const rows = x.length / width;
  const padded = new Float64Array(rows * paddedWidth);
  for (let row = 0; row < rows; row++) padded.set(x.subarray(row * width, (row + 1) * width), row * paddedWidth);
  return padded;
}

function finishChannels({ bias, norm }: Pick<ExactProduct, "bias" | "norm">, y: Float64Array): Float64Array {
  const channels = bias.length;
  if (!norm) return y.map((value, at) => value + bias[at % channels]);
  const { factors, means } = norm;
  return y.map((value, at) => (value - means[at % channels]) * factors[at % channels] + bias[at % channels]);
}

function sumTaps(operation: ExactDepthwise, x: Float64Array): Float64Array {
  const { channels, weights } = operation;
  const { rows, columns } = windowGrid(operation);
  const sums = new Float64Array(rows * columns * channels);
  forEachTap(operation, (output, tap, pixel) => {
    for (let c = 0; c < channels; c++) {
      sums[output * channels + c] += x[pixel * channels + c] * weights[tap * channels + c];
    }
  });
  return sums;
}

function pool(layer: PoolLayer, x: Float64Array, start: number, join: (a: number, b: number) => number): Float64Array {
  const { channels } = layer;
  const { rows, columns } = windowGrid(layer);
  const result = new Float64Array(rows * columns * channels).fill(start);
  forEachTap(layer, (output, _, pixel) => {
    for (let c = 0; c < channels; c++) {
      const at = output * channels + c;
      result[at] = join(result[at], x[pixel * channels + c]);
    }
  });
  return result;
}

/** y += W x for a p x q matrix, row by row. */
function multiplyMatrix(
  y: Float64Array,
  yAt: number,
  x: Float64Array,
  xAt: number,
  w: Float64Array,
  wAt: number,
  p: number,
  q: number,
): void {
  for (let i = 0; i < p; i++) {
    let sum = 0;
    for (let j = 0; j < q; j++) sum += x[xAt + j] * w[wAt + i * q + j];
    y[yAt + i] += sum;
  }
}

/** y += x o w for the halfcomplex blocks of k values that start at the given places. */
function multiplyAdd(
  y: Float64Array,
  yAt: number,
  x: Float64Array,
  xAt: number,
  w: Float64Array,
  wAt: number,
  k: number,
): void {
  y[yAt] += x[xAt] * w[wAt];
  y[yAt + k / 2] += x[xAt + k / 2] * w[wAt + k / 2];
  for (let bin = 1; bin < k / 2; bin++) {
    const im = k - bin;
    y[yAt + bin] += x[xAt + bin] * w[wAt + bin] - x[xAt + im] * w[wAt + im];
    y[yAt + im] += x[xAt + bin] * w[wAt + im] + x[xAt + im] * w[wAt + bin];
  }
}
