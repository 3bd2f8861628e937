import { ShapeError } from "../errors.ts";
import { irfft, rfft } from "../fft/transform.ts";
import { add, requant } from "../fixed/arithmetic.ts";
import { activate } from "./activation.ts";
import { blockGrid, type DenseLayer, type DenseTrace } from "./dense.ts";
import { mapBlocks, multiplyAccumulate, padRows } from "./spectral.ts";
import { forEachTap, type Window, windowGrid } from "./window.ts";

/**
 * A convolution whose `out x in` matrix of channels is block-circulant for every tap; k = 1 is a plain convolution.
 * `in` and `out` count channels. `weights` has R x S taps of p x q halfcomplex spectra, tap by tap, row by row.
 */
export interface Conv2dLayer extends DenseLayer, Window {}

/**
 * Convolution with zero padding, bias and activation: the reference. Each pixel's blocks are transformed once, the sum
 * runs over taps and input blocks before one requantisation and one inverse transform an output block.
 *
 * @param x height * width * in words, NHWC
 * @returns every tensor: spectra pixel by pixel, the others window by window; `outputs` in NHWC order
 * @throws ShapeError if x has another length
 * @see docs/arithmetic.md, section 7
 */
export function conv2d(layer: Conv2dLayer, x: Int16Array): DenseTrace {
  const { k, height, width, weights, bias, activation, out } = layer;
  const words = height * width * layer.in;
  if (x.length !== words) throw new ShapeError(`conv2d input: expected ${words} words, got ${x.length}`);
  const { p, q } = blockGrid(layer);
  const { rows, columns } = windowGrid(layer);
  const windows = rows * columns;
  const spectra = mapBlocks(padRows(x, layer.in, q * k), k, (block) => rfft(block, layer.forward));
  const accumulators = new Int32Array(windows * p * k);
  forEachTap(layer, (output, tap, pixel) => {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) {
        const w = ((tap * p + i) * q + j) * k;
        multiplyAccumulate(accumulators, (output * p + i) * k, spectra, (pixel * q + j) * k, weights, w, k);
      }
    }
  });
  const products = Int16Array.from(accumulators, (acc) => requant(acc, layer.shift));
  const transforms = mapBlocks(products, k, (block) => irfft(block, layer.inverse));
  const outputs = new Int16Array(windows * out);
  for (let output = 0, at = 0; output < windows; output++) {
    for (let c = 0; c < out; c++, at++) {
      outputs[at] = activate(activation, add(transforms[output * p * k + c], bias[c]));
    }
  }
  return { spectra, accumulators, products, transforms, outputs };
}
