import { OptionError, SimulationError } from "../../errors.ts";
import { log2BlockSize } from "../../fft/order.ts";
import { type Activation, clipBounds } from "../../layers/activation.ts";
import { blockGrid } from "../../layers/dense.ts";
import { windowGrid } from "../../layers/window.ts";
import { meanFields, packFields, type Values, windowFields, wrapped } from "../fields.ts";
import type { EngineProgram } from "../program.ts";
import { tapsOf, windowOf } from "../size.ts";
import { checkWeightBits, weightBitsOf } from "../weight-bits.ts";
import { BACK_FIELDS, FRONT_FIELDS, HEADER_FIELDS, LIMBS, PRODUCT_FIELDS } from "./fields.ts";
import { type Layout, layOut, type Placed } from "./layout.ts";
import { rowsPerBlock } from "./order.ts";
import {
  DEFAULT_SHAPE,
  log2Ceil,
  type PipelineParameters,
  type PipelineShape,
  smallestWidths,
  widestStream,
} from "./parameters.ts";
import { networkOf, type PipelineNode } from "./tensors.ts";

/** The sizes of a job that the units count with. */
export interface Job {
  readonly node: PipelineNode;
  /** Works on words, not on spectra. */
  readonly isVector: boolean;
  readonly log2K: number;
  /** Rows of a block. */
  readonly rows: number;
  readonly pixels: number;
  readonly inputBlocks: number;
  readonly outputBlocks: number;
  readonly windows: number;
  readonly taps: number;
  /** Of words at once, for a job on words: log2, and how many to a pixel. */
  readonly groupWords: number;
  readonly groups: number;
  readonly weightWords: number;
  readonly biasRows: number;
  readonly readsInput: boolean;
  readonly releasesInput: boolean;
  readonly writesOutput: boolean;
}

/** A network for one configuration of the streaming engine. */
export interface PipelineProgram {
  readonly source: EngineProgram;
  readonly layout: Layout;
  readonly jobs: readonly Job[];
  readonly parameters: PipelineParameters;
  /** Vectors of a round at most. */
  readonly slots: number;
  readonly buffers: number;
  readonly inputEntries: number;
  readonly outputEntries: number;
}

export interface PipelineOptions {
  readonly shape?: PipelineShape;
  /** Vectors that are interleaved; 4 when not given. */
  readonly slots?: number;
  /** Vectors that the input ring and the output ring hold; twice the slots when not given. */
  readonly entries?: number;
  /** Jobs that the spectrum memory holds, 1 .. 3; as many as fit a small memory when not given. */
  readonly buffers?: number;
  /** Least widths of the memories. */
  readonly floor?: Partial<PipelineParameters>;
}

const SLOTS = 4;
/** Rows of a spectrum memory of no concern. */
const SMALL_SPECTRA = 1024;
const WIDEST = 24;

/**
 * Lays a network out for the streaming engine, with the least memories that hold it.
 *
 * @throws OptionError if it is larger than the engine can be made, or has a weight of more bits than the shape says
 */
