import { log2BlockSize } from "../fft/order.ts";
import { clipBounds } from "../layers/activation.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import { packBias, packMask, packPlainWeights } from "./pack.ts";
import type { Place } from "./plan.ts";
import type { Step } from "./program.ts";
import { LANES, tileBytes, tileCount } from "./tiles.ts";

/** Output blocks that one product kernel makes at once; `width` of them have room, the last may stand for none. */
export interface Chunk {
  readonly firstBlock: number;
  readonly width: 1 | 4 | 8 | 16;
  /** Input blocks that the kernel reads for each bin, those past q with weights of 0. */
  readonly inputs: number;
}

/** Where words stand in tiles of blocks of k. */
export interface Tiles {
  readonly at: number;
  readonly k: number;
}

/** Where a dense layer's tensors are whole, for its trace. */
export interface DensePlan {
  readonly kind: "dense";
  readonly chunks: readonly Chunk[];
  /** Tiles of the spectra, and of products, transforms and outputs one after another. For k = 1 natural order. */
  readonly spectra: number;
  readonly outputs: number;
  /** True if the outputs stay in tiles. */
  readonly keepsTiles: boolean;
  /** Where the kernels put int32 sums if asked to; 4 * k * width bytes for each chunk. */
  readonly accumulators: number;
  /**
   * Steps after which spectra, accumulators and products are whole, then transforms, then outputs. A trace makes two
   * steps of the inverse transform: the transform, then bias and clamp.
   */
  readonly productStep: number;
  readonly inverseStep: number;
  readonly outputStep: number;
}

/**
 * A dense layer: the lanes of its tiles are blocks. Where the words of a tensor do not fill whole tiles they pass
 * through a staging buffer that does.
 *
 * @param tiles      where the input stands in tiles of its k or more, if it does
 * @param keepsTiles whether the output stays in tiles
 */
export function planDense(
  layer: DenseLayer,
  place: Place,
  tiles: Tiles | undefined,
  keepsTiles: boolean,
): DensePlan & { readonly steps: readonly Step[] } {
  return layer.k === 1 ? planPlain(layer, place) : planBlocks(layer, place, tiles, keepsTiles);
}

function planPlain(layer: DenseLayer, { layout, name, from: [x], to, holds }: Place): ReturnType<typeof planDense> {
  const { in: inputs, out, shift } = layer;
  const count = tileCount(out, 1);
  const weights = layout.constant(`${name} weights`, () => packPlainWeights(layer));
  const accumulators = layout.shared("accumulators", 32 * count);
  const product = {
    x,
    pairs: Math.ceil(inputs / 2),
    weights,
    products: to,
    outputs: count,
    half: roundingHalf(shift, holds),
    shift,
    accumulators: 0,
  };
  const finish = { tile: to, count, ...finishOf(layer, { layout, name }) };
  const steps: Step[] = [
    { operation: "product1", operands: product },
    { operation: "biasAndClip", operands: finish },
    ...lookUp(layer, to, { layout, name }),
  ];
  const whole = { chunks: [], keepsTiles: false, accumulators, productStep: 1, inverseStep: 1 };
  return { kind: "dense", ...whole, spectra: x, outputs: to, outputStep: steps.length, steps };
}

function planBlocks(
  layer: DenseLayer,
  place: Place,
  tiles: Tiles | undefined,
  keepsTiles: boolean,
): ReturnType<typeof planDense> {
  const { layout, name } = place;
  const { in: inputs, out, k } = layer;
  const { p, q } = blockGrid(layer);
  const stages = log2BlockSize(k);
  const first = layout.shared("tiles 0", tileBytes(inputs, k));
  const second = layout.shared("tiles 1", tileBytes(inputs, k));
  layout.shared("tiles 0", tileBytes(out, k));
  layout.shared("tiles 1", tileBytes(out, k));
  const splits = tiles ? splitTiles(tiles, layer, [first, second]) : { steps: [], at: first };
  const spectra = splits.at;
  const outputs = spectra === first ? second : first;
  const inputTiles = tileCount(inputs, k);
  const outputTiles = tileCount(out, k);
  const operands = layout.shared("operands", 2 * tileBytes(inputs, k));
  const chunks = planChunks(p, q);
  const sums = chunks.reduce((words, { width }) => words + k * width, 0);
  const row = 64 * inputTiles;

  const steps: Step[] = tiles ? [...splits.steps] : tilesFromTensor(layer, place, spectra);
  const transform = { tile: spectra, tiles: inputTiles, stages, schedule: layer.forward };
  steps.push({ operation: "rfft", operands: transform });
  steps.push({ operation: "spreadOperands", operands: { spectra, tiles: inputTiles, stages, operands } });
  for (const chunk of chunks) steps.push(...chunkSteps(layer, chunk, place, { operands, row, outputs }));
  const productStep = steps.length;
  const inverse = { tile: outputs, tiles: outputTiles, stages, schedule: layer.inverse };
  steps.push({ operation: "irfft", operands: { ...inverse, ...finishOf(layer, place) } });
  const table = lookUp(layer, outputs, place);
  steps.push(...table);
  if (keepsTiles) {
    if (out % (LANES * k) !== 0) {
      const masks = layout.constant(`${name} mask`, () => packMask(layer));
      const tile = outputs + (outputTiles - 1) * 16 * k;
      steps.push({ operation: "mask", operands: { tile, masks, count: k } });
    }
  } else steps.push(...tensorFromTiles(layer, place, outputs));
  return {
    kind: "dense",
    chunks,
    spectra,
    outputs,
    keepsTiles,
    accumulators: layout.shared("accumulators", 4 * sums),
    productStep,
    inverseStep: productStep + 1,
    outputStep: productStep + 2 + table.length,
    steps,
  };
}

