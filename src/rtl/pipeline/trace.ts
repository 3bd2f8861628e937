import type { OperationTrace } from "../../layers/operation.ts";
import type { MemoryPort } from "../simulate/design.ts";
import { limbs32 } from "../simulate/design.ts";
import { locationInRow, wordInRow, wordsOfLocation } from "./order.ts";
import type { PipelineParameters } from "./parameters.ts";
import type { Job, PipelineProgram } from "./program.ts";

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

/** Rows of the longest trace of one vector. */
export function traceRows({ jobs }: PipelineProgram): number {
  const total = (rows: (job: Job) => number) => jobs.reduce((sum, job) => sum + rows(job), 0);
  const made = (job: Job) => job.windows * (job.isVector ? job.groups : job.outputBlocks * job.rows);
  return Math.max(
    total(({ isVector, pixels, inputBlocks, rows }) => (isVector ? 0 : pixels * inputBlocks * rows)),
    total(made),
  );
}

/** The rows that each of the recorders has of one vector. */
export function tracedRows({ jobs }: PipelineProgram, { LOG2_PATHS }: PipelineParameters): readonly number[] {
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
  const [spectra, sums, products, transforms, vector, made] = recorded.map(
    (words, i) => new Rows(words, memories[i].width),
  );
  const log2Paths = parameters.LOG2_PATHS;
  const paths = 2 ** log2Paths;
  const byTensor: Int16Array[] = [input];
  const byNumber = new Map<number, OperationTrace>();
  for (const [i, job] of jobs.entries()) {
    const { operation, number } = job.node;
    const placed = layout.tensors[i + 1];
    const outputs = new Int16Array(placed.pixels * placed.channels);
    let trace: OperationTrace = { outputs };
    if ("k" in operation) {
      const { log2K, rows, pixels, inputBlocks, outputBlocks, windows } = job;
      const { k } = operation;
      const spectrum = new Int16Array(pixels * inputBlocks * k);
      for (let block = 0; block < pixels * inputBlocks; block++) {
        for (let row = 0; row < rows; row++, spectra.next()) {
          for (let path = 0; path < paths; path++) {
            const location = locationInRow(log2K, log2Paths, row, path);
            if (location < 0) continue;
            const { re, im } = wordsOfLocation(k, location);
            spectrum[block * k + re] = spectra.half(2 * path);
            if (im >= 0) spectrum[block * k + im] = spectra.half(2 * path + 1);
          }
        }
      }
      const accumulators = new Int32Array(windows * outputBlocks * k);
      const requantised = new Int16Array(windows * outputBlocks * k);
      for (let window = 0; window < windows; window++) {
        for (let first = 0; first < outputBlocks; first += parameters.BLOCKS) {
          for (let row = 0; row < rows; row++) {
            for (
              let b = first;
              b < Math.min(first + parameters.BLOCKS, outputBlocks);
              b++, sums.next(), products.next()
            ) {
              const base = (window * outputBlocks + b) * k;
              for (let path = 0; path < paths; path++) {
                const location = locationInRow(log2K, log2Paths, row, path);
                if (location < 0) continue;
                const { re, im } = wordsOfLocation(k, location);
                accumulators[base + re] = sums.word(2 * path);
                requantised[base + re] = products.half(2 * path);
                if (im < 0) continue;
                accumulators[base + im] = sums.word(2 * path + 1);
                requantised[base + im] = products.half(2 * path + 1);
              }
            }
          }
        }
      }
      const transformed = new Int16Array(windows * outputBlocks * k);
      for (let window = 0; window < windows; window++) {
        for (let block = 0; block < outputBlocks; block++) {
          for (let row = 0; row < rows; row++, transforms.next()) {
            const inside = made.word(paths);
            let any = false;
            for (let m = 0; m < 2 * paths; m++) {
              const word = wordInRow(log2K, log2Paths, row, m);
              if (word < 0) continue;
              transformed[(window * outputBlocks + block) * k + word] = transforms.half(m);
              if (block * k + word >= operation.out) continue;
              any = true;
              outputs[window * placed.channels + block * k + word] = (inside >> m) & 1 ? made.half(m) : -1;
            }
            if (any) made.next();
          }
        }
      }
      trace = { spectra: spectrum, accumulators, products: requantised, transforms: transformed, outputs };
    } else {
      const group = 2 ** job.groupWords;
      const accumulators = new Int32Array(outputs.length);
      const requantised = new Int16Array(outputs.length);
      for (let window = 0; window < job.windows; window++) {
        for (let g = 0; g < job.groups; g++, vector.next(), made.next()) {
          for (let m = 0; m < group; m++) {
            const at = window * placed.channels + g * group + m;
            accumulators[at] = vector.word(m);
            requantised[at] = vector.half(2 * Math.max(1, parameters.VECTOR) + m);
            outputs[at] = made.half(m);
          }
        }
      }
      if (operation.op === "depthwise") trace = { accumulators, products: requantised, outputs };
    }
    byTensor.push(outputs);
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
