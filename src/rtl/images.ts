import { DataError } from "../errors.ts";
import { binAtLocation } from "../fft/order.ts";
import { K_MAX, TWIDDLES } from "../fft/twiddles.ts";
import { blockGrid, type DenseLayer } from "../layers/dense.ts";
import type { DepthwiseLayer } from "../layers/depthwise.ts";
import { DESCRIPTOR_BITS, descriptor } from "./descriptor.ts";
import type { EngineParameters } from "./parameters.ts";
import type { EngineOperation, EngineProgram } from "./program.ts";
import { tapsOf, weightWords } from "./size.ts";
import { checkWeightBits } from "./weight-bits.ts";

/** The content of one memory of the engine. */
export interface MemoryImage {
  /** File name and the engine's parameter that takes it. */
  readonly file: string;
  readonly parameter: string;
  /** The memories that hold it, as Verilog names them inside the engine. */
  readonly paths: readonly string[];
  /** Bits of a word, and of a number in it: a word has one or several, the first in its low bits. */
  readonly width: number;
  readonly numberBits: number;
  /** Words from address 0 up, each in ceil(width / 32) limbs, the low one first. */
  readonly limbs: Uint32Array;
}

/** A table activation takes 512 places of the table memory. */
const TABLE_PLACES = 512;

/**
 * Everything that the engine must hold to run a program: descriptors, weights, biases, tables, twiddles.
 *
 * @throws OptionError if a weight has more bits than its memory
 */
export function memoryImages(program: EngineProgram, parameters: EngineParameters): readonly MemoryImage[] {
  const { LANES: lanes, WEIGHT_BITS } = parameters;
  checkWeightBits(program, WEIGHT_BITS);
  const descriptors: Uint32Array[] = [];
  const weights: Uint32Array[] = [];
  const biases: Uint32Array[] = [];
  const tables: Uint32Array[] = [];
  let weightBase = 0;
  let biasBase = 0;
  program.steps.forEach(({ operation }, number) => {
    descriptors.push(descriptor(program, number, { weightBase, biasBase, table: tables.length }));
    weights.push(weightImage(operation, lanes, WEIGHT_BITS));
    weightBase += weightWords(operation, lanes);
    if ("bias" in operation) {
      biases.push(wordsOf(operation.bias));
      biasBase += operation.bias.length;
    }
    if ("activation" in operation && operation.activation.kind === "table") {
      const table = new Uint32Array(TABLE_PLACES);
      table.set(wordsOf(operation.activation.table));
      tables.push(table);
    }
  });
  return [
    image("descriptors", "DESCRIPTOR_IMAGE", ["u_descriptors.mem"], DESCRIPTOR_BITS, descriptors),
    image("weights", "WEIGHT_IMAGE", ["u_weights.mem"], 2 * lanes * WEIGHT_BITS, weights, WEIGHT_BITS),
    image("bias", "BIAS_IMAGE", ["u_finish.u_bias.mem"], 16, biases),
    image(
      "tables",
      "TABLE_IMAGE",
      ["u_finish.u_activation_a.u_table.mem", "u_finish.u_activation_b.u_table.mem"],
      16,
      tables,
    ),
    image("twiddles", "TWIDDLE_IMAGE", ["u_transform.u_twiddles.mem"], 16, [twiddleImage(parameters.LOG2_K_MAX)]),
  ];
}

/** An image as $readmemh text: a word a line. */
export function formatImage({ width, limbs }: Pick<MemoryImage, "width" | "limbs">): string {
  const perWord = Math.ceil(width / 32);
  const digits = Math.ceil(width / 4);
  let text = "";
  for (let at = 0; at < limbs.length; at += perWord) {
    let word = "";
    for (let limb = perWord - 1; limb >= 0; limb--) word += limbs[at + limb].toString(16).padStart(8, "0");
    text += `${word.slice(-digits)}\n`;
  }
  return text;
}

/**
 * Reads $readmemh text as `formatImage` writes it: a word a line; blank lines and // comments are passed over.
 *
 * @param expected the image that it stands for
 * @throws DataError naming the line if it is no such text or has another number of words
 */
