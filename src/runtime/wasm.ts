import { OptionError, RuntimeError } from "../errors.ts";
import { bitReverse, log2BlockSize } from "../fft/order.ts";
import type { DenseLayer, DenseTrace } from "../layers/dense.ts";
import type { Backend } from "./backend.ts";
import { instantiate, type Kernels } from "./kernels.ts";
import { packLayer } from "./pack.ts";
import { type LayerPlan, type Plan, planNetwork } from "./plan.ts";
import { STEP_WORDS, writeProgram } from "./program.ts";
import { blocksFromTiles, LANES, naturalFromTiles } from "./tiles.ts";

const PAGE_BYTES = 65536;

/** The network run by the kernels, in an instance and a memory of its own. */
export interface WasmBackend extends Backend {
  readonly kernels: Kernels;
  readonly plan: Plan;
}

/**
 * Loads layers that read one another's outputs into a fresh instance of the kernels. The memory grows once, here.
 *
 * @param pixelWords  the words of the 256 pixels
 * @param memoryBytes the most memory that it may take
 * @throws OptionError if the network needs more
 * @throws RuntimeError if the engine has no more
 */
export function createWasmBackend(
  module: WebAssembly.Module,
  layers: readonly DenseLayer[],
  pixelWords: Int16Array = new Int16Array(256),
  memoryBytes = Number.POSITIVE_INFINITY,
): WasmBackend {
  const kernels = instantiate(module);
  const plan = planNetwork(layers, kernels.heap);
  if (plan.bytes > memoryBytes) {
    throw new OptionError(`memory: expected a network of at most ${memoryBytes} bytes, got ${plan.bytes}`, {
      option: "limits.memoryBytes",
      bytes: plan.bytes,
    });
  }
  grow(kernels.memory, plan.bytes);
  const { buffer } = kernels.memory;
  layers.forEach((layer, i) => {
    packLayer(layer, plan.layers[i], buffer);
  });
  const { program, traceProgram, steps, input, raw } = plan;
  new Int16Array(buffer, plan.pixelTable.offset, 256).set(pixelWords);
  const pixelView = new Uint8Array(buffer, raw.offset, layers[0].in);
  const realView = new Float32Array(buffer, raw.offset, raw.bytes / 4);
  writeProgram(steps, new Int32Array(buffer, program.offset, program.bytes / 4));
  writeProgram(plan.traceSteps, new Int32Array(buffer, traceProgram.offset, traceProgram.bytes / 4));
  return {
    name: "wasm",
    kernels,
    plan,
    input: new Int16Array(buffer, input.offset, layers[0].in),
    output: new Int16Array(buffer, plan.outputOffset, layers[layers.length - 1].out),
    memoryBytes: buffer.byteLength,
    setPixels(pixels) {
      pixelView.set(pixels);
      kernels.wordsFromPixels(raw.offset, plan.pixelTable.offset, input.offset, pixels.length);
    },
    setReals(reals, scale) {
      realView.set(reals);
      return kernels.wordsFromReals(raw.offset, input.offset, realView.length, scale) === 0;
    },
    run() {
      kernels.run(program.offset, steps.length);
    },
    trace: () => trace(kernels, plan, layers),
    stages: (direction, block, schedule) => stages(kernels, plan.scratch.offset, direction, block, schedule),
  };
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch {
    throw new RuntimeError(`memory: expected ${bytes} bytes, the engine refused them`, { bytes });
  }
}

/** Runs the program that stores accumulators too, in pieces, and reads each tensor where it is whole. */
function trace(kernels: Kernels, plan: Plan, layers: readonly DenseLayer[]): DenseTrace[] {
  const { buffer } = kernels.memory;
  let done = 0;
  const runTo = (step: number) => {
    kernels.run(plan.traceProgram.offset + 4 * STEP_WORDS * done, step - done);
    done = step;
  };
  const traces = layers.map(({ k, out }, i) => {
    const layer = plan.layers[i];
    const { p, q, stages, spectraOffset, outputsOffset } = layer;
    const spectra = new Int16Array(q * k);
    const products = new Int16Array(p * k);
    const transforms = new Int16Array(p * k);
    const outputs = new Int16Array(out);
    const inputTiles = new Int16Array(buffer, spectraOffset, Math.ceil(q / LANES) * LANES * k);
    const outputTiles = new Int16Array(buffer, outputsOffset, Math.ceil(p / LANES) * LANES * k);
    runTo(layer.productStep);
    blocksFromTiles(inputTiles, stages, spectra);
    blocksFromTiles(outputTiles, stages, products);
    const accumulators = readAccumulators(buffer, layer, k);
    runTo(layer.inverseStep);
    naturalFromTiles(outputTiles, stages, transforms);
    runTo(layer.outputStep);
    naturalFromTiles(outputTiles, stages, outputs);
    return { spectra, accumulators, products, transforms, outputs };
  });
  runTo(plan.steps.length);
  return traces;
}

function readAccumulators(buffer: ArrayBuffer, { p, chunks, plain }: LayerPlan, k: number): Int32Array {
  if (plain) return new Int32Array(buffer, plain.accumulators.offset, p).slice();
  const result = new Int32Array(p * k);
  for (const { firstBlock, width, accumulators } of chunks) {
    const sums = new Int32Array(buffer, accumulators.offset, k * width);
    for (let block = firstBlock; block < Math.min(p, firstBlock + width); block++) {
      for (let word = 0; word < k; word++) result[block * k + word] = sums[word * width + block - firstBlock];
    }
  }
  return result;
}

/** Transforms one block stage by stage in lane 0 of a tile. */
function stages(kernels: Kernels, tile: number, ...[direction, block, schedule]: Parameters<Backend["stages"]>) {
  const log2 = log2BlockSize(block.length);
  const lane = new Int16Array(kernels.memory.buffer, tile, LANES * block.length);
  const isForward = direction === "forward";
  block.forEach((word, i) => {
    lane[LANES * (isForward ? bitReverse(i, log2) : i)] = word;
  });
  return Array.from({ length: log2 }, (_, i) => {
    const stage = isForward ? i + 1 : log2 - i;
    const transform = isForward ? kernels.rfft : kernels.irfft;
    transform(tile, log2, schedule, stage, stage);
    return block.map((_, word) => lane[LANES * word]);
  });
}
