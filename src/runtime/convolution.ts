import { log2BlockSize } from "../fft/order.ts";
import { clipBounds } from "../layers/activation.ts";
import type { Conv2dLayer } from "../layers/conv2d.ts";
import { blockGrid } from "../layers/dense.ts";
import { windowGrid } from "../layers/window.ts";
import { roundingHalf } from "./dense.ts";
import { packConvolutionBias, packConvolutionStarts, packConvolutionWeights } from "./pack.ts";
import type { Place } from "./plan.ts";
import type { Step } from "./program.ts";
import { LANES } from "./tiles.ts";

/** What the trace of a convolution of blocks needs. */
export interface ConvolutionPlan {
  readonly kind: "convolution";
  /** Place of each pixel among the operands of a block. */
  readonly positions: Int32Array;
  /** Windows of each group of eight, -1 for none. */
  readonly groups: Int32Array;
  readonly convolve: Step<"convolve">;
  readonly transform: Step<"transformPixels">;
  /** Where the kernels put the int32 sums of a group if asked to. */
  readonly accumulators: number;
}

/** Windows that a kernel takes from consecutive places. */
const FOUR = 4;

/** The operands of a pixel for a bin: (xr, ~xi, xi, xr), or for two input blocks (x0, x0, xk/2, xk/2). */
const OPERAND_BYTES = 8;

/**
 * A convolution of blocks: the lanes are windows. The pixels of the padded picture stand in stride * stride planes, one
 * for each remainder of row and column, so that neighbouring windows find neighbouring pixels under each tap, whatever
 * the stride. Padding is pixels of zeros, and their operands are what the transform makes of zeros.
 */
export function planConvolution(
  layer: Conv2dLayer,
  place: Place,
): ConvolutionPlan & { readonly steps: readonly Step[] } {
  const { layout, name, to, holds } = place;
  const { k, out, shift, kernel, forward, inverse } = layer;
  const { p, q } = blockGrid(layer);
  const stages = log2BlockSize(k);
  const planes = planesOf(layer);
  const tiles = Math.ceil(planes.count / LANES);
  const pitch = OPERAND_BYTES * LANES * tiles;
  const row = q * pitch + 64;
  const operands = layout.shared("operands", (row * k) / 2);
  const positions = pixelPositions(layer, planes);
  const groups = groupWindows(layer, planes);
  const groupCount = groups.length / LANES;

  const { steps, pixels } = wholeBlocks(layer, place, q * k);
  const zeros = layout.shared("zeros", 2 * q * k);
  const places = layout.constant(`${name} pixels`, () => {
    const addresses = new Int32Array(LANES * tiles).fill(zeros);
    for (const [pixel, position] of positions.entries()) addresses[position] = pixels.from + pixel * pixels.bytes;
    return addresses;
  });
  const transform: Step<"transformPixels"> = {
    operation: "transformPixels",
    operands: {
      places,
      tiles,
      q,
      stages,
      schedule: forward,
      tile: layout.shared("tiles 0", 16 * Math.max(8, k)),
      operands,
      row,
      pitch,
    },
  };
  const sink = layout.shared("sink", 2 * out);
  const half = roundingHalf(shift, holds);
  const tapCount = kernel[0] * kernel[1];
  const pairs = Math.ceil(q / 2);
  const taps = layout.constant(`${name} taps`, () => {
    const places = [pairs, q].map((blocks) => tapPlaces(kernel, planes, blocks, pitch));
    return Int32Array.from(places.flat());
  });
  const convolve: Step<"convolve"> = {
    operation: "convolve",
    operands: {
      ...{
        operands,
        row,
        taps,
        pairs: tapCount * pairs,
        count: tapCount * q,
        first: 0,
        end: groupCount,
        half,
        p,
        stages,
      },
      ...{ shift, out },
      groups: layout.constant(`${name} groups`, () => fourPlaces(groups, layer, planes)),
      weights: layout.constant(`${name} weights`, () => packConvolutionWeights(layer)),
      starts: layout.constant(`${name} starts`, () => packConvolutionStarts(layer, half)),
      bias: layout.constant(`${name} bias`, () => packConvolutionBias(layer)),
      places: layout.constant(`${name} windows`, () => groups.map((w) => (w < 0 ? sink : to + 2 * w * out))),
      schedule: inverse,
      tiles: layout.shared("tiles 1", 16 * p * k),
      ...clipBounds(layer.activation),
      accumulators: 0,
      parts: ALL_PARTS,
    },
  };
  const accumulators = layout.shared("accumulators", 32 * p * k);
  return {
    kind: "convolution",
    positions,
    groups,
    convolve,
    transform,
    accumulators,
    steps: [...steps, transform, convolve],
  };
}

