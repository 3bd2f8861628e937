import type { OperationTrace } from "../../layers/operation.ts";
import type { MemoryPort } from "../simulate/design.ts";
import { limbs32 } from "../simulate/design.ts";
import { locationInRow, wordInRow, wordsOfLocation } from "./order.ts";
import type { PipelineParameters } from "./parameters.ts";
import type { Job, PipelineProgram } from "./program.ts";

/** The signals of rtl/pipeline/bench/pipeline_bench.v in whose cycles its recorders take a row, in their order. */
export const ROW_SIGNALS = [
  "spectra_valid",
  "sums_valid",
  "products_valid",
  "transforms_valid",
  "vector_valid",
  "outputs_valid",
] as const;

export type RowSignal = (typeof ROW_SIGNALS)[number];

/** The recorders of rtl/pipeline/bench/pipeline_bench.v. */
export function traceMemories(parameters: PipelineParameters, traceWidth: number): readonly MemoryPort[] {
  const row = 32 * 2 ** parameters.LOG2_PATHS;
  const lanes = Math.max(1, parameters.VECTOR);
  const recorder = (name: string, width: number) => ({
    path: `g_trace.${name}.u_rows.mem`,
    width,
    depth: 2 ** traceWidth,
  });
  return [
    recorder("u_spectra", row),
    recorder("u_sums", 2 * row),
    recorder("u_products", row),
    recorder("u_transforms", row),
    recorder("u_vector", 48 * lanes),
    recorder("u_made", row + 32),
  ];
}

/** The rows that each of the recorders has of one vector. */
export function tracedRows({ jobs, parameters: { LOG2_PATHS } }: PipelineProgram): readonly number[] {
  const total = (rows: (job: Job) => number) => jobs.reduce((sum, job) => sum + rows(job), 0);
  const spectral = (rows: (job: Job) => number) => total((job) => (job.isVector ? 0 : rows(job)));
  const spectra = spectral(({ pixels, inputBlocks, rows }) => pixels * inputBlocks * rows);
  const products = spectral(({ windows, outputBlocks, rows }) => windows * outputBlocks * rows);
  const vector = total((job) => (job.isVector ? job.windows * job.groups : 0));
  const made = spectral((job) => job.windows * writtenRows(job, LOG2_PATHS));
  return [spectra, products, products, products, vector, vector + made];
}

/** Rows of a window that have a word of the output. */
function writtenRows({ node: { operation }, log2K, rows, outputBlocks }: Job, log2Paths: number): number {
  if (!("k" in operation)) return 0;
  let written = 0;
  for (let block = 0; block < outputBlocks; block++) {
    for (let row = 0; row < rows; row++) {
      // Of a row the first word is the least.
      if (block * operation.k + wordInRow(log2K, log2Paths, row, 0) < operation.out) written++;
    }
  }
  return written;
}

/** Reads the rows of a recorder one after the other. */
class Rows {
  private at = 0;
  private readonly words: Uint32Array;
  private readonly halves: Int16Array;
  private readonly limbs: number;

  constructor(words: Uint32Array, width: number) {
    this.words = words;
    this.limbs = limbs32(width);
    this.halves = new Int16Array(words.buffer, words.byteOffset, 2 * words.length);
  }

  next(): void {
    this.at++;
  }

  half(place: number): number {
    return this.halves[2 * this.at * this.limbs + place];
  }

  word(place: number): number {
    return this.words[this.at * this.limbs + place] | 0;
  }
}

/**
 * Puts the recorded rows of one vector together to tensors laid out as the reference's, an entry for each operation of the
 * network; copies that only the engine makes are left out.
 */
export function decodePipelineTrace(
  program: PipelineProgram,
  recorded: readonly Uint32Array[],
  input: Int16Array,
): readonly OperationTrace[] {
  const { jobs, parameters, source, layout } = program;
  const memories = traceMemories(parameters, 1);
  const rows = recorded.map((words, i) => new Rows(words, memories[i].width));
  const byNumber = new Map<number, OperationTrace>();
  for (const [i, job] of jobs.entries()) {
    const { operation, number } = job.node;
    const { pixels, channels } = layout.tensors[i + 1];
    const outputs = new Int16Array(pixels * channels);
    const trace =
      "k" in operation
        ? spectralTrace(job, operation, parameters, rows, outputs)
        : wordTrace(job, parameters, rows, outputs);
    if (number !== undefined) byNumber.set(number, trace);
  }
  // flatten makes no words: its result is what it reads.
  return source.steps.map(({ operation, from }, number) => {
    const trace = byNumber.get(number);
    if (trace) return trace;
    for (let before = number - 1; before >= 0; before--) {
      if (source.steps[before].to !== from[0] || source.steps[before].operation.op === "flatten") continue;
      const found = byNumber.get(before);
      if (found) return { outputs: found.outputs };
    }
    return { outputs: operation.op === "flatten" ? input : new Int16Array() };
  });
}

/** Bits of a cycle that a word of a trace has room for. */
const CYCLE_BITS = 15;

/**
 * The cycles in which the rows of a recorder were made: each stands where `decodePipelineTrace` puts the words of the row, its
 * low 15 bits in one trace and the bits above in another; 0 for a row that was not made.
 *
 * @param cycles those in which `signal` was high
 */
