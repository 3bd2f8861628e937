import { ShapeError } from "../errors.ts";
import { add, requant } from "../fixed/arithmetic.ts";
import { type Activation, activate } from "./activation.ts";
import { forEachTap, type Window, windowGrid } from "./window.ts";

/** A convolution of every channel by itself: nothing mixes channels, so it has no circulant form. */
export interface DepthwiseLayer extends Window {
  readonly channels: number;
  /** Right shift of the accumulators, 0 .. 31. */
  readonly shift: number;
  readonly activation: Activation;
  /** R x S taps of `channels` words, row by row. */
  readonly weights: Int16Array;
  /** `channels` words. */
  readonly bias: Int16Array;
}

/** The tensors of a depthwise convolution, NHWC: sums over the taps, the same requantised, after bias and activation. */
export interface DepthwiseTrace {
  readonly accumulators: Int32Array;
  readonly products: Int16Array;
  readonly outputs: Int16Array;
}

/**
 * Depthwise convolution with zero padding, bias and activation: the reference.
 *
 * @param x height * width * channels words, NHWC
 * @throws ShapeError if x has another length
 * @see docs/arithmetic.md, section 8
 */
export function depthwise(layer: DepthwiseLayer, x: Int16Array): DepthwiseTrace {
  const { channels, height, width, shift, weights, bias, activation } = layer;
  const words = height * width * channels;
  if (x.length !== words) throw new ShapeError(`depthwise input: expected ${words} words, got ${x.length}`);
  const { rows, columns } = windowGrid(layer);
  const accumulators = new Int32Array(rows * columns * channels);
  forEachTap(layer, (output, tap, pixel) => {
    for (let c = 0; c < channels; c++) {
      accumulators[output * channels + c] += x[pixel * channels + c] * weights[tap * channels + c];
    }
  });
  const products = Int16Array.from(accumulators, (acc) => requant(acc, shift));
  const outputs = products.map((word, at) => activate(activation, add(word, bias[at % channels])));
  return { accumulators, products, outputs };
}
