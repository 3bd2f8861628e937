import { bitReverse, log2BlockSize } from "../fft/order.ts";
import type { Conv2dLayer } from "../layers/conv2d.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import type { Operation, OperationTrace } from "../layers/operation.ts";
import { type ConvolutionPlan, PARTS } from "./convolution.ts";
import type { DensePlan } from "./dense.ts";
import type { OperationPlan } from "./plan.ts";
import { type Step, withOperands } from "./program.ts";
import { blocksFromTiles, LANES, naturalFromTiles } from "./tiles.ts";
import type { WindowPlan } from "./windows.ts";

/** Wasm memory and what runs one step in it. */
export interface Machine {
  readonly buffer: ArrayBuffer;
  run(step: Step): void;
}

/**
 * Runs one operation step by step and reads each tensor where it is whole.
 *
 * @param inputs  the tensors that it reads
 * @param outputs the tensor that it writes, in natural order unless it stays in tiles
 */
export function traceOperation(
  operation: Operation,
  plan: OperationPlan,
  machine: Machine,
  inputs: readonly Int16Array[],
  outputs: Int16Array,
): OperationTrace {
  if (plan.kind === "dense") return traceDense(operation as DenseLayer, plan, machine);
  if (plan.kind === "convolution") return traceConvolution(operation as Conv2dLayer, plan, machine, outputs);
  const spectra = inputs[0].slice();
  for (const step of plan.steps) machine.run(step);
  if (plan.kind === "elementwise") return { outputs: outputs.slice() };
  const { accumulators, products } = traceWindows(plan, machine);
  if (operation.op === "depthwise") return { accumulators, products, outputs: outputs.slice() };
  return { spectra, accumulators, products, transforms: products, outputs: outputs.slice() };
}

function traceDense(
  layer: DenseLayer,
  plan: DensePlan & { readonly steps: readonly Step[] },
  { buffer, run }: Machine,
): OperationTrace {
  const { k, out } = layer;
  const { p, q } = blockGrid(layer);
  const stages = log2BlockSize(k);
  const inputTiles = tilesAt(buffer, plan.spectra, q * k, k);
  const outputTiles = tilesAt(buffer, plan.outputs, p * k, k);
  const [spectra, products, transforms] = [q, p, p].map((blocks) => new Int16Array(blocks * k));
  const outputs = new Int16Array(out);
  let sums = plan.accumulators;
  let chunk = 0;
  const accumulated = plan.steps.flatMap((step): Step | Step[] => {
    if (step.operation === "irfft") return splitInverse(step);
    if (step.operation === "product1") return withOperands(step, { accumulators: sums });
    if (!/^product/.test(step.operation)) return step;
    const traced = withOperands(step as Step<"product16">, { accumulators: sums });
    sums += 4 * k * plan.chunks[chunk++].width;
    return traced;
  });
  const { productStep, inverseStep, outputStep } = plan;
  accumulated.slice(0, productStep).forEach(run);
  blocksFromTiles(inputTiles, stages, spectra);
  blocksFromTiles(outputTiles, stages, products);
  const accumulators = readAccumulators(buffer, plan, p, k);
  accumulated.slice(productStep, inverseStep).forEach(run);
  naturalFromTiles(outputTiles, stages, transforms);
  accumulated.slice(inverseStep, outputStep).forEach(run);
  naturalFromTiles(outputTiles, stages, outputs);
  accumulated.slice(outputStep).forEach(run);
  return { spectra, accumulators, products, transforms, outputs };
}

/** The inverse transform by itself, then bias and clamp. */
function splitInverse(step: Step<"irfft">): Step[] {
  const { tile, tiles, stages, bias, lo, hi } = step.operands;
  const finish = { tile, bias, count: tiles << stages, lo, hi };
  return [withOperands(step, { bias: 0 }), { operation: "biasAndClip", operands: finish }];
}

function tilesAt(buffer: ArrayBuffer, offset: number, words: number, k: number): Int16Array {
  return new Int16Array(buffer, offset, Math.ceil(words / (LANES * k)) * LANES * k);
}

function readAccumulators(buffer: ArrayBuffer, plan: DensePlan, p: number, k: number): Int32Array {
  if (k === 1) return new Int32Array(buffer, plan.accumulators, p).slice();
  const result = new Int32Array(p * k);
  let offset = plan.accumulators;
  for (const { firstBlock, width } of plan.chunks) {
    const sums = new Int32Array(buffer, offset, k * width);
    offset += sums.byteLength;
    for (let block = firstBlock; block < Math.min(p, firstBlock + width); block++) {
      for (let word = 0; word < k; word++) result[block * k + word] = sums[word * width + block - firstBlock];
    }
  }
  return result;
}