export function pipelineProgram(source: EngineProgram, options: PipelineOptions = {}): PipelineProgram {
  const { shape = DEFAULT_SHAPE, slots = SLOTS, entries = 2 * slots, floor = {} } = options;
  checkStream(shape);
  const paths = 2 ** shape.LOG2_PATHS;
  const layout = layOut(networkOf(source), 2 * paths);
  const needsVector = layout.nodes.some(({ operation }) => !("k" in operation));
  const tables = layout.nodes.filter(({ operation }) => activationOf(operation).kind === "table").length;
  const fixed = {
    LOG2_PATHS: shape.LOG2_PATHS,
    BLOCKS: shape.BLOCKS,
    LOG2_STREAM: shape.LOG2_STREAM,
    VECTOR: shape.VECTOR ?? (needsVector ? Math.min(4, 2 * paths) : 0),
    TABLES: shape.TABLES ?? (tables === 0 ? 0 : 2 ** log2Ceil(tables)),
    WEIGHT_BITS: shape.WEIGHT_BITS ?? weightBitsOf(source),
  };
  checkWeightBits(source, fixed.WEIGHT_BITS);
  if (needsVector && fixed.VECTOR === 0) {
    throw new OptionError("VECTOR: expected words at once, this network has operations that work on words, got 0");
  }
  if (tables > fixed.TABLES) {
    throw new OptionError(`TABLES: expected at least ${tables} for this network, got ${fixed.TABLES}`);
  }
  const jobs = jobsOf(layout, paths, fixed.BLOCKS, fixed.VECTOR);
  const largest = (values: readonly number[]) => Math.max(0, ...values);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const log2KMax = Math.max(shape.LOG2_K_MAX ?? 0, shape.LOG2_PATHS + 2, ...jobs.map(({ log2K }) => log2K));
  const spectra = spectrumRows(jobs);
  const buffers = options.buffers ?? buffersFor(spectra);
  const products = largest(jobs.map(({ isVector, outputBlocks, rows }) => (isVector ? 0 : outputBlocks * rows)));
  const least = smallestWidths(shape, log2KMax);
  const need = {
    INPUT_WIDTH: log2Ceil(layout.inputStride * entries),
    ACTIVATION_WIDTH: log2Ceil(layout.arena * slots),
    OUTPUT_WIDTH: log2Ceil(layout.outputStride * entries),
    SPECTRUM_WIDTH: log2Ceil(buffers * spectra),
    PRODUCT_WIDTH: 2 + log2Ceil(products),
    WEIGHT_WIDTH: log2Ceil(total(jobs.map(({ weightWords }) => weightWords))),
    BIAS_WIDTH: log2Ceil(total(jobs.map(({ biasRows }) => biasRows))),
    LAYER_WIDTH: log2Ceil(jobs.length),
  };
  const widths = { ...least };
  for (const name of Object.keys(least) as (keyof typeof least)[]) {
    widths[name] = Math.max(least[name], need[name], floor[name] ?? 0);
    if (widths[name] > WIDEST || (name === "LAYER_WIDTH" && widths[name] > 8)) {
      throw new OptionError(`${name}: expected at most ${WIDEST}, this network needs ${widths[name]}`, {
        option: name,
      });
    }
  }
  const parameters: PipelineParameters = { ...fixed, LOG2_K_MAX: log2KMax, ...widths };
  return {
    source,
    layout,
    jobs,
    parameters,
    slots: Math.min(slots, 255),
    buffers,
    inputEntries: Math.min(255, entries),
    outputEntries: Math.min(255, entries),
  };
}

/**
 * Lays a network out for an engine that is already built.
 *
 * @throws SimulationError if it needs a larger engine
 */
export function programFor(
  source: EngineProgram,
  parameters: PipelineParameters,
  options: Pick<PipelineOptions, "slots" | "entries" | "buffers"> = {},
): PipelineProgram {
  const program = pipelineProgram(source, { ...options, shape: parameters, floor: parameters });
  for (const [name, value] of Object.entries(program.parameters)) {
    if (value !== parameters[name as keyof PipelineParameters]) {
      throw new SimulationError(`${name}: the engine was built with less than the ${value} this network needs`);
    }
  }
  return program;
}

/** Rows of the largest job's spectra. */
export function spectrumRows(jobs: readonly Job[]): number {
  return Math.max(0, ...jobs.map((job) => (job.isVector ? 0 : job.pixels * job.inputBlocks * job.rows)));
}

/**
 * Three jobs hide the time that a job waits between its forward transforms and its products; where the spectra of one fill
 * a large memory that time is nothing beside the products, and two or one will do.
 */
function buffersFor(rows: number): number {
  const small = Math.max(SMALL_SPECTRA, 2 ** log2Ceil(rows));
  return Math.min(3, Math.max(1, Math.floor(small / Math.max(1, rows))));
}

export function activationOf(operation: PipelineNode["operation"]): Activation {
  return "activation" in operation ? operation.activation : { kind: "identity" };
}

