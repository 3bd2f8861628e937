import type { FloatLayer, FloatNetwork } from "../train/network.ts";
import { inverseTransform, mapBlocks, transform } from "./transform.ts";

/** A float layer with the spectra of its blocks: p x q halfcomplex spectra of k values, row by row. */
export interface SpectralLayer extends FloatLayer {
  readonly spectra: Float64Array;
}

/** What a layer makes of one input in double precision. The fields are those of `DenseTrace`. */
export interface ExactTrace {
  readonly spectra: Float64Array;
  readonly products: Float64Array;
  readonly transforms: Float64Array;
}

/** Pass: the DFT of every block w_ij. */
export function transformWeights(network: FloatNetwork): readonly SpectralLayer[] {
  return network.layers.map((layer) => ({
    ...layer,
    spectra: mapBlocks(Float64Array.from(layer.weights), layer.k, transform),
  }));
}

/**
 * The layer's product in the frequency domain, in double precision and before the bias.
 *
 * @param x q*k values, zeros past `in`
 */
export function traceExactly(layer: SpectralLayer, x: Float64Array): ExactTrace {
  const { p, q, k } = layer;
  const spectra = mapBlocks(x, k, transform);
  const products = new Float64Array(p * k);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) {
      multiplyAdd(products, i * k, spectra, j * k, layer.spectra, (i * q + j) * k, k);
    }
  }
  return { spectra, products, transforms: mapBlocks(products, k, inverseTransform) };
}

/** The layer's inputs with zeros after them up to q*k values. */
export function padBlocks(x: ArrayLike<number>, { q, k }: Pick<FloatLayer, "q" | "k">): Float64Array {
  const padded = new Float64Array(q * k);
  padded.set(x);
  return padded;
}

/** The layer's pre-activations: its transforms and the bias. */
export function addBias(layer: FloatLayer, transforms: Float64Array): Float64Array {
  return Float64Array.from(layer.bias, (bias, n) => transforms[n] + bias);
}

/** The layer's activation of its pre-activations. */
export function activateExactly(layer: FloatLayer, z: Float64Array): Float64Array {
  return layer.activation === "relu" ? z.map((value) => Math.max(0, value)) : z;
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
  if (k > 1) y[yAt + k / 2] += x[xAt + k / 2] * w[wAt + k / 2];
  for (let bin = 1; bin < k / 2; bin++) {
    const im = k - bin;
    y[yAt + bin] += x[xAt + bin] * w[wAt + bin] - x[xAt + im] * w[wAt + im];
    y[yAt + im] += x[xAt + bin] * w[wAt + im] + x[xAt + im] * w[wAt + bin];
  }
}
