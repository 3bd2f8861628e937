import { bitReverse, log2BlockSize } from "../fft/order.ts";
import type { Conv2dLayer } from "../layers/conv2d.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import type { DepthwiseLayer } from "../layers/depthwise.ts";
import { LANES, tileBytes, tileCount, tilesFromNatural } from "./tiles.ts";

// The constants of operations in the order in which the kernels read them.

/** For each eight outputs, each pair of inputs and each of the outputs the pair of weights. */
export function packPlainWeights(layer: DenseLayer): Int16Array {
  const { p, q } = blockGrid(layer);
  const pairs = Math.ceil(q / 2);
  const to = new Int16Array(2 * LANES * tileCount(p, 1) * pairs);
  for (let output = 0; output < p; output++) {
    const tile = Math.floor(output / LANES);
    for (let input = 0; input < q; input++) {
      const pair = tile * pairs + (input >> 1);
      to[2 * (pair * LANES + (output % LANES)) + (input & 1)] = layer.weights[output * q + input];
    }
  }
  return to;
}

/** The bias in tiles. */
export function packBias({ k, out, bias }: DenseLayer): Int16Array {
  const to = new Int16Array(tileBytes(out, k) / 2);
  tilesFromNatural(bias, log2BlockSize(k), to);
  return to;
}

/** All ones for the words of the last tile that stand for an output. */
export function packMask({ k, out }: DenseLayer): Int16Array {
  const to = new Int16Array(LANES * k);
  const first = Math.floor((out - 1) / (LANES * k)) * LANES * k;
  tilesFromNatural(new Int16Array(out - first).fill(-1), log2BlockSize(k), to);
  return to;
}

/**
 * For each two output blocks, the last of an odd number alone: for bin 0 for each tap and pair of input blocks and each
 * block the words 0 of the pair, then its words k/2; for each other bin for each tap, input block and block (wr, wi).
 */
export function packConvolutionWeights(layer: Conv2dLayer): Int16Array {
  const { k, kernel, weights } = layer;
  const { p, q } = blockGrid(layer);
  const taps = kernel[0] * kernel[1];
  const to = new Int16Array(taps * p * (4 * Math.ceil(q / 2) + q * (k - 2)));
  let at = 0;
  for (let first = 0; first < p; first += 2) {
    const end = Math.min(first + 2, p);
    for (let tap = 0; tap < taps; tap++) {
      for (let j = 0; j < q; j += 2) {
        for (let block = first; block < end; block++, at += 4) {
          const from = ((tap * p + block) * q + j) * k;
          to[at] = weights[from];
          to[at + 2] = weights[from + k / 2];
          if (j + 1 === q) continue;
          to[at + 1] = weights[from + k];
          to[at + 3] = weights[from + k + k / 2];
        }
      }
    }
    for (let bin = 1; bin < k / 2; bin++) {
      for (let tap = 0; tap < taps; tap++) {
        for (let j = 0; j < q; j++) {
          for (let block = first; block < end; block++, at += 2) {
            const from = ((tap * p + block) * q + j) * k;
            to[at] = weights[from + bin];
            to[at + 1] = weights[from + k - bin];
          }
        }
      }
    }
  }
  return to;
}

/**
 * For each two output blocks and bin and each block what its accumulators start with: `half`, the real one besides with
 * the sum of wi over taps and input blocks, which the kernels' real part lacks.
 */
export function packConvolutionStarts(layer: Conv2dLayer, half: number): Int32Array {
  const { k, kernel, weights } = layer;
  const { p, q } = blockGrid(layer);
  const taps = kernel[0] * kernel[1];
  const to = new Int32Array(p * k).fill(half);
  for (let block = 0; block < p; block++) {
    const first = block & ~1;
    const width = Math.min(2, p - first);
    for (let bin = 1; bin < k / 2; bin++) {
      const at = first * k + 2 * (bin * width + block - first);
      for (let tap = 0; tap < taps; tap++) {
        for (let j = 0; j < q; j++) to[at] += weights[((tap * p + block) * q + j) * k + k - bin];
      }
    }
  }
  return to;
}

/** A word of bias for each word of each output block, at its bit-reversed index. */
export function packConvolutionBias(layer: Conv2dLayer): Int16Array {
  const { k, bias } = layer;
  const stages = log2BlockSize(k);
  const to = new Int16Array(blockGrid(layer).p * k);
  for (const [channel, word] of bias.entries()) {
    to[(channel & -k) + bitReverse(channel & (k - 1), stages)] = word;
  }
  return to;
}

/** For k = 1 for each eight output channels, each row of the kernel and each pair of its words 8 pairs of weights. */
export function packPlainConvolutionWeights({ in: inputs, out, kernel, weights }: Conv2dLayer): Int16Array {
  const [rows, columns] = kernel;
  const words = columns * inputs;
  const pairs = Math.ceil(words / 2);
  const to = new Int16Array(2 * LANES * tileCount(out, 1) * rows * pairs);
  for (let channel = 0; channel < out; channel++) {
    for (let row = 0; row < rows; row++) {
      for (let word = 0; word < words; word++) {
        const tap = row * columns + Math.floor(word / inputs);
        const pair = (Math.floor(channel / LANES) * rows + row) * pairs + (word >> 1);
        to[2 * (pair * LANES + (channel % LANES)) + (word & 1)] =
          weights[(tap * out + channel) * inputs + (word % inputs)];
      }
    }
  }
  return to;
}

/** For each eight channels and each pair of taps 8 pairs of weights; an odd last tap is paired with 0. */
export function packTapWeights({ channels, kernel, weights }: Pick<DepthwiseLayer, "channels" | "kernel" | "weights">) {
  const taps = kernel[0] * kernel[1];
  const pairs = Math.ceil(taps / 2);
  const to = new Int16Array(2 * LANES * tileCount(channels, 1) * pairs);
  for (let tap = 0; tap < taps; tap++) {
    for (let channel = 0; channel < channels; channel++) {
      const pair = Math.floor(channel / LANES) * pairs + (tap >> 1);
      to[2 * (pair * LANES + (channel % LANES)) + (tap & 1)] = weights[tap * channels + channel];
    }
  }
  return to;
}

/** Words in natural order with zeros up to a whole vector. */
export function packVectors(words: Int16Array): Int16Array {
  const to = new Int16Array(LANES * tileCount(words.length, 1));
  to.set(words);
  return to;
}