/** Group by group: a group's products, transforms and sums stand in memory that the next group takes. */
function traceConvolution(
  layer: Conv2dLayer,
  plan: ConvolutionPlan & { readonly steps: readonly Step[] },
  { buffer, run }: Machine,
  outputs: Int16Array,
): OperationTrace {
  const { k } = layer;
  const { p } = blockGrid(layer);
  const stages = log2BlockSize(k);
  const { convolve, groups } = plan;
  const at = plan.steps.indexOf(convolve);
  plan.steps.slice(0, at).forEach(run);
  const spectra = readSpectra(layer, plan, buffer);
  const blocks = p * k;
  const tiles = new Int16Array(buffer, convolve.operands.tiles, LANES * blocks);
  const sums = new Int32Array(buffer, plan.accumulators, LANES * blocks);
  const windows = groups.filter((window) => window >= 0).length;
  const accumulators = new Int32Array(windows * blocks);
  const products = new Int16Array(windows * blocks);
  const transforms = new Int16Array(windows * blocks);
  for (let first = 0; first < convolve.operands.end; first++) {
    const group = { first, end: first + 1 };
    const lanes = groups.subarray(LANES * first, LANES * (first + 1));
    run(withOperands(convolve, { ...group, parts: PARTS.products, accumulators: plan.accumulators }));
    readLanes(lanes, blocks, (word, lane, to) => {
      accumulators[to] = sums[LANES * word + lane];
      products[to] = tiles[LANES * word + lane];
    });
    run(withOperands(convolve, { ...group, parts: PARTS.transforms }));
    readLanes(lanes, blocks, (word, lane, to) => {
      const location = (word & -k) + bitReverse(word & (k - 1), stages);
      transforms[to] = tiles[LANES * location + lane];
    });
    run(withOperands(convolve, { ...group, parts: PARTS.outputs }));
  }
  plan.steps.slice(at + 1).forEach(run);
  return { spectra, accumulators, products, transforms, outputs: outputs.slice() };
}

/** Goes through the words of the windows of a group; `to` is the place of a word among those of all windows. */
function readLanes(lanes: Int32Array, words: number, visit: (word: number, lane: number, to: number) => void): void {
  for (const [lane, window] of lanes.entries()) {
    if (window < 0) continue;
    for (let word = 0; word < words; word++) visit(word, lane, window * words + word);
  }
}

/** The spectra of the pixels from their operands. */
function readSpectra(layer: Conv2dLayer, plan: ConvolutionPlan, buffer: ArrayBuffer): Int16Array {
  const { k } = layer;
  const { q } = blockGrid(layer);
  const { operands, row, pitch } = plan.transform.operands;
  const words = new Int16Array(buffer, operands, (row * k) / 4);
  const spectra = new Int16Array(plan.positions.length * q * k);
  for (const [pixel, position] of plan.positions.entries()) {
    for (let j = 0; j < q; j++) {
      const to = (pixel * q + j) * k;
      for (let bin = 0; bin < k / 2; bin++) {
        const place = bin === 0 ? j >> 1 : j;
        const at = (bin * row + place * pitch) / 2 + 4 * position + (bin === 0 ? j & 1 : 0);
        spectra[to + bin] = words[at];
        spectra[to + (bin === 0 ? k / 2 : k - bin)] = words[at + 2];
      }
    }
  }
  return spectra;
}

/** Runs each window by itself once more, with a bias of zeros: its words are then the products. */
function traceWindows(plan: WindowPlan, { buffer, run }: Machine) {
  const { step, words, windows } = plan;
  const count = windows.rows * windows.columns;
  const accumulators = new Int32Array(count * words);
  const products = new Int16Array(count * words);
  const { picture, rowBytes, columnBytes } = step.operands;
  const bare = {
    ...{ rows: 1, columns: 1, lo: -32768, hi: 32767, bias: plan.zeros },
    ...{ to: plan.outputs, accumulators: plan.accumulators },
  };
  for (let window = 0; window < count; window++) {
    const row = Math.floor(window / windows.columns);
    const first = picture + row * rowBytes + (window % windows.columns) * columnBytes;
    if (step.operation === "sumTaps") run(withOperands(step, { ...bare, picture: first, biasBytes: 0 }));
    else run(withOperands(step, { ...bare, picture: first }));
    accumulators.set(new Int32Array(buffer, plan.accumulators, words), window * words);
    products.set(new Int16Array(buffer, plan.outputs, words), window * words);
  }
  return { accumulators, products };
}