export function parseImage(text: string, expected: MemoryImage, file: string): Uint32Array {
  const perWord = Math.ceil(expected.width / 32);
  const digits = Math.ceil(expected.width / 4);
  const limbs = new Uint32Array(expected.limbs.length);
  let words = 0;
  text.split("\n").forEach((row, i) => {
    const word = row.replace(/\/\/.*/, "").trim();
    if (word === "") return;
    if (!/^[0-9a-fA-F]+$/.test(word) || word.length > digits) {
      throw new DataError(`${file}, line ${i + 1}: expected a word of ${digits} hexadecimal digits, got "${word}"`, {
        file,
      });
    }
    for (let limb = 0; limb < perWord; limb++) {
      const end = word.length - 8 * limb;
      limbs[words * perWord + limb] = Number.parseInt(word.slice(Math.max(0, end - 8), Math.max(0, end)) || "0", 16);
    }
    words++;
  });
  if (words * perWord !== limbs.length) {
    throw new DataError(`${file}: expected ${limbs.length / perWord} words, got ${words}`, { file });
  }
  return limbs;
}

function image(
  name: string,
  parameter: string,
  paths: readonly string[],
  width: number,
  parts: Uint32Array[],
  numberBits = width,
): MemoryImage {
  return { file: `${name}.hex`, parameter, paths, width, numberBits, limbs: joined(parts) };
}

/** Parts one after the other. */
export function joined(parts: readonly Uint32Array[]): Uint32Array {
  const limbs = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    limbs.set(part, at);
    at += part.length;
  }
  return limbs;
}

/** The weights of an operation in the order in which the datapath reads them, each of so many bits. */
function weightImage(operation: EngineOperation, lanes: number, bits: number): Uint32Array {
  const words = weightWords(operation, lanes);
  const weights = new Int16Array(words * 2 * lanes);
  if (operation.op === "dense" || operation.op === "conv2d") putSpectra(weights, operation, tapsOf(operation), lanes);
  if (operation.op === "depthwise") putTaps(weights, operation, tapsOf(operation));
  return packed(weights, 2 * lanes, bits);
}

/** Numbers of so many bits each, some to a word, the first in the low bits. */
function packed(numbers: Int16Array, perWord: number, bits: number): Uint32Array {
  const wordLimbs = Math.ceil((perWord * bits) / 32);
  const limbs = new Uint32Array((numbers.length / perWord) * wordLimbs);
  for (const [i, number] of numbers.entries()) {
    const low = (i % perWord) * bits;
    const limb = Math.floor(i / perWord) * wordLimbs + (low >> 5);
    const shift = low & 31;
    const value = number & (2 ** bits - 1);
    limbs[limb] |= value << shift;
    if (shift + bits > 32) limbs[limb + 1] |= value >>> (32 - shift);
  }
  return limbs;
}

/** Spectra as rtl/spectral_product.v reads them: a complex word of each of `lanes` output blocks side by side. */
function putSpectra(words: Int16Array, layer: DenseLayer, taps: number, lanes: number): void {
  const { p, q } = blockGrid(layer);
  const { k, weights } = layer;
  const locations = Math.max(1, k / 2);
  let at = 0;
  for (let first = 0; first < p; first += lanes) {
    for (let location = 0; location < locations; location++) {
      const bin = binAtLocation(location);
      const imaginary = location === 0 ? k / 2 : k - bin;
      for (let tap = 0; tap < taps; tap++) {
        for (let j = 0; j < q; j++) {
          for (let i = first; i < first + lanes; i++, at += 2) {
            if (i >= p) continue;
            const block = ((tap * p + i) * q + j) * k;
            words[at] = weights[block + bin];
            if (k > 1) words[at + 1] = weights[block + imaginary];
          }
        }
      }
    }
  }
}

/** Weights as rtl/slide.v reads them: the taps of a channel, channel by channel. */
function putTaps(words: Int16Array, { channels, weights }: DepthwiseLayer, taps: number): void {
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++, at++) {
      words[at] = weights[tap * channels + channel];
    }
  }
}

function twiddleImage(log2KMax: number): Uint32Array {
  const step = K_MAX >> log2KMax;
  return Uint32Array.from({ length: 1 << (log2KMax - 2) }, (_, i) => TWIDDLES[i * step] & 0xffff);
}

/** int16 words as limbs. */
export function wordsOf(words: Int16Array): Uint32Array {
  return Uint32Array.from(words, (word) => word & 0xffff);
}
