import { log2BlockSize } from "../fft/order.ts";
import { clipBounds } from "../layers/activation.ts";
import type { DenseLayer } from "../layers/dense.ts";
import type { Chunk, LayerParts, LayerPlan, Region } from "./plan.ts";
import type { Step } from "./program.ts";
import { LANES, tileBytes, tileCount } from "./tiles.ts";

/** Adds a step; the step of the trace differs in where accumulators go. */
export type Emit = (
  operation: Step["operation"],
  operands: readonly number[],
  traceOperands?: readonly number[],
) => void;

/** The steps of a layer from the tiles at `from` to the tiles at `to`. */
export function emitLayer(
  layer: DenseLayer,
  parts: LayerParts,
  from: number,
  to: number,
  operands: number,
  count: () => number,
  emit: Emit,
): Omit<LayerPlan, keyof LayerParts> {
  const { k, shift } = layer;
  const { stages, p, q, plain } = parts;
  const inputTiles = tileCount(layer.in, k);
  const outputTiles = tileCount(layer.out, k);
  if (plain) {
    const call = [from, Math.ceil(q / 2), plain.weights.offset, to, outputTiles, shift];
    emit("product1", [...call, 0], [...call, plain.accumulators.offset]);
  } else {
    emit("rfft", [from, inputTiles, stages, layer.forward, 1, stages]);
    emit("spreadOperands", [from, inputTiles, stages, operands]);
    for (const chunk of parts.chunks) emitChunk(chunk, { row: 64 * inputTiles, stages, shift }, operands, to, emit);
  }
  const productStep = count();
  if (!plain) emit("irfft", [to, outputTiles, stages, layer.inverse, stages, 1]);
  const inverseStep = count();
  const { lo, hi } = clipBounds(layer.activation);
  const words = k * tileCount(p, 1);
  emit("biasAndClip", [to, parts.bias.offset, words, lo, hi]);
  if (parts.table) emit("lookUp", [to, parts.table.offset, words]);
  return { spectraOffset: from, outputsOffset: to, productStep, inverseStep, outputStep: count() };
}

/** The product of a chunk, from the operands to its lanes of the tiles at `to`. */
function emitChunk(
  { width, firstBlock, inputs, weights, starts, accumulators }: Chunk,
  { row, stages, shift }: { readonly row: number; readonly stages: number; readonly shift: number },
  operands: number,
  to: number,
  emit: Emit,
): void {
  const bytes = 16 << stages;
  const lane = firstBlock % LANES;
  const products = to + Math.floor(firstBlock / LANES) * bytes;
  if (width === 1 && lane === 0) emit("clear", [products, bytes]);
  const [operation, count] =
    width === 1 ? (["productRow", inputs / 4] as const) : ([`product${width}`, inputs] as const);
  const call = [operands, row, count, weights.offset, starts.offset, products + 2 * lane, stages, shift];
  emit(operation, [...call, 0], [...call, accumulators.offset]);
}

/**
 * The steps between a layer's outputs, in tiles, and the next layer's input tiles, or the network's output.
 *
 * @returns where they are
 */
export function emitPassage(
  layer: DenseLayer,
  next: DenseLayer | undefined,
  mask: Region | undefined,
  from: number,
  free: number,
  emit: Emit,
): number {
  const { k, out } = layer;
  const outputTiles = tileCount(out, k);
  if (next?.k === k) {
    if (mask) emit("mask", [from + (outputTiles - 1) * 16 * k, mask.offset, k]);
    return from;
  }
  const natural = k === 1 ? from : free;
  if (k > 1) emit("naturalFromTile", [from, natural, outputTiles, log2BlockSize(k)]);
  if (!next) return natural;
  const tailBytes = tileBytes(next.in, next.k) - 2 * out;
  if (tailBytes > 0) emit("clear", [natural + 2 * out, tailBytes]);
  if (next.k === 1) return natural;
  const to = natural === from ? free : from;
  emit("tileFromNatural", [natural, to, tileCount(next.in, next.k), log2BlockSize(next.k)]);
  return to;
}
