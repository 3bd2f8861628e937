import type { DenseLayer } from "../layers/dense.ts";
import type { Chunk, LayerPlan, Region } from "./plan.ts";
import { LANES, tilesFromNatural } from "./tiles.ts";

/** Copies a layer's constants into wasm memory, in the order in which the kernels read them. */
export function packLayer(layer: DenseLayer, plan: LayerPlan, memory: ArrayBuffer): void {
  for (const chunk of plan.chunks) {
    packWeights(layer, plan, chunk, words(memory, chunk.weights));
    packStarts(layer, plan, chunk, new Int32Array(memory, chunk.starts.offset, chunk.starts.bytes / 4));
  }
  if (plan.plain) packPlain(layer, plan, words(memory, plan.plain.weights));
  tilesFromNatural(layer.bias, plan.stages, words(memory, plan.bias));
  if (plan.table && layer.activation.kind === "table") words(memory, plan.table).set(layer.activation.table);
  if (plan.mask) packMask(layer, plan.stages, words(memory, plan.mask));
}

function words(memory: ArrayBuffer, { offset, bytes }: Region): Int16Array {
  return new Int16Array(memory, offset, bytes / 2);
}

/** For each bin, input block and output block of the chunk the pair (wr, wi); (w0, wk/2) stands in for bin 0. */
function packWeights({ k, weights }: DenseLayer, { p, q }: LayerPlan, chunk: Chunk, to: Int16Array): void {
  const { firstBlock, width, inputs } = chunk;
  const rows = Math.min(width, p - firstBlock);
  for (let bin = 0; bin < k / 2; bin++) {
    const im = imaginaryWord(k, bin);
    for (let j = 0; j < q; j++) {
      for (let row = 0; row < rows; row++) {
        const from = ((firstBlock + row) * q + j) * k;
        const at = 2 * ((bin * inputs + j) * width + row);
        to[at] = weights[from + bin];
        to[at + 1] = weights[from + im];
      }
    }
  }
}

/** For each bin and output block the sum of wi over the input blocks, which the kernels' real part lacks. */
function packStarts({ k, weights }: DenseLayer, { p, q }: LayerPlan, chunk: Chunk, to: Int32Array): void {
  const { firstBlock, width } = chunk;
  const rows = Math.min(width, p - firstBlock);
  for (let bin = 1; bin < k / 2; bin++) {
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < q; j++) to[bin * width + row] += weights[((firstBlock + row) * q + j) * k + k - bin];
    }
  }
}

/** For each eight outputs, each pair of inputs and each of the outputs the pair of weights. */
function packPlain({ weights }: DenseLayer, { p, q }: LayerPlan, to: Int16Array): void {
  const pairs = Math.ceil(q / 2);
  for (let output = 0; output < p; output++) {
    const tile = Math.floor(output / LANES);
    for (let input = 0; input < q; input++) {
      const pair = tile * pairs + (input >> 1);
      to[2 * (pair * LANES + (output % LANES)) + (input & 1)] = weights[output * q + input];
    }
  }
}

/** All ones for the words of the last tile that stand for an output. */
function packMask({ k, out }: DenseLayer, stages: number, to: Int16Array): void {
  const first = Math.floor((out - 1) / (LANES * k)) * LANES * k;
  tilesFromNatural(new Int16Array(out - first).fill(-1), stages, to);
}

/** The second word of a pair of halfcomplex words: k - bin, or k/2 beside word 0. */
function imaginaryWord(k: number, bin: number): number {
  return bin === 0 ? k / 2 : k - bin;
}
