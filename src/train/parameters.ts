import type { TrainConfig } from "./config.ts";
import { type DepthwiseNode, type GraphNode, lower, type ProductNode } from "./graph.ts";
import { volume } from "./network.ts";
import { normal, stream } from "./random.ts";

/** Added to a variance before its root is taken. */
export const EPSILON = 1e-5;

/**
 * Where the parameters of an operation stand in the vector that is trained. Weights of a product are kept word by word:
 * word n of all blocks of all taps is a row, in the order i, tap, j, so that the transforms of all blocks run side by
 * side; those of a depthwise convolution are one row, tap by tap. Rows, bias and scale are padded with zeros to multiples
 * of 4 words.
 */
export interface Place {
  /** Words of a row of weights. */
  readonly rowWords: number;
  /** First word of the weights. */
  readonly weights: number;
  /** First word of the bias, one a channel. */
  readonly bias: number;
  /** The norm's first word of the scale, and of mean and variance in the vector of statistics. */
  readonly norm?: { readonly scale: number; readonly mean: number; readonly variance: number };
}

export type WeightedNode = (ProductNode | DepthwiseNode) & { readonly place: Place };
export type PlacedNode = WeightedNode | Exclude<GraphNode, ProductNode | DepthwiseNode>;

/** The parameters of a network as one vector, the statistics of its norms as another. */
export interface ParameterShape {
  readonly nodes: readonly PlacedNode[];
  readonly words: number;
  /** Words before this one are weights, which decay. */
  readonly weightWords: number;
  readonly statisticsWords: number;
}

/** Lays out the parameters: the weights of all operations, then all biases, then all scales. */
export function layOut({ input, layers }: Pick<TrainConfig, "input" | "layers">): ParameterShape {
  const nodes = lower(layers, input.shape);
  const weighted = nodes.filter(isWeighted);
  const words = counter();
  const statistics = counter();
  const weights = weighted.map((node) => words.take(wordsOf(node) * rowWordsOf(node)));
  const weightWords = words.total();
  const biases = weighted.map((node) => words.take(roundUp(channelsOf(node))));
  const norms = weighted.map((node) =>
    node.norm
      ? {
          scale: words.take(roundUp(Math.ceil(channelsOf(node) / blockOf(node)))),
          mean: statistics.take(roundUp(channelsOf(node))),
          variance: statistics.take(roundUp(Math.ceil(channelsOf(node) / blockOf(node)))),
        }
      : undefined,
  );
  const placed = weighted.map((node, index): WeightedNode => {
    const place = { rowWords: rowWordsOf(node), weights: weights[index], bias: biases[index], norm: norms[index] };
    return { ...node, place };
  });
  return {
    nodes: nodes.map((node) => (isWeighted(node) ? placed[weighted.indexOf(node)] : node)),
    words: words.total(),
    weightWords,
    statisticsWords: statistics.total(),
  };
}

/** Channels of an operation's output. */
export function channelsOf(node: ProductNode | DepthwiseNode): number {
  return node.output[2];
}

/** Outputs that share a scale. */
export function blockOf(node: ProductNode | DepthwiseNode): number {
  return node.op === "depthwise" ? 1 : node.k;
}

/**
 * Normal weights of the variance 2 / fan-in before a relu and 1 / fan-in else (He et al., 2015); biases 0; scales 1, and
 * 0 at the end of a residual's branch.
 */
export function initialise(shape: ParameterShape, seed: number): Float32Array {
  const vector = new Float32Array(shape.words);
  shape.nodes.filter(isWeighted).forEach((node, index) => {
    const { place } = node;
    const random = stream(seed, 0, index);
    const fan = tapsOf(node) * (node.op === "depthwise" ? 1 : node.in);
    const deviation = Math.sqrt((node.activation === "relu" ? 2 : 1) / fan);
    for (let column = 0; column < columnsOf(node); column++) {
      for (let n = 0; n < wordsOf(node); n++) {
        vector[place.weights + n * place.rowWords + column] = normal(random) * deviation;
      }
    }
    const scales = Math.ceil(channelsOf(node) / blockOf(node));
    if (place.norm && !node.branchEnd) vector.fill(1, place.norm.scale, place.norm.scale + scales);
  });
  return vector;
}

/** Statistics before any are known: mean 0 and variance 1. */
export function initialStatistics(shape: ParameterShape): Float32Array {
  const vector = new Float32Array(shape.statisticsWords);
  for (const node of shape.nodes) {
    if (!isWeighted(node) || !node.place.norm) continue;
    const { variance } = node.place.norm;
    vector.fill(1, variance, variance + Math.ceil(channelsOf(node) / blockOf(node)));
  }
  return vector;
}

/** The block of a network's weights (tap, i, j) that a column of the vector (i, tap, j) holds. */
export function blockAt(node: ProductNode, column: number): number {
  const { p, q } = node;
  const taps = tapsOf(node);
  const i = Math.floor(column / (taps * q));
  const tap = Math.floor(column / q) % taps;
  return (tap * p + i) * q + (column % q);
}

export function isWeighted<N extends GraphNode>(node: N): node is N & (ProductNode | DepthwiseNode) {
  return node.op === "dense" || node.op === "conv2d" || node.op === "depthwise";
}

/** Pixels of the kernel. */
export function tapsOf(node: ProductNode | DepthwiseNode): number {
  return node.kernel[0] * node.kernel[1];
}

/** Words of a row of weights without padding. */
export function columnsOf(node: ProductNode | DepthwiseNode): number {
  return node.op === "depthwise" ? tapsOf(node) * node.channels : node.p * tapsOf(node) * node.q;
}

function rowWordsOf(node: ProductNode | DepthwiseNode): number {
  return roundUp(columnsOf(node));
}

/** Rows of weights. */
export function wordsOf(node: ProductNode | DepthwiseNode): number {
  return node.op === "depthwise" ? 1 : node.k;
}

/** Words of a network's input. */
export function inputWords(config: TrainConfig): number {
  return volume(config.input.shape);
}

function counter() {
  let words = 0;
  const take = (count: number) => {
    words += count;
    return words - count;
  };
  return { take, total: () => words };
}

function roundUp(words: number): number {
  return Math.ceil(words / 4) * 4;
}
