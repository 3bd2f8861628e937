import { LARGEST_BLOCK } from "./config.ts";
import type { Arena, Kernels } from "./kernels.ts";
import type { LayerShape, ParameterShape } from "./parameters.ts";

/** Computes losses and gradients of shards of a fixed number of images. */
export interface Engine {
  /** Images of a shard. */
  readonly images: number;
  /** Address of the parameter vector; the caller writes it, then calls `prepare`. */
  readonly parameters: number;
  /** Address of the gradient vector, overwritten by `backward`. */
  readonly gradient: number;
  /** Address of the first layer's input: pixel e of image b stands at `input + load(inputTable + 4 e) + 4 b`. */
  readonly input: number;
  readonly inputTable: number;
  /** Address of the labels, one byte an image. */
  readonly labels: number;
  /** Transforms the weights. */
  readonly prepare: () => void;
  /** Runs the layers over the input, which is used up. */
  readonly forward: () => void;
  /** Logits as `classes` rows of the images; `loss` turns them into their gradient. */
  readonly logits: () => Float32Array;
  /** The summed loss and the right answers of the first `live` images; the gradient is multiplied by `factor`. */
  readonly loss: (live: number, smoothing: number, factor: number) => { loss: number; correct: number };
  readonly backward: () => void;
}

interface LayerPlan extends LayerShape {
  readonly log2: number;
  readonly spectra: number;
  readonly gradientSpectra: number;
  readonly spectraStride: number;
  readonly x: number;
  readonly xStride: number;
  readonly y: number;
  readonly d: number;
  readonly yStride: number;
  /** Row tables: element to its row in x (bit-reversed), in the gradient by x (reversed in time as well), ... */
  readonly xTable: number;
  readonly xBackTable: number;
  readonly yTable: number;
  readonly dTable: number;
  readonly xPad: { readonly table: number; readonly count: number };
  readonly dPad: { readonly table: number; readonly count: number };
  readonly order: number;
}

/**
 * Plans the memory of a network for shards of `images` images and binds the kernels to it.
 *
 * The gradient enters the transform backwards in time, which conjugates its spectrum: so the product with the
 * transposed weights is the plain product, and its result comes out backwards in time again.
 *
 * @param images a multiple of 8
 */
export function createEngine(kernels: Kernels, arena: Arena, shape: ParameterShape, images: number): Engine {
  const width = 4 * images;
  const parameters = arena.take(4 * shape.words);
  const gradient = arena.take(4 * shape.words);
  const twiddles = placeTwiddles(arena);
  const layers = shape.layers.map((layer) => planLayer(arena, layer, parameters, gradient, width));
  const head = layers[layers.length - 1];
  const logits = arena.take(width * head.out);
  const logitTable = arena.table(Array.from({ length: head.out }, (_, e) => e * width));
  const labels = arena.take(images);
  const result = arena.take(8);

  const prepare = () => {
    for (const layer of layers) {
      if (layer.k === 1) continue;
      const { k, log2, spectra, spectraStride, order, rowWords } = layer;
      const from = parameters + 4 * layer.weights;
      kernels.permuteRows(spectra, spectraStride, from, 4 * rowWords, order, k, 4 * rowWords, 1 / k);
      kernels.forwardTransform(spectra, log2, spectraStride, 4 * rowWords, twiddles);
    }
  };

  const forward = () => {
    layers.forEach((layer, index) => {
      const { k, log2, p, q, x, xStride, y, yStride, spectra, spectraStride, relu } = layer;
      kernels.clearRows(x, layer.xPad.table, layer.xPad.count, width);
      kernels.forwardTransform(x, log2, xStride, q * width, twiddles);
      kernels.multiply(k, spectra, spectraStride, 4 * q, 4, x, xStride, y, yStride, p, q, width);
      kernels.inverseTransform(y, log2, yStride, p * width, twiddles);
      const next = layers[index + 1];
      const to = next ? next.x : logits;
      const bias = parameters + 4 * layer.bias;
      kernels.activate(y, layer.yTable, to, next ? next.xTable : logitTable, bias, layer.out, width, relu ? 1 : 0);
    });
  };

  const backward = () => {
    for (let index = layers.length - 1; index >= 0; index--) {
      const layer = layers[index];
      const { k, log2, p, q, x, xStride, y, yStride, d, spectra, spectraStride, gradientSpectra, relu, rowWords } =
        layer;
      const next = layers[index + 1];
      const from = next ? next.x : logits;
      const biasGradient = gradient + 4 * layer.bias;
      const fromTable = next ? next.xBackTable : logitTable;
      kernels.activateBack(
        y,
        layer.yTable,
        from,
        fromTable,
        d,
        layer.dTable,
        biasGradient,
        layer.out,
        width,
        relu ? 1 : 0,
      );
      kernels.clearRows(d, layer.dPad.table, layer.dPad.count, width);
      kernels.forwardTransform(d, log2, yStride, p * width, twiddles);
      kernels.correlate(k, d, yStride, x, xStride, gradientSpectra, spectraStride, p, q, width);
      if (k > 1) {
        kernels.inverseTransform(gradientSpectra, log2, spectraStride, 4 * rowWords, twiddles);
        const to = gradient + 4 * layer.weights;
        kernels.permuteRows(to, 4 * rowWords, gradientSpectra, spectraStride, layer.order, k, 4 * rowWords, 1 / k);
      }
      if (index > 0) {
        kernels.multiply(k, spectra, spectraStride, 4, 4 * q, d, yStride, x, xStride, q, p, width);
        kernels.inverseTransform(x, log2, xStride, q * width, twiddles);
      }
    }
  };

  const loss = (live: number, smoothing: number, factor: number) => {
    kernels.crossEntropy(logits, labels, head.out, width, live, smoothing, factor, result);
    const [total, correct] = arena.floats(result, 2);
    return { loss: total, correct };
  };

  return {
    images,
    parameters,
    gradient,
    input: layers[0].x,
    inputTable: layers[0].xTable,
    labels,
    prepare,
    forward,
    logits: () => arena.floats(logits, images * head.out),
    loss,
    backward,
  };
}