/** Tiles of larger blocks as tiles of the layer's, from one of two places to the other in as many steps as it takes. */
function splitTiles({ at, k }: Tiles, layer: DenseLayer, [first, second]: readonly [number, number]) {
  const steps: Step[] = [];
  for (; k > layer.k; at = at === first ? second : first) {
    const to = at === first ? second : first;
    const operation = k >= 4 * layer.k ? "quarterBlocks" : "halveBlocks";
    const operands = { from: at, to, tiles: tileCount(layer.in, k), stages: log2BlockSize(k) };
    steps.push({ operation, operands });
    k /= operation === "quarterBlocks" ? 4 : 2;
  }
  return { steps, at };
}

function tilesFromTensor({ in: words, k }: DenseLayer, { layout, from: [x] }: Place, tile: number): Step[] {
  const bytes = tileBytes(words, k);
  const isWhole = bytes === 2 * words;
  const natural = isWhole ? x : layout.shared("staging", bytes);
  const passage: Step[] = [
    { operation: "copy", operands: { to: natural, words: x, bytes: 2 * words } },
    { operation: "clear", operands: { to: natural + 2 * words, bytes: bytes - 2 * words } },
  ];
  const call = { natural, tile, tiles: tileCount(words, k), stages: log2BlockSize(k) };
  return [...(isWhole ? [] : passage), { operation: "tileFromNatural", operands: call }];
}

/** Bias and clamp of tiles, or of whole vectors in natural order for k = 1. */
function finishOf(layer: DenseLayer, { layout, name }: Pick<Place, "layout" | "name">) {
  const bias = layout.constant(`${name} bias`, () => packBias(layer));
  return { bias, ...clipBounds(layer.activation) };
}

/** The step of a table activation over tiles or whole vectors; none for others. */
function lookUp({ activation, k, out }: DenseLayer, words: number, { layout, name }: Pick<Place, "layout" | "name">) {
  if (activation.kind !== "table") return [];
  const table = layout.constant(`${name} table`, () => activation.table);
  return [{ operation: "lookUp", operands: { words, table, count: k * tileCount(out, k) } } as const];
}

function tensorFromTiles({ k, out }: DenseLayer, { layout, to }: Place, tile: number): Step[] {
  const bytes = tileBytes(out, k);
  const isWhole = bytes === 2 * out;
  const natural = isWhole ? to : layout.shared("staging", bytes);
  const call = { tile, natural, tiles: tileCount(out, k), stages: log2BlockSize(k) };
  return [
    { operation: "naturalFromTile", operands: call },
    ...(isWhole ? [] : [{ operation: "copy", operands: { to, words: natural, bytes: 2 * out } } as const]),
  ];
}

/** The product of a chunk, from the operands to its lanes of the tiles at `outputs`. */
function chunkSteps(
  layer: DenseLayer,
  chunk: Chunk,
  { layout, name, holds }: Place,
  { operands, row, outputs }: { readonly operands: number; readonly row: number; readonly outputs: number },
): Step[] {
  const { k, shift } = layer;
  const { firstBlock, width, inputs } = chunk;
  const stages = log2BlockSize(k);
  const half = width === 1 ? 0 : roundingHalf(shift, holds);
  const { weights, starts } = packedWeights(layer, chunk, half, { layout, name });
  const lane = firstBlock % LANES;
  const tile = outputs + Math.floor(firstBlock / LANES) * 16 * k;
  const product = { operands, row, weights, starts, products: tile + 2 * lane, stages, shift, accumulators: 0 };
  if (width !== 1) return [{ operation: `product${width}`, operands: { ...product, inputs, half } }];
  const clear: Step = { operation: "clear", operands: { to: tile, bytes: 16 * k } };
  return [...(lane === 0 ? [clear] : []), { operation: "productRow", operands: { ...product, inputs: inputs / 4 } }];
}

/** Regions for the weights and the starts of a chunk: for each bin and input block `width` pairs, for each bin `width` starts. */
function packedWeights(
  layer: DenseLayer,
  { firstBlock, width, inputs }: Chunk,
  half: number,
  { layout, name }: Pick<Place, "layout" | "name">,
): { readonly weights: number; readonly starts: number } {
  const { k } = layer;
  const { p, q } = blockGrid(layer);
  layout.shared("weight row", 2 * q * k);
  const pitch = 4 * width;
  const binPitch = inputs * pitch;
  const which = `of block row ${firstBlock}`;
  const weights = layout.take("constants", `${name} weights ${which}`, (k / 2) * binPitch).offset;
  const starts = layout.take("constants", `${name} starts ${which}`, (k / 2) * pitch).offset;
  const rows = { weights: layer.weights, first: firstBlock, count: Math.min(width, p - firstBlock), rowWords: q * k };
  layout.pack({ ...rows, k, to: weights, starts, pitch, binPitch, half });
  return { weights, starts };
}

/** What accumulators start with so that `requant` need not add it: the half of the rounding, where no sum can wrap. */
export function roundingHalf(shift: number, holds: boolean): number {
  return holds && shift > 0 ? 2 ** (shift - 1) : 0;
}

/** Block rows by 16, the rest by 16, 8, 4 and 1 so that few lanes stay empty. */
function planChunks(p: number, q: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let firstBlock = 0; firstBlock < p; firstBlock += chunks[chunks.length - 1].width) {
    const rest = p - firstBlock;
    const width = rest > 12 ? 16 : rest > 4 ? 8 : rest > 2 ? 4 : 1;
    chunks.push({ firstBlock, width, inputs: width === 1 ? 4 * Math.ceil(q / 4) : q });
  }
  return chunks;
}
