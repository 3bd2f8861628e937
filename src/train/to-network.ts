import type { TrainConfig } from "./config.ts";
import type { ProductNode } from "./graph.ts";
import type { FloatNetwork, FloatNorm, FloatOperation } from "./network.ts";
import {
  blockAt,
  blockOf,
  channelsOf,
  columnsOf,
  EPSILON,
  type ParameterShape,
  type Place,
  type PlacedNode,
  tapsOf,
  type WeightedNode,
} from "./parameters.ts";

/** The network that a parameter vector and the statistics of its norms stand for. */
export function toNetwork(
  config: TrainConfig,
  shape: ParameterShape,
  vector: Float32Array,
  statistics: Float32Array,
): FloatNetwork {
  const { shape: input, mean, deviation } = config.input;
  return {
    input: { shape: input, mean, deviation },
    operations: shape.nodes.map((node) => toOperation(node, vector, statistics)),
    labels: config.labels,
  };
}

function toOperation(node: PlacedNode, vector: Float32Array, statistics: Float32Array): FloatOperation {
  const { name, inputs, output } = node;
  const base = { name, inputs, output };
  switch (node.op) {
    case "flatten":
      return { ...base, op: "flatten" };
    case "add":
      return { ...base, op: "add", activation: node.activation };
    case "maxpool":
      return { ...base, op: "maxpool", window: node.window, stride: node.stride, pad: node.pad };
    case "avgpool":
      return { ...base, op: "avgpool", window: node.window, stride: node.stride };
    default:
      return toWeighted(node, vector, statistics);
  }
}

function toWeighted(node: WeightedNode, vector: Float32Array, statistics: Float32Array): FloatOperation {
  const { name, inputs, output, activation, kernel, stride, pad, place } = node;
  const channels = channelsOf(node);
  const scales = Math.ceil(channels / blockOf(node));
  const part = (from: Float32Array, first: number, words: number) => from.slice(first, first + words);
  const norm: FloatNorm | undefined = place.norm && {
    scale: part(vector, place.norm.scale, scales),
    mean: part(statistics, place.norm.mean, channels),
    variance: part(statistics, place.norm.variance, scales),
    epsilon: EPSILON,
  };
  const bias = part(vector, place.bias, channels);
  const base = { name, inputs, output, activation, bias, ...(norm && { norm }) };
  if (node.op === "depthwise") {
    const weights = part(vector, place.weights, columnsOf(node));
    return { ...base, op: "depthwise", channels, kernel, stride, pad, weights };
  }
  const { in: words, out, k, p, q } = node;
  const product = { ...base, in: words, out, k, p, q, weights: blocksOf(node, vector) };
  return node.op === "dense" ? { ...product, op: "dense" } : { ...product, op: "conv2d", kernel, stride, pad };
}

/** The first columns of the blocks, tap by tap. */
function blocksOf(node: ProductNode & { readonly place: Place }, vector: Float32Array): Float32Array {
  const { k, p, q, place } = node;
  const taps = tapsOf(node);
  const weights = new Float32Array(taps * p * q * k);
  for (let column = 0; column < p * taps * q; column++) {
    const to = blockAt(node, column) * k;
    for (let n = 0; n < k; n++) weights[to + n] = vector[place.weights + n * place.rowWords + column];
  }
  return weights;
}
