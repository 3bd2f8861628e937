import type { TrainConfig } from "./config.ts";
import type { FloatLayer, FloatNetwork } from "./network.ts";
import { normal, stream } from "./random.ts";

/**
 * Where a layer's parameters stand in the vector that is trained. Weights are kept word by word: word n of all p * q
 * blocks is a row, so that the transforms of all blocks run side by side; rows and bias are padded with zeros to
 * multiples of 4 words.
 */
export interface LayerShape {
  readonly in: number;
  readonly out: number;
  readonly k: number;
  readonly p: number;
  readonly q: number;
  readonly relu: boolean;
  /** Words of a row of weights. */
  readonly rowWords: number;
  /** First word of the weights. */
  readonly weights: number;
  /** First word of the bias. */
  readonly bias: number;
}

/** The parameters of a network as one vector. */
export interface ParameterShape {
  readonly layers: readonly LayerShape[];
  readonly words: number;
}

/** Lays out the parameters: the weights of all layers, then all biases. */
export function layOut(config: TrainConfig): ParameterShape {
  const inputs = [config.input.shape[0] * config.input.shape[1], ...config.layers.map((layer) => layer.out)];
  const sizes = config.layers.map((layer, index) => {
    const { k, out } = layer;
    const p = Math.ceil(out / k);
    const q = Math.ceil(inputs[index] / k);
    return { in: inputs[index], out, k, p, q, relu: layer.activation === "relu", rowWords: roundUp(p * q) };
  });
  let words = 0;
  const take = (count: number) => {
    words += count;
    return words - count;
  };
  const weights = sizes.map((size) => take(size.k * size.rowWords));
  const biases = sizes.map((size) => take(roundUp(size.out)));
  return { layers: sizes.map((size, index) => ({ ...size, weights: weights[index], bias: biases[index] })), words };
}

/** Normal weights of the variance 2 / in before a relu and 1 / in else (He et al., 2015); biases 0. */
export function initialise(shape: ParameterShape, seed: number): Float32Array {
  const vector = new Float32Array(shape.words);
  shape.layers.forEach((layer, index) => {
    const random = stream(seed, 0, index);
    const deviation = Math.sqrt((layer.relu ? 2 : 1) / layer.in);
    for (let block = 0; block < layer.p * layer.q; block++) {
      for (let n = 0; n < layer.k; n++) vector[layer.weights + n * layer.rowWords + block] = normal(random) * deviation;
    }
  });
  return vector;
}

/** The network that a parameter vector stands for. */
export function toNetwork(config: TrainConfig, shape: ParameterShape, vector: Float32Array): FloatNetwork {
  const [height, width] = config.input.shape;
  return {
    input: { size: height * width, ...config.input },
    layers: shape.layers.map((layer, index) => toLayer(layer, config.layers[index].activation, vector)),
    labels: config.labels,
  };
}

function toLayer(shape: LayerShape, activation: FloatLayer["activation"], vector: Float32Array): FloatLayer {
  const { out, k, p, q } = shape;
  const weights = new Float32Array(p * q * k);
  for (let block = 0; block < p * q; block++) {
    for (let n = 0; n < k; n++) weights[block * k + n] = vector[shape.weights + n * shape.rowWords + block];
  }
  return { in: shape.in, out, k, p, q, activation, weights, bias: vector.slice(shape.bias, shape.bias + out) };
}

function roundUp(words: number): number {
  return (words + 3) & ~3;
}