export function decodePipelineCycles(
  program: PipelineProgram,
  signal: RowSignal,
  cycles: readonly number[],
  input: Int16Array,
): { readonly low: readonly OperationTrace[]; readonly high: readonly OperationTrace[]; readonly bits: number } {
  const counts = tracedRows(program);
  const limbs = traceMemories(program.parameters, 1).map(({ width }) => limbs32(width));
  const part = (shift: number) => {
    const recorded = ROW_SIGNALS.map((name, i) => {
      const words = new Uint32Array(counts[i] * limbs[i]);
      for (let row = 0; row < counts[i]; row++) {
        const bits = name === signal ? ((cycles[row] ?? 0) >>> shift) & ((1 << CYCLE_BITS) - 1) : 0;
        words.fill(bits * 0x10001, row * limbs[i], (row + 1) * limbs[i]);
        // The last limb of an output row says which of its words are written: here all.
        if (name === "outputs_valid") words[(row + 1) * limbs[i] - 1] = 0xffffffff;
      }
      return words;
    });
    return decodePipelineTrace(program, recorded, input);
  };
  return { low: part(0), high: part(CYCLE_BITS), bits: CYCLE_BITS };
}

/** The tensors of a job on spectra. */
function spectralTrace(
  job: Job,
  { k, out }: { readonly k: number; readonly out: number },
  { LOG2_PATHS, BLOCKS }: PipelineParameters,
  [spectra, sums, products, transforms, , made]: readonly Rows[],
  outputs: Int16Array,
): OperationTrace {
  const { log2K, rows, pixels, inputBlocks, outputBlocks, windows } = job;
  const rowWords = 2 ** (LOG2_PATHS + 1);
  const places = Array.from({ length: rows }, (_, row) => spectrumPlaces(log2K, LOG2_PATHS, row));
  const words = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: rowWords }, (_, m) => wordInRow(log2K, LOG2_PATHS, row, m)),
  );

  const spectrum = new Int16Array(pixels * inputBlocks * k);
  for (let at = 0; at < pixels * inputBlocks * rows; at++, spectra.next()) {
    const base = Math.floor(at / rows) * k;
    for (const [place, word] of places[at % rows]) spectrum[base + word] = spectra.half(place);
  }

  const accumulators = new Int32Array(windows * outputBlocks * k);
  const requantised = new Int16Array(windows * outputBlocks * k);
  for (let window = 0; window < windows; window++) {
    for (const [block, row] of leavingOrder(outputBlocks, rows, BLOCKS)) {
      const base = (window * outputBlocks + block) * k;
      for (const [place, word] of places[row]) {
        accumulators[base + word] = sums.word(place);
        requantised[base + word] = products.half(place);
      }
      sums.next();
      products.next();
    }
  }

  const transformed = new Int16Array(windows * outputBlocks * k);
  for (let at = 0; at < windows * outputBlocks * rows; at++, transforms.next()) {
    const block = Math.floor(at / rows);
    const first = (block % outputBlocks) * k;
    const pixel = Math.floor(block / outputBlocks) * out;
    const used = words[at % rows].flatMap((word, m) => (word < 0 ? [] : [[m, word]]));
    for (const [m, word] of used) transformed[block * k + word] = transforms.half(m);
    const written = used.filter(([, word]) => first + word < out);
    const inside = written.length > 0 ? made.word(rowWords / 2) : 0;
    for (const [m, word] of written) outputs[pixel + first + word] = (inside >> m) & 1 ? made.half(m) : -1;
    if (written.length > 0) made.next();
  }
  return { spectra: spectrum, accumulators, products: requantised, transforms: transformed, outputs };
}

/** The parts of a row of locations and the words of the block that they are. */
function spectrumPlaces(log2K: number, log2Paths: number, row: number): readonly (readonly [number, number])[] {
  return Array.from({ length: 2 ** log2Paths }, (_, path) => {
    const location = locationInRow(log2K, log2Paths, row, path);
    if (location < 0) return [];
    const { re, im } = wordsOfLocation(2 ** log2K, location);
    return im < 0 ? [[2 * path, re] as const] : [[2 * path, re] as const, [2 * path + 1, im] as const];
  }).flat();
}

/** Block and row of the sums of a window in the order in which they leave: groups of output blocks, rows, blocks. */
function* leavingOrder(outputBlocks: number, rows: number, group: number): Generator<readonly [number, number]> {
  for (let first = 0; first < outputBlocks; first += group) {
    for (let row = 0; row < rows; row++) {
      for (let block = first; block < Math.min(first + group, outputBlocks); block++) yield [block, row];
    }
  }
}

/** The tensors of a job on words. */
function wordTrace(
  { node, groupWords, groups, windows }: Job,
  { VECTOR }: PipelineParameters,
  [, , , , vector, made]: readonly Rows[],
  outputs: Int16Array,
): OperationTrace {
  const group = 2 ** groupWords;
  const accumulators = new Int32Array(outputs.length);
  const requantised = new Int16Array(outputs.length);
  // The groups of a pixel follow one another, as do the pixels.
  for (let at = 0; at < windows * groups; at++, vector.next(), made.next()) {
    for (let m = 0; m < group; m++) {
      accumulators[at * group + m] = vector.word(m);
      requantised[at * group + m] = vector.half(2 * Math.max(1, VECTOR) + m);
      outputs[at * group + m] = made.half(m);
    }
  }
  return node.operation.op === "depthwise" ? { accumulators, products: requantised, outputs } : { outputs };
}