function jobsOf(layout: Layout, paths: number, blocks: number, vector: number): readonly Job[] {
  const { nodes, tensors } = layout;
  const lastReader = nodes.findLastIndex(({ inputs }) => inputs.some(({ tensor }) => tensor === 0));
  return nodes.map((node, i): Job => {
    const { operation, inputs } = node;
    const to = tensors[i + 1];
    const readsInput = inputs[0].tensor === 0;
    const ends = { readsInput, releasesInput: i === lastReader, writesOutput: to.memory === "output" };
    const { rows: windowRows, columns } = windowGrid(windowOf(operation));
    if ("k" in operation) {
      const { p, q } = blockGrid(operation);
      const rows = rowsPerBlock(operation.k, paths);
      const taps = tapsOf(operation);
      const { height, width } = windowOf(operation);
      return {
        node,
        isVector: false,
        log2K: log2BlockSize(operation.k),
        rows,
        pixels: height * width,
        inputBlocks: q,
        outputBlocks: p,
        windows: windowRows * columns,
        taps,
        groupWords: 0,
        groups: 0,
        weightWords: Math.ceil(p / blocks) * rows * taps * q,
        biasRows: p * rows,
        ...ends,
      };
    }
    const groupWords = groupOf(node, tensors, i, vector);
    const groups = inputs[0].channels / 2 ** groupWords;
    const taps = operation.op === "add" ? 2 : tapsOf(operation);
    return {
      node,
      isVector: true,
      log2K: 0,
      rows: 0,
      pixels: inputs[0].pixels,
      inputBlocks: 0,
      outputBlocks: 0,
      windows: operation.op === "add" ? inputs[0].pixels : windowRows * columns,
      taps,
      groupWords,
      groups,
      weightWords: operation.op === "depthwise" ? groups * taps : 0,
      biasRows: operation.op === "depthwise" ? groups : 0,
      ...ends,
    };
  });
}

/** log2 of the words at once: as many as divide all that the unit's addresses are made of. */
function groupOf({ inputs }: PipelineNode, tensors: readonly Placed[], number: number, vector: number): number {
  const numbers = [inputs[0].channels, tensors[number + 1].stride];
  for (const view of inputs) numbers.push(view.offset, strideOfView(view, tensors[view.tensor]));
  let log2 = 0;
  while (2 ** (log2 + 1) <= vector && numbers.every((it) => it % 2 ** (log2 + 1) === 0)) log2++;
  return log2;
}

function strideOfView({ channels, offset }: PipelineNode["inputs"][number], tensor: Placed): number {
  return channels === tensor.channels && offset === 0 ? tensor.stride : channels;
}

/** The words of the header and of every operation's descriptors, in limbs. */
export function descriptors(program: PipelineProgram): {
  readonly header: Uint32Array;
  readonly front: readonly Uint32Array[];
  readonly product: readonly Uint32Array[];
  readonly back: readonly Uint32Array[];
} {
  const { layout, jobs, slots, buffers, inputEntries, outputEntries } = program;
  const [input] = layout.tensors;
  const { output } = layout;
  const header = packFields(
    HEADER_FIELDS,
    LIMBS.header,
    {
      operations: jobs.length,
      slots,
      buffers,
      inputPacked: input.stride === input.channels ? 1 : 0,
      outputPacked: output.stride === output.channels ? 1 : 0,
      inputEntries,
      outputEntries,
      arenaStride: layout.arena,
      spectrumStride: spectrumRows(jobs),
      inputStride: layout.inputStride,
      outputStride: layout.outputStride,
      inputWords: input.pixels * input.channels,
      inputRowWords: input.channels,
      inputRowStride: input.stride,
      outputWords: output.pixels * output.channels,
      outputRowWords: output.channels,
      outputRowStride: output.stride,
    },
    "header",
  );
  const front: Uint32Array[] = [];
  const product: Uint32Array[] = [];
  const back: Uint32Array[] = [];
  let [weightBase, biasBase, table] = [0, 0, 0];
  for (const [i, job] of jobs.entries()) {
    const place = `operation ${i}`;
    const fields = jobFields(layout, i, job, { weightBase, biasBase, table });
    front.push(packFields(FRONT_FIELDS, LIMBS.front, fields.front, place));
    product.push(packFields(PRODUCT_FIELDS, LIMBS.product, fields.product, place));
    back.push(packFields(BACK_FIELDS, LIMBS.back, fields.back, place));
    weightBase += job.weightWords;
    biasBase += job.biasRows;
    if (activationOf(job.node.operation).kind === "table") table++;
  }
  return { header, front, product, back };
}

