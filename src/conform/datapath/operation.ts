import { interpolate } from "../../fixed/arithmetic.ts";
import { type Activation, clipBounds } from "../../layers/activation.ts";
import { blockGrid, type DenseLayer } from "../../layers/dense.ts";
import type { DepthwiseLayer } from "../../layers/depthwise.ts";
import type { Operation } from "../../layers/operation.ts";
import { maxpool, meanOf, type PoolLayer } from "../../layers/pool.ts";
import { mapBlocks, padRows } from "../../layers/spectral.ts";
import type { SumLayer } from "../../layers/sum.ts";
import { forEachTap, type Window, windowGrid } from "../../layers/window.ts";
import type { Transform } from "../../rtl/program.ts";
import { limiter, requantiser, shifter } from "./arithmetic.ts";
import type { Datapath } from "./choices.ts";
import { accumulateBlocks } from "./product.ts";
import { forwardTransform, inverseTransform } from "./transform.ts";
import { arrangedTaps } from "./weights.ts";

/** What a datapath can be asked to do: an operation of a network, or bare transforms. */
export type Step = Operation | Transform;

/** The tensors of a step, as those of the reference, and the words after each stage of its transforms. */
export interface StepTrace {
  readonly spectra?: Int16Array;
  readonly accumulators?: Int32Array;
  readonly products?: Int16Array;
  readonly transforms?: Int16Array;
  readonly outputs: Int16Array;
  /** By stage, 1 up, where the step has a forward or an inverse transform. */
  readonly forwardStages: ReadonlyMap<number, Int16Array>;
  readonly inverseStages: ReadonlyMap<number, Int16Array>;
}

const NO_STAGES = { forwardStages: new Map<number, Int16Array>(), inverseStages: new Map<number, Int16Array>() };
const WHOLE: Window = { height: 1, width: 1, kernel: [1, 1], stride: 1, pad: 0 };

/**
 * Runs a step under a datapath's choices; under those of docs/arithmetic.md it makes the words of the reference.
 *
 * @param withStages also the words after each stage of each transform
 */
export function performUnder(
  datapath: Datapath,
  step: Step,
  inputs: readonly Int16Array[],
  withStages = false,
): StepTrace {
  const [x, y] = inputs;
  switch (step.op) {
    case "rfft":
    case "irfft": {
      const isForward = step.op === "rfft";
      const transform = (isForward ? forwardTransform : inverseTransform)(datapath);
      const { words, stages } = transformAll(transform, x, step.k, step.schedule, step.schedule, withStages);
      return isForward
        ? { ...NO_STAGES, spectra: words, outputs: words, forwardStages: stages }
        : { ...NO_STAGES, transforms: words, outputs: words, inverseStages: stages };
    }
    case "dense":
      return spectral(datapath, { ...step, ...WHOLE }, x, withStages);
    case "conv2d":
      return spectral(datapath, step, x, withStages);
    case "depthwise":
      return depthwise(datapath, step, x);
    case "maxpool":
      return { ...NO_STAGES, outputs: maxpool(step, x) };
    case "avgpool":
      return { ...NO_STAGES, outputs: mean(datapath, step, x) };
    case "add":
      return { ...NO_STAGES, outputs: residual(datapath, step, x, y) };
    case "flatten":
      return { ...NO_STAGES, outputs: x };
  }
}

/** A dense layer is a convolution of one pixel under one tap. */
function spectral(datapath: Datapath, layer: DenseLayer & Window, x: Int16Array, withStages: boolean): StepTrace {
  const { k, out, forward, inverse, bias } = layer;
  const { p, q } = blockGrid(layer);
  const padded = padRows(x, layer.in, q * k);
  const ahead = transformAll(forwardTransform(datapath), padded, k, forward, inverse, withStages);
  const accumulators = accumulateBlocks(datapath, layer, ahead.words);
  const requantise = requantiser(datapath.requantisation, datapath.clamps);
  const shift = Math.min(31, Math.max(0, layer.shift + datapath.extraShift));
  const products =
    datapath.accumulation === "wide"
      ? Int16Array.from(accumulators, (acc) => requantise(acc, shift))
      : Int16Array.from(accumulators, limiter(datapath.clamps));
  const back = transformAll(inverseTransform(datapath), products, k, inverse, forward, withStages);
  const finish = finisher(datapath, layer.activation);
  const { rows, columns } = windowGrid(layer);
  const outputs = new Int16Array(rows * columns * out);
  for (let output = 0, at = 0; output < rows * columns; output++) {
    for (let c = 0; c < out; c++, at++) outputs[at] = finish(back.words[output * p * k + c], bias[c]);
  }
  return {
    spectra: ahead.words,
    accumulators,
    products,
    transforms: back.words,
    outputs,
    forwardStages: ahead.stages,
    inverseStages: back.stages,
  };
}