/** What `convolve` does for a group: products, inverse transforms, outputs. */
export const PARTS = { products: 1, transforms: 2, outputs: 4 } as const;
const ALL_PARTS = PARTS.products | PARTS.transforms | PARTS.outputs;

/** Pixels of whole blocks: the tensor itself, or a copy with zeros after the channels of each pixel. */
function wholeBlocks({ height, width, in: channels }: Conv2dLayer, { layout, from: [x] }: Place, words: number) {
  const bytes = 2 * words;
  if (channels === words) return { steps: [], pixels: { from: x, bytes } };
  const rows = height * width;
  const to = layout.shared("staging", 16 * Math.ceil((rows * bytes) / 16));
  const call = { picture: x, to, bytes: rows * bytes, word: 0, rows, rowBytes: 2 * channels, lead: 0, pitch: bytes };
  const steps: readonly Step[] = [{ operation: "padPicture", operands: call }];
  return { steps, pixels: { from: to, bytes } };
}

interface Planes {
  readonly rows: number;
  readonly columns: number;
  /** Pixels of all planes. */
  readonly count: number;
  /** Place of a pixel of the padded picture. */
  position(row: number, column: number): number;
}

function planesOf({ height, width, stride, pad }: Conv2dLayer): Planes {
  const rows = Math.ceil((height + 2 * pad) / stride);
  const columns = Math.ceil((width + 2 * pad) / stride);
  return {
    rows,
    columns,
    count: stride * stride * rows * columns,
    position(row, column) {
      const plane = (row % stride) * stride + (column % stride);
      return (plane * rows + Math.floor(row / stride)) * columns + Math.floor(column / stride);
    },
  };
}

function pixelPositions({ height, width, pad }: Conv2dLayer, { position }: Planes): Int32Array {
  const at = (pixel: number) => position(Math.floor(pixel / width) + pad, (pixel % width) + pad);
  return Int32Array.from({ length: height * width }, (_, pixel) => at(pixel));
}

/** For each tap and each of `blocks` places of a pixel the distance in bytes from a window's place to its operand. */
function tapPlaces([rows, columns]: Conv2dLayer["kernel"], { position }: Planes, blocks: number, pitch: number) {
  return Array.from({ length: rows * columns * blocks }, (_, i) => {
    const tap = Math.floor(i / blocks);
    return OPERAND_BYTES * position(Math.floor(tap / columns), tap % columns) + (i % blocks) * pitch;
  });
}

/** Windows by eights, each in two fours of consecutive places that hold as many as can be; -1 where there is none. */
function groupWindows(layer: Conv2dLayer, planes: Planes): Int32Array {
  const { rows, columns } = windowGrid(layer);
  const windows: number[] = [];
  let first = Number.NEGATIVE_INFINITY;
  for (let window = 0; window < rows * columns; window++) {
    const at = windowPlace(window, columns, planes);
    if (at >= first + FOUR) {
      first = at;
      windows.push(-1, -1, -1, -1);
    }
    windows[windows.length - FOUR + at - first] = window;
  }
  while (windows.length % LANES !== 0) windows.push(-1);
  return Int32Array.from(windows);
}

/** For each four the place of its first window in bytes. */
function fourPlaces(groups: Int32Array, layer: Conv2dLayer, planes: Planes): Int32Array {
  const { columns } = windowGrid(layer);
  return Int32Array.from({ length: groups.length / FOUR }, (_, four) => {
    const window = groups[FOUR * four];
    return window < 0 ? 0 : OPERAND_BYTES * windowPlace(window, columns, planes);
  });
}

/** The place of a window's first tap. */
function windowPlace(window: number, columns: number, planes: Planes): number {
  return Math.floor(window / columns) * planes.columns + (window % columns);
}
