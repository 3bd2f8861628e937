import { log2BlockSize } from "../fft/order.ts";
import { TABLE_WORDS } from "../layers/activation.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import { STEP_WORDS, type Step } from "./program.ts";
import { type Emit, emitLayer, emitPassage } from "./steps.ts";
import { LANES, tileBytes, tileCount } from "./tiles.ts";

/** A part of wasm memory. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Output blocks that one product kernel makes at once; `width` of them have room, the last may stand for none. */
export interface Chunk {
  readonly firstBlock: number;
  readonly width: 1 | 4 | 8 | 16;
  /** Input blocks that the kernel reads for each bin, those past q with weights of 0. */
  readonly inputs: number;
  readonly weights: Region;
  readonly starts: Region;
  readonly accumulators: Region;
}

/** Where one layer's tensors lie, and after how many steps of the program each is whole. */
export interface LayerPlan {
  readonly p: number;
  readonly q: number;
  readonly stages: number;
  /** Calls of the product kernels; none for k = 1. */
  readonly chunks: readonly Chunk[];
  /** For k = 1 the plain product. */
  readonly plain: { readonly weights: Region; readonly accumulators: Region } | undefined;
  readonly bias: Region;
  readonly table: Region | undefined;
  readonly mask: Region | undefined;
  /** Tiles of the spectra, and of products, transforms and outputs one after another. */
  readonly spectraOffset: number;
  readonly outputsOffset: number;
  /** Steps after which spectra, accumulators and products are whole, then transforms, then outputs. */
  readonly productStep: number;
  readonly inverseStep: number;
  readonly outputStep: number;
}

/** The memory of a network and the steps that run it: plain data, computed once when the network is loaded. */
export interface Plan {
  readonly layers: readonly LayerPlan[];
  readonly steps: readonly Step[];
  /** The same steps, storing the accumulators too. */
  readonly traceSteps: readonly Step[];
  readonly regions: readonly Region[];
  readonly program: Region;
  readonly traceProgram: Region;
  /** Words of the input in natural order, zeros after them. */
  readonly input: Region;
  /** An item's pixels or float32, before they become words; whole vectors, zeros after the item. */
  readonly raw: Region;
  /** The words of the 256 pixels. */
  readonly pixelTable: Region;
  /** A tile of the largest block size for single transforms. */
  readonly scratch: Region;
  /** Address of the output's words, natural order. */
  readonly outputOffset: number;
  /** Memory in all. */
  readonly bytes: number;
}

/**
 * Lays out the memory of a network of layers that read one another's outputs.
 *
 * Between layers of equal k words stay in tiles, lane = output block = next layer's input block, and only the words
 * past `out` are cleared; where k changes they pass through natural order. Two buffers take turns.
 *
 * @param heap the first free byte
 */
export function planNetwork(layers: readonly DenseLayer[], heap: number): Plan {
  const arena = createArena(heap);
  const first = layers[0];
  const input = arena.take("input", tileBytes(first.in, first.k));
  const raw = arena.take("raw input", 32 * Math.ceil(first.in / 8));
  const pixelTable = arena.take("pixel table", 512);
  const bufferBytes = Math.max(...layers.map((l) => Math.max(tileBytes(l.in, l.k), tileBytes(l.out, l.k))));
  const buffers = [arena.take("buffer 0", bufferBytes), arena.take("buffer 1", bufferBytes)];
  const operands = arena.take("operands", Math.max(...layers.map((l) => 2 * tileBytes(l.in, l.k))));
  const scratch = arena.take("scratch", 16 * Math.max(...layers.map((l) => l.k)));

  const steps: Step[] = [];
  const traceSteps: Step[] = [];
  const emit: Emit = (operation, operands, traceOperands = operands) => {
    steps.push({ operation, operands });
    traceSteps.push({ operation, operands: traceOperands });
  };
  const other = (offset: number) => buffers[offset === buffers[0].offset ? 1 : 0].offset;

  let at = input.offset;
  if (first.k > 1) {
    emit("tileFromNatural", [at, buffers[0].offset, tileCount(first.in, first.k), log2BlockSize(first.k)]);
    at = buffers[0].offset;
  }
  const plans = layers.map((layer, index): LayerPlan => {
    const to = other(at);
    const parts = planLayer(layer, index, layers[index + 1], arena);
    const plan = { ...parts, ...emitLayer(layer, parts, at, to, operands.offset, () => steps.length, emit) };
    at = emitPassage(layer, layers[index + 1], parts.mask, to, other(to), emit);
    return plan;
  });
  const program = arena.take("program", 4 * STEP_WORDS * steps.length);
  const traceProgram = arena.take("trace program", 4 * STEP_WORDS * steps.length);
  const { regions } = arena;
  const bytes = arena.end();
  return {
    layers: plans,
    steps,
    traceSteps,
    regions,
    program,
    traceProgram,
    input,
    raw,
    pixelTable,
    scratch,
    outputOffset: at,
    bytes,
  };
}

/** What a layer needs besides its steps. */
export type LayerParts = Pick<LayerPlan, "p" | "q" | "stages" | "chunks" | "plain" | "bias" | "table" | "mask">;

/** The constant regions of a layer. */
function planLayer(layer: DenseLayer, index: number, next: DenseLayer | undefined, arena: Arena): LayerParts {
  const { k } = layer;
  const { p, q } = blockGrid(layer);
  const take = (name: string, bytes: number) => arena.take(`layer ${index} ${name}`, bytes);
  const chunks = k === 1 ? [] : planChunks(p, q, k, take);
  const outputs = tileCount(p, 1);
  const plain =
    k > 1
      ? undefined
      : {
          weights: take("weights", 32 * outputs * Math.ceil(q / 2)),
          accumulators: take("accumulators", 32 * outputs),
        };
  const isPartial = layer.out % (LANES * k) !== 0;
  return {
    p,
    q,
    stages: log2BlockSize(k),
    chunks,
    plain,
    bias: take("bias", tileBytes(layer.out, k)),
    table: layer.activation.kind === "table" ? take("table", 2 * TABLE_WORDS) : undefined,
    mask: next?.k === k && isPartial ? take("mask", 16 * k) : undefined,
  };
}

/** Block rows by 16, the rest by 16, 8, 4 and 1 so that few lanes stay empty. */
function planChunks(p: number, q: number, k: number, take: Arena["take"]): Chunk[] {
  const chunks: Chunk[] = [];
  for (let firstBlock = 0; firstBlock < p; firstBlock += chunks[chunks.length - 1].width) {
    const rest = p - firstBlock;
    const width = rest > 12 ? 16 : rest > 4 ? 8 : rest > 2 ? 4 : 1;
    const inputs = width === 1 ? 4 * Math.ceil(q / 4) : q;
    chunks.push({
      firstBlock,
      width,
      inputs,
      weights: take(`weights of block row ${firstBlock}`, 2 * k * inputs * width),
      starts: take(`starts of block row ${firstBlock}`, 2 * k * width),
      accumulators: take(`accumulators of block row ${firstBlock}`, 4 * k * width),
    });
  }
  return chunks;
}

interface Arena {
  readonly regions: readonly Region[];
  take(name: string, bytes: number): Region;
  end(): number;
}

/** Hands out regions one after another, each on a cache line. */
function createArena(heap: number): Arena {
  const regions: Region[] = [];
  let end = heap;
  return {
    regions,
    take(name, bytes) {
      const region = { name, offset: Math.ceil(end / 64) * 64, bytes };
      regions.push(region);
      end = region.offset + bytes;
      return region;
    },
    end: () => end,
  };
}