function transformAll(
  transform: ReturnType<typeof forwardTransform>,
  words: Int16Array,
  k: number,
  schedule: number,
  other: number,
  withStages: boolean,
) {
  const stages = new Map<number, Int16Array>();
  let at = 0;
  const observe = (stage: number, block: Int16Array) => {
    const all = stages.get(stage) ?? new Int16Array(words.length);
    stages.set(stage, all);
    all.set(block, at);
  };
  const result = mapBlocks(words, k, (block) => {
    at = block.byteOffset / 2 - words.byteOffset / 2;
    return transform(block, schedule, other, withStages ? observe : undefined);
  });
  return { words: result, stages };
}

/** Bias and activation of a word. */
function finisher(datapath: Datapath, activation: Activation): (word: number, bias: number) => number {
  const limit = limiter(datapath.clamps);
  const activate = activator(datapath, activation);
  if (!datapath.bias) return activate;
  if (datapath.activation === "before bias") return (word, bias) => limit(activate(word) + bias);
  return (word, bias) => activate(limit(word + bias));
}

function activator({ activation: order, requantisation }: Datapath, activation: Activation): (z: number) => number {
  if (order === "missing") return (z) => z;
  if (activation.kind !== "table") {
    const { lo, hi } = clipBounds(activation);
    return (z) => Math.min(Math.max(z, lo), hi);
  }
  const { table } = activation;
  const shift = shifter(requantisation);
  return (z) => {
    const u = z + 32768;
    const n = u >> 8;
    if (requantisation === "half up") return interpolate(table[n], table[n + 1], u & 255);
    return table[n] + shift((table[n + 1] - table[n]) * (u & 255), 8);
  };
}

function depthwise(datapath: Datapath, layer: DepthwiseLayer, x: Int16Array): StepTrace {
  const { channels, weights, bias, activation } = layer;
  const { rows, columns } = windowGrid(layer);
  const requantise = requantiser(datapath.requantisation, datapath.clamps);
  const shift = Math.min(31, Math.max(0, layer.shift + datapath.extraShift));
  const accumulators = new Int32Array(rows * columns * channels);
  const taps = arrangedTaps(datapath.taps, layer.kernel);
  const isWide = datapath.accumulation === "wide";
  forEachTap(layer, (output, tap, pixel) => {
    for (let c = 0; c < channels; c++) {
      const product = x[pixel * channels + c] * weights[taps[tap] * channels + c];
      accumulators[output * channels + c] += isWide ? product : requantise(product, shift);
    }
  });
  const limit = limiter(datapath.clamps);
  const products = Int16Array.from(accumulators, isWide ? (acc) => requantise(acc, shift) : limit);
  const finish = finisher(datapath, activation);
  const outputs = products.map((word, at) => finish(word, bias[at % channels]));
  return { ...NO_STAGES, accumulators, products, outputs };
}

function mean(datapath: Datapath, layer: PoolLayer, x: Int16Array): Int16Array {
  const { channels, kernel } = layer;
  const { rows, columns } = windowGrid(layer);
  const sums = new Int32Array(rows * columns * channels);
  forEachTap(layer, (output, _, pixel) => {
    for (let c = 0; c < channels; c++) sums[output * channels + c] += x[pixel * channels + c];
  });
  const requantise = requantiser(datapath.requantisation, datapath.clamps);
  const how = meanOf(kernel[0] * kernel[1]);
  const { factor, shift } = "shift" in how ? { factor: 1, shift: how.shift } : { factor: how.reciprocal, shift: 15 };
  return Int16Array.from(sums, (sum) => requantise(sum * factor, shift));
}

function residual(datapath: Datapath, layer: SumLayer, a: Int16Array, b: Int16Array): Int16Array {
  const requantise = requantiser(datapath.requantisation, datapath.clamps);
  const limit = limiter(datapath.clamps);
  const align = (word: number, shift: number) => {
    if (!datapath.alignment) return word;
    return shift >= 0 ? requantise(word, shift) : limit(word << -shift);
  };
  const activate = activator(datapath, layer.activation);
  const [first, second] = layer.shifts;
  return a.map((word, at) => activate(limit(align(word, first) + align(b[at], second))));
}
