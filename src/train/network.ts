import { ShapeError } from "../errors.ts";

export type Activation = "relu" | "identity";

/** A block-circulant layer y = activation(C x + bias) in float32. */
export interface FloatLayer {
  readonly in: number;
  readonly out: number;
  /** Block size, a power of two from 1 to 2048; 1 is a plain dense layer. */
  readonly k: number;
  /** Block rows, ceil(out / k). */
  readonly p: number;
  /** Block columns, ceil(in / k). */
  readonly q: number;
  readonly activation: Activation;
  /** p * q * k words: the first columns of the blocks, row by row. */
  readonly weights: Float32Array;
  /** `out` words. */
  readonly bias: Float32Array;
}

/** How a byte of the image becomes a real input: (byte / 255 - mean) / deviation. */
export interface FloatInput {
  readonly size: number;
  /** Height and width. */
  readonly shape: readonly [number, number];
  readonly mean: number;
  readonly deviation: number;
}

/** A trained network: what training hands to the compiler. */
export interface FloatNetwork {
  readonly input: FloatInput;
  readonly layers: readonly FloatLayer[];
  /** One name a class. */
  readonly labels?: readonly string[];
}

/** The real input of an image of bytes. */
export function normalise(input: FloatInput, image: Uint8Array): Float32Array {
  if (image.length !== input.size) {
    throw new ShapeError(`image: expected ${input.size} bytes, got ${image.length}`, { length: image.length });
  }
  return Float32Array.from(image, (byte) => (byte / 255 - input.mean) / input.deviation);
}

/**
 * Runs the network on one input, plainly, with double-precision sums.
 *
 * @param x `input.size` words, as of `normalise`
 * @returns the last layer's output
 * @throws ShapeError if x has another length
 */
export function forward(network: FloatNetwork, x: Float32Array): Float32Array {
  return trace(network, x)[network.layers.length];
}

/**
 * The input and every layer's output, for calibration: entry 0 is x, entry l + 1 the output of layer l after its
 * activation.
 */
export function trace(network: FloatNetwork, x: Float32Array): Float32Array[] {
  if (x.length !== network.input.size) {
    throw new ShapeError(`input: expected ${network.input.size} words, got ${x.length}`, { length: x.length });
  }
  const values = [x];
  for (const layer of network.layers) values.push(activate(layer, preActivation(layer, values[values.length - 1])));
  return values;
}

/** C x + bias: what the activation of a layer takes. `x` has `layer.in` words. */
export function preActivation(layer: FloatLayer, x: Float32Array): Float32Array {
  const { k, p, q, out } = layer;
  const z = new Float32Array(out);
  const column = new Float64Array(k);
  for (let i = 0; i < p; i++) {
    column.fill(0);
    for (let j = 0; j < q; j++) addConvolution(column, layer, i, j, x);
    for (let n = 0; n < k && i * k + n < out; n++) z[i * k + n] = column[n] + layer.bias[i * k + n];
  }
  return z;
}

/** sum[n] += sum over m of w_ij[(n - m) mod k] x_j[m]. */
function addConvolution(sum: Float64Array, layer: FloatLayer, i: number, j: number, x: Float32Array): void {
  const { k, q, weights } = layer;
  const from = (i * q + j) * k;
  const words = Math.min(k, layer.in - j * k);
  for (let m = 0; m < words; m++) {
    const value = x[j * k + m];
    if (value === 0) continue;
    for (let n = 0; n < m; n++) sum[n] += weights[from + n - m + k] * value;
    for (let n = m; n < k; n++) sum[n] += weights[from + n - m] * value;
  }
}

function activate(layer: FloatLayer, z: Float32Array): Float32Array {
  return layer.activation === "relu" ? z.map((value) => Math.max(0, value)) : z;
}
