import type { TrainConfig } from "./config.ts";
import type { Arena, Kernels } from "./kernels.ts";
import type { ParameterShape } from "./parameters.ts";
import type { Shared } from "./shared.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Learning rate at a step: a linear rise over the share `warmup` of all steps, then a cosine down to 0. */
export function rateAt(config: TrainConfig, step: number, totalSteps: number): number {
  const rise = Math.round(config.warmup * totalSteps);
  if (step < rise) return (config.rate * (step + 1)) / rise;
  return (config.rate * (1 + Math.cos((Math.PI * (step - rise)) / Math.max(1, totalSteps - rise)))) / 2;
}

/** AdamW over one worker's slice of the parameters, and their running average. */
export interface Optimiser {
  /** Takes the moments and the average of the slice from the shared arrays. */
  readonly load: () => void;
  /** Gives them back. */
  readonly publish: () => void;
  /** Sums the shards' gradients in order, steps, and writes the slice's new parameters to the shared array. */
  readonly step: (step: number, totalSteps: number) => void;
}

interface Segment {
  readonly first: number;
  readonly words: number;
  readonly decay: number;
}

/** @param slice first word and end of the slice, multiples of 4 */
export function createOptimiser(
  kernels: Kernels,
  arena: Arena,
  config: TrainConfig,
  shape: ParameterShape,
  shared: Shared,
  parameters: number,
  slice: { readonly first: number; readonly end: number },
): Optimiser {
  const { first, end } = slice;
  const words = end - first;
  const state = { mean: arena.take(4 * words), square: arena.take(4 * words), average: arena.take(4 * words) };
  const gradient = arena.take(4 * words);
  const addend = arena.take(4 * words);
  const segments = cut(config, shape, first, end);
  const part = (array: Float32Array) => array.subarray(first, end);
  const names = ["mean", "square", "average"] as const;

  const load = () => {
    for (const name of names) arena.floats(state[name], words).set(part(shared[name]));
  };
  const publish = () => {
    for (const name of names) part(shared[name]).set(arena.floats(state[name], words));
  };
  const step = (at: number, totalSteps: number) => {
    shared.gradients.forEach((shard, index) => {
      arena.floats(index === 0 ? gradient : addend, words).set(part(shard));
      if (index > 0) kernels.accumulate(gradient, addend, words);
    });
    const rate = rateAt(config, at, totalSteps);
    const unbias = Math.sqrt(1 - BETA2 ** (at + 1));
    const adamRate = (rate * unbias) / (1 - BETA1 ** (at + 1));
    for (const segment of segments) {
      const w = parameters + 4 * segment.first;
      const offset = 4 * (segment.first - first);
      const [m, v, g] = [state.mean + offset, state.square + offset, gradient + offset];
      kernels.adamw(w, m, v, g, segment.words, adamRate, BETA1, BETA2, EPSILON * unbias, rate * segment.decay);
      const share = 1 - Math.min(config.average, (1 + at) / (10 + at));
      kernels.follow(state.average + offset, w, segment.words, share);
    }
    part(shared.parameters).set(arena.floats(parameters + 4 * first, words));
  };
  return { load, publish, step };
}

/** The parts of a slice that are weights, which decay, and biases and scales, which do not. */
function cut(config: TrainConfig, shape: ParameterShape, first: number, end: number): Segment[] {
  const border = shape.weightWords;
  return [
    { from: first, to: Math.min(end, border), decay: config.decay },
    { from: Math.max(first, border), to: end, decay: 0 },
  ]
    .filter(({ from, to }) => to > from)
    .map(({ from, to, decay }) => ({ first: from, words: to - from, decay }));
}
