import { clipBounds } from "../layers/activation.ts";
import type { Conv2dLayer } from "../layers/conv2d.ts";
import type { DepthwiseLayer } from "../layers/depthwise.ts";
import { meanOf, type PoolLayer } from "../layers/pool.ts";
import type { SumLayer } from "../layers/sum.ts";
import { type Window, windowGrid } from "../layers/window.ts";
import { roundingHalf } from "./dense.ts";
import { packPlainConvolutionWeights, packTapWeights, packVectors } from "./pack.ts";
import type { Place } from "./plan.ts";
import type { Step } from "./program.ts";
import { LANES, tileCount } from "./tiles.ts";

/** What the trace of an operation on windows needs: the step that it repeats for each window. */
export interface WindowPlan {
  readonly kind: "windows";
  readonly step: Step<"convolvePlain" | "sumTaps">;
  /** Words that follow one another for each window. */
  readonly words: number;
  readonly windows: { readonly rows: number; readonly columns: number };
  /** Where a window's int32 sums and its words go if asked to, and a bias of zeros. */
  readonly accumulators: number;
  readonly outputs: number;
  readonly zeros: number;
}

/** A convolution of k = 1: its lanes are output channels. */
export function planPlainConvolution(
  layer: Conv2dLayer,
  place: Place,
): WindowPlan & { readonly steps: readonly Step[] } {
  const { layout, name, to, holds } = place;
  const { in: inputs, out, kernel, shift, bias } = layer;
  const picture = padded(layer, inputs, 0, place);
  const step: Step<"convolvePlain"> = {
    operation: "convolvePlain",
    operands: {
      ...picture.windows,
      ...{ kernelRows: kernel[0], kernelBytes: picture.rowBytes, pairs: Math.ceil((kernel[1] * inputs) / 2) },
      ...{ half: roundingHalf(shift, holds), shift },
      weights: layout.constant(`${name} weights`, () => packPlainConvolutionWeights(layer)),
      bias: layout.constant(`${name} bias`, () => packVectors(bias)),
      ...clipBounds(layer.activation),
      ...{ to, out, accumulators: 0 },
    },
  };
  return { ...traced(step, out, layer, place), steps: [...picture.steps, step] };
}

export function planDepthwise(layer: DepthwiseLayer, place: Place): WindowPlan & { readonly steps: readonly Step[] } {
  const { layout, name } = place;
  const { channels, kernel, shift, bias } = layer;
  const picture = padded(layer, channels, 0, place);
  const step: Step<"sumTaps"> = {
    operation: "sumTaps",
    operands: {
      ...tapsOf(layer, picture, place),
      weights: layout.constant(`${name} weights`, () => packTapWeights(layer)),
      weightBytes: 32 * Math.ceil((kernel[0] * kernel[1]) / 2),
      ...{ scale: 1, shift },
      bias: layout.constant(`${name} bias`, () => packVectors(bias)),
      biasBytes: 16,
      ...clipBounds(layer.activation),
    },
  };
  return { ...traced(step, channels, layer, place), steps: [...picture.steps, step] };
}

/** A mean is a depthwise convolution whose weights are 1 and whose sums are multiplied by a reciprocal. */
export function planAveragePool(layer: PoolLayer, place: Place): { kind: "elementwise"; steps: readonly Step[] } {
  const { layout, name } = place;
  const { channels, kernel } = layer;
  const picture = padded(layer, channels, 0, place);
  const count = kernel[0] * kernel[1];
  const mean = meanOf(count);
  const step: Step<"sumTaps"> = {
    operation: "sumTaps",
    operands: {
      ...tapsOf(layer, picture, place),
      weights: layout.constant(`${name} ones`, () => {
        return packTapWeights({ channels: LANES, kernel, weights: new Int16Array(LANES * count).fill(1) });
      }),
      weightBytes: 0,
      ...("shift" in mean ? { scale: 1, shift: mean.shift } : { scale: mean.reciprocal, shift: 15 }),
      bias: layout.shared("zeros", 2 * LANES),
      biasBytes: 0,
      ...clipBounds({ kind: "identity" }),
    },
  };
  return { kind: "elementwise", steps: [...picture.steps, step] };
}

