import { ShapeError } from "../errors.ts";
import { requant, rshr, sat } from "../fixed/arithmetic.ts";
import { forEachTap, type Window, windowGrid } from "./window.ts";

/** A maximum or mean over windows, each channel by itself. */
export interface PoolLayer extends Window {
  readonly channels: number;
}

/** Words of a mean's window: its reciprocal has five bits or more. */
export const LARGEST_MEAN = 1024;

/**
 * The maximum over each window; padding never wins.
 *
 * @param x height * width * channels words, NHWC
 * @throws ShapeError if x has another length
 * @see docs/arithmetic.md, section 8
 */
export function maxpool(layer: PoolLayer, x: Int16Array): Int16Array {
  const { channels } = layer;
  const outputs = poolOutputs(layer, x).fill(-32768);
  forEachTap(layer, (output, _, pixel) => {
    for (let c = 0; c < channels; c++) {
      const at = output * channels + c;
      outputs[at] = Math.max(outputs[at], x[pixel * channels + c]);
    }
  });
  return outputs;
}

/** How the sum over a window of `count` words becomes its mean: `requant` by a shift, or a rounded reciprocal of 2^15. */
export function meanOf(count: number): { readonly shift: number } | { readonly reciprocal: number } {
  const shift = Math.log2(count);
  return Number.isInteger(shift) ? { shift } : { reciprocal: Math.round(2 ** 15 / count) };
}

/**
 * The mean over each window, which lies inside the picture.
 *
 * @param x height * width * channels words, NHWC
 * @throws ShapeError if x has another length
 * @see docs/arithmetic.md, section 8
 */
export function avgpool(layer: PoolLayer, x: Int16Array): Int16Array {
  const { channels, kernel } = layer;
  const outputs = poolOutputs(layer, x);
  const sums = new Int32Array(outputs.length);
  forEachTap(layer, (output, _, pixel) => {
    for (let c = 0; c < channels; c++) sums[output * channels + c] += x[pixel * channels + c];
  });
  const mean = meanOf(kernel[0] * kernel[1]);
  const finish =
    "shift" in mean ? (sum: number) => requant(sum, mean.shift) : (sum: number) => sat(rshr(sum * mean.reciprocal, 15));
  return Int16Array.from(sums, finish);
}

function poolOutputs(layer: PoolLayer, x: Int16Array): Int16Array {
  const { channels, height, width } = layer;
  const words = height * width * channels;
  if (x.length !== words) throw new ShapeError(`pool input: expected ${words} words, got ${x.length}`);
  const { rows, columns } = windowGrid(layer);
  return new Int16Array(rows * columns * channels);
}
