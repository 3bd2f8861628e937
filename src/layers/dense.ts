import { ShapeError } from "../errors.ts";
import type { Schedule } from "../fft/schedule.ts";
import { irfft, rfft } from "../fft/transform.ts";
import { add, requant } from "../fixed/arithmetic.ts";
import { type Activation, activate } from "./activation.ts";
import { mapBlocks, multiplyAccumulate, padRows } from "./spectral.ts";

/** A block-circulant layer in fixed point. p = ceil(out / k), q = ceil(in / k); k = 1 is a plain dense layer. */
export interface DenseLayer {
  readonly in: number;
  readonly out: number;
  readonly k: number;
  /** Halved stages of the transforms of the inputs. */
  readonly forward: Schedule;
  /** Halved stages of the transforms of the outputs. */
  readonly inverse: Schedule;
  /** Right shift of the accumulators, 0 .. 31. */
  readonly shift: number;
  readonly activation: Activation;
  /** p x q halfcomplex spectra of k words, row by row. */
  readonly weights: Int16Array;
  /** `out` words. */
  readonly bias: Int16Array;
}

/** Every tensor of one layer, in the order in which the layer makes them. Rows of blocks, k words a block. */
export interface DenseTrace {
  /** q*k words: spectra of the input blocks, halfcomplex. */
  readonly spectra: Int16Array;
  /** p*k int32: sums over the input blocks, halfcomplex. */
  readonly accumulators: Int32Array;
  /** p*k words: the accumulators requantised. */
  readonly products: Int16Array;
  /** p*k words: inverse transforms before the bias, natural order. */
  readonly transforms: Int16Array;
  /** `out` words: after bias and activation. */
  readonly outputs: Int16Array;
}

/** Blocks of a layer: p rows of outputs, q columns of inputs. */
export function blockGrid(layer: { in: number; out: number; k: number }): { readonly p: number; readonly q: number } {
  return { p: Math.ceil(layer.out / layer.k), q: Math.ceil(layer.in / layer.k) };
}

/**
 * Product of a block-circulant matrix and a vector in the frequency domain, bias and activation: the reference.
 *
 * @param x `in` words, natural order
 * @returns every tensor of the layer
 * @throws ShapeError if x is not `in` words long
 * @see docs/arithmetic.md, section 7
 */
export function dense(layer: DenseLayer, x: Int16Array): DenseTrace {
  if (x.length !== layer.in) throw new ShapeError(`layer input: expected ${layer.in} words, got ${x.length}`);
  const { p, q } = blockGrid(layer);
  const { k } = layer;
  const spectra = mapBlocks(padRows(x, layer.in, q * k), k, (block) => rfft(block, layer.forward));
  const accumulators = new Int32Array(p * k);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) {
      multiplyAccumulate(accumulators, i * k, spectra, j * k, layer.weights, (i * q + j) * k, k);
    }
  }
  const products = Int16Array.from(accumulators, (acc) => requant(acc, layer.shift));
  const transforms = mapBlocks(products, k, (block) => irfft(block, layer.inverse));
  const outputs = new Int16Array(layer.out);
  for (let n = 0; n < layer.out; n++) outputs[n] = activate(layer.activation, add(transforms[n], layer.bias[n]));
  return { spectra, accumulators, products, transforms, outputs };
}