interface Bases {
  readonly weightBase: number;
  readonly biasBase: number;
  readonly table: number;
}

function jobFields(layout: Layout, number: number, job: Job, bases: Bases) {
  const { operation, inputs } = job.node;
  const [view] = inputs;
  const from = layout.tensors[view.tensor];
  const to = layout.tensors[number + 1];
  const fromStride = strideOfView(view, from);
  const base = from.base + view.offset;
  const activation = activationOf(operation);
  const { lo, hi } = clipBounds(activation);
  const settings = {
    lo: lo & 0xffff,
    hi: hi & 0xffff,
    useTable: activation.kind === "table" ? 1 : 0,
    table: bases.table,
    hasBias: "bias" in operation ? 1 : 0,
    biasBase: bases.biasBase,
  };
  const ends = {
    readsInput: Number(job.readsInput),
    releasesInput: Number(job.releasesInput),
    writesOutput: Number(job.writesOutput),
    outputBase: to.base,
  };
  if ("k" in operation) {
    const tail = (words: number, blocks: number) => words - (blocks - 1) * operation.k;
    const { log2K, rows, pixels, inputBlocks, outputBlocks, windows } = job;
    const front: Values<typeof FRONT_FIELDS> = {
      ...ends,
      log2K,
      forward: operation.forward,
      tail: tail(operation.in, inputBlocks),
      pixels,
      blocks: inputBlocks,
      base,
      pixelStride: fromStride,
      spectrumRows: pixels * inputBlocks * rows,
    };
    const product: Values<typeof PRODUCT_FIELDS> = {
      log2K,
      shift: operation.shift,
      outputBlocks,
      inputBlocks,
      weightBase: bases.weightBase,
      ...windowFields(operation, 0, inputBlocks * rows),
    };
    const back: Values<typeof BACK_FIELDS> = {
      ...settings,
      log2K,
      inverse: operation.inverse,
      tail: tail(operation.out, outputBlocks),
      windows,
      blocks: outputBlocks,
      lastRow: outputBlocks * rows - 1,
      pixelStride: to.stride,
    };
    return { front, product, back };
  }
  const common = {
    ...ends,
    ...settings,
    isVector: 1,
    blocks: job.groups,
    groupWords: job.groupWords,
    weightBase: bases.weightBase,
    outputStride: to.stride,
  };
  if (operation.op === "add") {
    const second = layout.tensors[inputs[1].tensor].base + inputs[1].offset;
    const front: Values<typeof FRONT_FIELDS> = {
      ...common,
      mode: 3,
      shiftA: operation.shifts[0] & 31,
      shiftB: operation.shifts[1] & 31,
      base,
      kernelRows: 1,
      kernelColumns: 2,
      height: 1,
      width: 2,
      windowRows: 1,
      windowColumns: job.windows,
      pixelStride: wrapped(second - base),
      columnStep: fromStride,
    };
    return { front, product: {}, back: {} };
  }
  const modes = { maxpool: 0, avgpool: 1, depthwise: 2, flatten: 0 };
  const { origin, ...steps } = windowFields(operation, base, fromStride);
  const front: Values<typeof FRONT_FIELDS> = {
    ...common,
    mode: modes[operation.op],
    shift: "shift" in operation ? operation.shift : 0,
    ...(operation.op === "avgpool" ? meanFields(job.taps) : {}),
    ...steps,
    base: origin,
  };
  return { front, product: {}, back: {} };
}

function checkStream({ LOG2_PATHS, LOG2_STREAM }: PipelineShape): void {
  const widest = widestStream(LOG2_PATHS);
  if (LOG2_STREAM <= widest) return;
  throw new OptionError(
    `stream: expected at most ${2 ** widest} words of a beat, twice the paths, got ${2 ** LOG2_STREAM}`,
    { option: "stream" },
  );
}
