import { log2BlockSize } from "../fft/order.ts";
import { clipBounds, TABLE_WORDS } from "../layers/activation.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import { STEP_WORDS, type Step } from "./program.ts";

/** Blocks that one tile holds, one a lane. */
export const LANES = 8;

/** A part of wasm memory. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Output blocks that one product kernel makes at once; `width` of them have room, the last may stand for none. */
export interface Chunk {
  readonly firstBlock: number;
  readonly width: 4 | 8 | 16;
  readonly weights: Region;
  readonly starts: Region;
  readonly accumulators: Region;
}

/** Where one layer's tensors lie, and after how many steps of the program each is whole. */
export interface LayerPlan {
  readonly p: number;
  readonly q: number;
  readonly stages: number;
  /** Product kernels of the layer; for k = 1 one, of any width, without starts. */
  readonly chunks: readonly Chunk[];
  /** For k = 1, weights of the plain product and its accumulators. */
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
    emit("tileFromNatural", [at, buffers[0].offset, tiles(first.in, first.k), log2BlockSize(first.k)]);
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

type Emit = (operation: Step["operation"], operands: readonly number[], traceOperands?: readonly number[]) => void;
type LayerParts = Pick<LayerPlan, "p" | "q" | "stages" | "chunks" | "plain" | "bias" | "table" | "mask">;

/** The constant regions of a layer. */
function planLayer(layer: DenseLayer, index: number, next: DenseLayer | undefined, arena: Arena): LayerParts {
  const { k } = layer;
  const { p, q } = blockGrid(layer);
  const take = (name: string, bytes: number) => arena.take(`layer ${index} ${name}`, bytes);
  const chunks =
    k === 1
      ? []
      : chunkWidths(p).map(
          ({ firstBlock, width }): Chunk => ({
            firstBlock,
            width,
            weights: take(`weights of block row ${firstBlock}`, 2 * k * q * width),
            starts: take(`starts of block row ${firstBlock}`, 2 * k * width),
            accumulators: take(`accumulators of block row ${firstBlock}`, 4 * k * width),
          }),
        );
  const outputs = tiles(p, 1);
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

/** Block rows by 16, the rest by 16, 8 and 4 so that few lanes stay empty. */
function chunkWidths(p: number): Pick<Chunk, "firstBlock" | "width">[] {
  const chunks: Pick<Chunk, "firstBlock" | "width">[] = [];
  for (let firstBlock = 0; firstBlock < p; ) {
    const rest = p - firstBlock;
    const width = rest > 12 ? 16 : rest > 4 ? 8 : 4;
    chunks.push({ firstBlock, width });
    firstBlock += width;
  }
  return chunks;
}

/** The steps of a layer from the tiles at `from` to the tiles at `to`. */
function emitLayer(
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
  const inputTiles = tiles(layer.in, k);
  const outputTiles = tiles(layer.out, k);
  if (plain) {
    const call = [from, Math.ceil(q / 2), plain.weights.offset, to, outputTiles, shift];
    emit("product1", [...call, 0], [...call, plain.accumulators.offset]);
  } else {
    emit("rfft", [from, inputTiles, stages, layer.forward, 1, stages]);
    emit("spreadOperands", [from, inputTiles, stages, operands]);
    for (const { width, firstBlock, weights, starts, accumulators } of parts.chunks) {
      const products = to + (firstBlock / LANES) * 16 * k;
      const call = [operands, 64 * inputTiles, q, weights.offset, starts.offset, products, stages, shift];
      emit(`product${width}`, [...call, 0], [...call, accumulators.offset]);
    }
  }
  const productStep = count();
  if (!plain) emit("irfft", [to, outputTiles, stages, layer.inverse, stages, 1]);
  const inverseStep = count();
  const { lo, hi } = clipBounds(layer.activation);
  const words = k * tiles(p, 1);
  emit("biasAndClip", [to, parts.bias.offset, words, lo, hi]);
  if (parts.table) emit("lookUp", [to, parts.table.offset, words]);
  return { spectraOffset: from, outputsOffset: to, productStep, inverseStep, outputStep: count() };
}

/**
 * The steps between a layer's outputs, in tiles, and the next layer's input tiles, or the network's output.
 *
 * @returns where they are
 */
function emitPassage(
  layer: DenseLayer,
  next: DenseLayer | undefined,
  mask: Region | undefined,
  from: number,
  free: number,
  emit: Emit,
): number {
  const { k, out } = layer;
  const outputTiles = tiles(out, k);
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
  emit("tileFromNatural", [natural, to, tiles(next.in, next.k), log2BlockSize(next.k)]);
  return to;
}

/** Tiles of eight blocks that `words` words fill. */
function tiles(words: number, k: number): number {
  return Math.ceil(words / (LANES * k));
}

function tileBytes(words: number, k: number): number {
  return tiles(words, k) * LANES * k * 2;
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
