import type { FloatNorm, FloatOperation } from "../train/network.ts";

/** A float operation that has weights. */
export type FloatWeighted = Extract<FloatOperation, { readonly op: "dense" | "conv2d" | "depthwise" }>;

/** Weights and bias with nothing between the sum and the bias. */
export interface Folded {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** What normalisation does to a channel: (y - mean) * factor. */
export interface ChannelNorm {
  readonly factors: Float64Array;
  readonly means: Float64Array;
}

/**
 * Pass: batch normalisation as a factor of the weights and a part of the bias,
 * (y - mean) f + bias = f y + (bias - mean f) with f = scale / sqrt(variance + epsilon). A factor is one a block of
 * outputs, so that a circulant block stays circulant, and one a channel of a depthwise convolution.
 */
export function foldNorm(operation: FloatWeighted): Folded {
  const weights = Float64Array.from(operation.weights);
  const bias = Float64Array.from(operation.bias);
  const { norm } = operation;
  if (!norm) return { weights, bias };
  const factors = factorsOf(norm);
  const { means, factors: ofChannel } = channelNorm(operation, norm);
  // Consecutive words of one factor: a block row of a tap, a word of a depthwise tap.
  const run = operation.op === "depthwise" ? 1 : operation.q * operation.k;
  return {
    weights: weights.map((weight, at) => weight * factors[Math.floor(at / run) % factors.length]),
    bias: bias.map((value, channel) => value - means[channel] * ofChannel[channel]),
  };
}

/** The normalisation of every output channel. */
export function channelNorm(operation: FloatWeighted, norm: FloatNorm): ChannelNorm {
  const k = operation.op === "depthwise" ? 1 : operation.k;
  const factors = factorsOf(norm);
  return {
    factors: Float64Array.from(operation.bias, (_, channel) => factors[Math.floor(channel / k)]),
    means: Float64Array.from(norm.mean),
  };
}

function factorsOf({ scale, variance, epsilon }: FloatNorm): Float64Array {
  return Float64Array.from(scale, (gamma, block) => gamma / Math.sqrt(variance[block] + epsilon));
}