function planLayer(arena: Arena, layer: LayerShape, parameters: number, gradient: number, width: number): LayerPlan {
  const { k, p, q } = layer;
  const log2 = Math.log2(k);
  const xStride = rowStride(k, q * width);
  const yStride = rowStride(k, p * width);
  const spectraStride = rowStride(k, 4 * layer.rowWords);
  const forwards = bitReversal(log2);
  const backwards = forwards.map((_, n) => forwards[(k - n) % k]);
  const offsets = (order: readonly number[], stride: number, first: number, end: number) =>
    Array.from({ length: end - first }, (_, index) => {
      const e = first + index;
      return order[e % k] * stride + Math.floor(e / k) * width;
    });
  const pad = (values: number[]) => ({ table: arena.table(values), count: values.length });
  return {
    ...layer,
    log2,
    spectraStride,
    spectra: k === 1 ? parameters + 4 * layer.weights : arena.take(k * spectraStride),
    gradientSpectra: k === 1 ? gradient + 4 * layer.weights : arena.take(k * spectraStride),
    x: arena.take(k * xStride),
    xStride,
    y: arena.take(k * yStride),
    d: arena.take(k * yStride),
    yStride,
    xTable: arena.table(offsets(forwards, xStride, 0, layer.in)),
    xBackTable: arena.table(offsets(backwards, xStride, 0, layer.in)),
    yTable: arena.table(offsets(forwards, yStride, 0, layer.out)),
    dTable: arena.table(offsets(backwards, yStride, 0, layer.out)),
    xPad: pad(offsets(forwards, xStride, layer.in, q * k)),
    dPad: pad(offsets(backwards, yStride, layer.out, p * k)),
    order: arena.table(forwards),
  };
}

/** An odd number of cache lines, so that the rows of a column do not fall on the same few sets of the cache. */
function rowStride(k: number, bytes: number): number {
  return k === 1 ? bytes : 64 * (Math.ceil(bytes / 64) | 1);
}

function bitReversal(log2: number): number[] {
  return Array.from({ length: 2 ** log2 }, (_, index) => {
    let reversed = 0;
    for (let bit = 0; bit < log2; bit++) reversed |= ((index >> bit) & 1) << (log2 - 1 - bit);
    return reversed;
  });
}

function placeTwiddles(arena: Arena): number {
  const count = LARGEST_BLOCK / 4;
  const address = arena.take(8 * count);
  const table = arena.floats(address, 2 * count);
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / LARGEST_BLOCK;
    table[2 * i] = Math.cos(angle);
    table[2 * i + 1] = Math.sin(angle);
  }
  return address;
}
