import { type Activation, TABLE_WORDS } from "../../src/layers/activation.ts";
import type { Conv2dLayer } from "../../src/layers/conv2d.ts";
import { blockGrid, type DenseLayer } from "../../src/layers/dense.ts";
import type { DepthwiseLayer } from "../../src/layers/depthwise.ts";
import { type Operation, operationWords } from "../../src/layers/operation.ts";
import type { Window } from "../../src/layers/window.ts";

/** A fixed sequence of integers: uniform below `n`. */
export type Random = (n: number) => number;

/** Words at which the arithmetic changes its mind. */
export const EDGE_WORDS: readonly number[] = [-32768, -32767, -1, 0, 1, 32766, 32767];

/** mulberry32: the same integers for the same seed on every engine. */
export function createRandom(seed: number): Random {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** How words are drawn: all int16, edges only, small ones, or a mixture. */
export type Draw = "uniform" | "edges" | "small" | "mixed";

export const DRAWS: readonly Draw[] = ["uniform", "edges", "small", "mixed"];

export function randomWords(length: number, draw: Draw, random: Random): Int16Array {
  return Int16Array.from({ length }, () => {
    const kind = draw === "mixed" ? DRAWS[random(3)] : draw;
    if (kind === "edges") return EDGE_WORDS[random(EDGE_WORDS.length)];
    return kind === "small" ? random(401) - 200 : random(65536) - 32768;
  });
}

/** Right shifts of accumulators: the ends, any, and those of real layers. */
function randomShift(random: Random): number {
  return [0, 1, 2, 31, random(32), 8 + random(8)][random(6)];
}

function randomSchedule(k: number, random: Random): number {
  return [0, k - 1, random(k)][random(3)];
}

function randomActivation(random: Random): Activation {
  const kind = random(5);
  if (kind === 0) return { kind: "identity" };
  if (kind === 1) return { kind: "relu" };
  if (kind === 2) return { kind: "table", table: randomWords(TABLE_WORDS, "mixed", random) };
  const bounds = [random(65536) - 32768, random(65536) - 32768].sort((a, b) => a - b);
  return { kind: "clip", lo: bounds[0], hi: kind === 3 ? 32767 : bounds[1] };
}

/** A layer of the given sides, its words drawn so that sums wrap and saturate for "uniform" and "edges". */
export function randomDense(sides: { in: number; out: number; k: number }, draw: Draw, random: Random): DenseLayer {
  const { p, q } = blockGrid(sides);
  return {
    ...sides,
    forward: randomSchedule(sides.k, random),
    inverse: randomSchedule(sides.k, random),
    shift: randomShift(random),
    activation: randomActivation(random),
    weights: randomWords(p * q * sides.k, draw, random),
    bias: randomWords(sides.out, draw, random),
  };
}

/** A window and its picture: any kernel, stride and padding, also one with windows of nothing but padding. */
export function randomWindow(random: Random, mayPad = true): Window {
  const kernel = [1 + random(random(4) === 0 ? 7 : 3), 1 + random(random(4) === 0 ? 7 : 3)] as const;
  const pad = mayPad ? [0, 0, 1, 2, Math.max(...kernel)][random(5)] : 0;
  const side = (length: number) => Math.max(1 + random(10), length - 2 * pad);
  return { height: side(kernel[0]), width: side(kernel[1]), kernel, stride: 1 + random(3), pad };
}

export function randomConv2d(
  sides: { in: number; out: number; k: number },
  window: Window,
  draw: Draw,
  random: Random,
): Conv2dLayer {
  const { p, q } = blockGrid(sides);
  const taps = window.kernel[0] * window.kernel[1];
  return { ...randomDense(sides, draw, random), ...window, weights: randomWords(taps * p * q * sides.k, draw, random) };
}

export function randomDepthwise(channels: number, window: Window, draw: Draw, random: Random): DepthwiseLayer {
  return {
    channels,
    ...window,
    shift: randomShift(random),
    activation: randomActivation(random),
    weights: randomWords(window.kernel[0] * window.kernel[1] * channels, draw, random),
    bias: randomWords(channels, draw, random),
  };
}

/** An operation of a kind with random sides, windows and words. */
export function randomOperation(op: Operation["op"], draw: Draw, random: Random): Operation {
  const channels = 1 + random(20);
  switch (op) {
    case "dense":
    case "conv2d": {
      const k = 2 ** random(6);
      const sides = { k, in: 1 + random(Math.max(8, 3 * k)), out: 1 + random(Math.max(20, 4 * k)) };
      if (op === "dense") return { op, ...randomDense(sides, draw, random) };
      return { op, ...randomConv2d(sides, randomWindow(random), draw, random) };
    }
    case "depthwise":
      return { op, ...randomDepthwise(channels, randomWindow(random), draw, random) };
    case "maxpool":
      return { op, channels, ...randomWindow(random) };
    case "avgpool":
      return { op, channels, ...randomWindow(random, false) };
    case "add": {
      const shifts = [random(31) - 15, random(31) - 15] as const;
      return { op, words: 1 + random(100), shifts, activation: randomActivation(random) };
    }
    case "flatten":
      return { op, words: 1 + random(100) };
  }
}

/** A tensor for each operand of an operation. */
export function randomInputs(operation: Operation, draw: Draw, random: Random): Int16Array[] {
  const { input } = operationWords(operation);
  return Array.from({ length: operation.op === "add" ? 2 : 1 }, () => randomWords(input, draw, random));
}
