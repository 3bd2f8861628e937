import { blockOf, channelsOf, EPSILON, type WeightedNode } from "./parameters.ts";
import { gradientOf, type Plan, type Rows, type Value } from "./plan.ts";

/** What follows a product: bias or norm, then the activation. */
export interface Finish {
  /** Lays out the way from the product's rows to the value. */
  readonly forward: () => void;
  /** Lays out how the product's rows become those of the value as it stands, so that its gradient sees what it is. */
  readonly adopt?: () => void;
  /** Lays out the way from the value's gradient to the rows of the product's gradient. */
  readonly backward: (to: Rows) => void;
}

/** @param y the product's rows, kept until the backward pass */
export function planFinish(plan: Plan, node: WeightedNode, y: Rows, value: Value): Finish {
  return node.place.norm ? withNorm(plan, node, y, value, node.place.norm) : withBias(plan, node, y, value);
}

function withBias(plan: Plan, node: WeightedNode, y: Rows, value: Value): Finish {
  const { kernels, arena, width, memory, touch } = plan;
  const count = channelsOf(node);
  const relu = node.activation === "relu" ? 1 : 0;
  const shift = memory.parameters + 4 * node.place.bias;
  const shiftGradient = memory.gradient + 4 * node.place.bias;
  const { ones, sums } = memory;
  const negated = arena.take(4 * count);
  return {
    adopt: () => {
      const out = touch(value.primary);
      touch(y);
      plan.run(() => {
        const [from, to] = [out.buffer.address, y.buffer.address];
        const bias = arena.floats(shift, count);
        arena.floats(negated, count).set(bias.map((word) => -word));
        kernels.activate(from, out.table, out.pixel, to, y.table, y.pixel, y.pixels, count, width, ones, negated, 0);
      });
    },
    forward: () => {
      const out = touch(value.primary);
      touch(y);
      plan.run(() => {
        const [from, to] = [y.buffer.address, out.buffer.address];
        kernels.activate(from, y.table, y.pixel, to, out.table, out.pixel, y.pixels, count, width, ones, shift, relu);
      });
    },
    backward: (to) => {
      const d = gradientOf(plan, value);
      touch(y);
      touch(to);
      plan.run(() => {
        const [z, from, out] = [y.buffer.address, d.buffer.address, to.buffer.address];
        kernels.activateBack(
          ...[z, y.table, y.pixel, from, d.table, d.pixel, out, to.table, to.pixel],
          ...[y.pixels, count, width, ones, shift, relu, sums, shiftGradient],
        );
      });
    },
  };
}

function withNorm(
  plan: Plan,
  node: WeightedNode,
  y: Rows,
  value: Value,
  norm: { readonly scale: number; readonly mean: number; readonly variance: number },
): Finish {
  const { kernels, arena, width, memory, touch } = plan;
  const { parameters, gradient, statistics, measured, sums } = memory;
  const count = channelsOf(node);
  const k = blockOf(node);
  const relu = node.activation === "relu" ? 1 : 0;
  const samples = y.pixels * plan.images;
  const [scale, shift, slope, offset] = Array.from({ length: 4 }, () => arena.take(4 * count));
  const [gain, gainGradient] = [parameters, gradient].map((base) => base + 4 * norm.scale);
  const [bias, biasGradient] = [parameters, gradient].map((base) => base + 4 * node.place.bias);
  const [mean, variance] = [norm.mean, norm.variance].map((word) => measured + 4 * word);
  const [fixedMean, fixedVariance] = [norm.mean, norm.variance].map((word) => statistics + 4 * word);
  return {
    forward: () => {
      const out = touch(value.primary);
      touch(y);
      plan.run((fixed) => {
        const [from, to] = [y.buffer.address, out.buffer.address];
        if (fixed) {
          kernels.fold(fixedMean, fixedVariance, gain, bias, count, k, EPSILON, scale, shift);
        } else {
          kernels.moments(from, y.table, y.pixel, y.pixels, count, width, sums);
          kernels.estimate(sums, count, k, samples, mean, variance);
          kernels.fold(mean, variance, gain, bias, count, k, EPSILON, scale, shift);
        }
        kernels.activate(from, y.table, y.pixel, to, out.table, out.pixel, y.pixels, count, width, scale, shift, relu);
      });
    },
    backward: (to) => {
      const d = gradientOf(plan, value);
      touch(y);
      touch(to);
      plan.run(() => {
        const [z, from, out] = [y.buffer.address, d.buffer.address, to.buffer.address];
        const rows = [z, y.table, y.pixel, from, d.table, d.pixel];
        kernels.normBackSums(...rows, y.pixels, count, width, scale, shift, relu, sums);
        kernels.normBackFactors(
          ...[sums, count, k, samples, mean, variance, EPSILON, scale],
          ...[gainGradient, biasGradient, slope, offset],
        );
        const place = [out, to.table, to.pixel, y.pixels, count, width];
        kernels.normBack(...rows, ...place, scale, shift, relu, slope, offset);
      });
    },
  };
}