export function planMaxPool(layer: PoolLayer, place: Place): { kind: "elementwise"; steps: readonly Step[] } {
  const { layout, name, to } = place;
  const { channels, kernel } = layer;
  const picture = padded(layer, channels, -32768, place);
  const step: Step<"maxTaps"> = {
    operation: "maxTaps",
    operands: {
      ...picture.windows,
      channels,
      taps: layout.constant(`${name} taps`, () => tapDistances(kernel, picture.rowBytes, channels)),
      count: kernel[0] * kernel[1],
      to,
    },
  };
  return { kind: "elementwise", steps: [...picture.steps, step] };
}

export function planSum(layer: SumLayer, { from: [a, b], to }: Place): { kind: "elementwise"; steps: readonly Step[] } {
  const [shiftA, shiftB] = layer.shifts;
  const operands = { a, b, to, count: tileCount(layer.words, 1), shiftA, shiftB, ...clipBounds(layer.activation) };
  return { kind: "elementwise", steps: [{ operation: "sum", operands }] };
}

/** The picture with its padding, and the windows in it as the kernels go through them. */
function padded(window: Window, channels: number, word: number, { layout, from: [x] }: Place) {
  const { height, width, stride, pad, kernel } = window;
  const { rows, columns } = windowGrid(window);
  const rowBytes = 2 * (width + 2 * pad) * channels;
  const steps: Step[] = [];
  let picture = x;
  if (pad > 0) {
    const bytes = 16 * Math.ceil(((height + 2 * pad) * rowBytes) / 16);
    picture = layout.shared("staging", bytes);
    const lead = pad * rowBytes + 2 * pad * channels;
    const copy = { picture: x, to: picture, rows: height, rowBytes: 2 * width * channels, pitch: rowBytes };
    steps.push({ operation: "padPicture", operands: { ...copy, bytes, word, lead } });
  }
  const columnBytes = 2 * stride * channels;
  const isOneRow = kernel[0] === 1 && kernel[1] === 1 && stride === 1;
  const grid = isOneRow ? { rows: 1, columns: rows * columns } : { rows, columns };
  return { steps, rowBytes, windows: { picture, ...grid, rowBytes: stride * rowBytes, columnBytes } };
}

/** The taps of a sum in pairs; the partner of an odd last tap has a weight of 0. */
function tapsOf(
  { kernel, channels }: DepthwiseLayer | PoolLayer,
  { windows, rowBytes }: ReturnType<typeof padded>,
  { layout, name, to }: Place,
) {
  const pairs = Math.ceil((kernel[0] * kernel[1]) / 2);
  const taps = layout.constant(`${name} taps`, () => {
    const distances = new Int32Array(2 * pairs);
    distances.set(tapDistances(kernel, rowBytes, channels));
    return distances;
  });
  return { ...windows, channels, taps, pairs, to, accumulators: 0 };
}

/** Bytes from a window's first pixel to each of its taps. */
function tapDistances([rows, columns]: Window["kernel"], rowBytes: number, channels: number): Int32Array {
  return Int32Array.from({ length: rows * columns }, (_, tap) => {
    return Math.floor(tap / columns) * rowBytes + 2 * (tap % columns) * channels;
  });
}

function traced(step: WindowPlan["step"], words: number, window: Window, { layout }: Place): WindowPlan {
  const bytes = 2 * LANES * tileCount(words, 1);
  return {
    kind: "windows",
    step,
    words,
    windows: windowGrid(window),
    accumulators: layout.shared("accumulators", 2 * bytes),
    outputs: layout.shared("sink", bytes),
    zeros: layout.shared("zeros", bytes),
  };
}
