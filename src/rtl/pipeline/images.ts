import { WORD_BITS } from "../../model/narrow.ts";
import { joined, wordsOf } from "../images.ts";
import type { MemoryLoad } from "../simulate/design.ts";
import { LIMBS } from "./fields.ts";
import { locationInRow, stageTwiddles, wordInRow, wordsOfLocation } from "./order.ts";
import type { PipelineParameters } from "./parameters.ts";
import { activationOf, descriptors, type Job, type PipelineProgram } from "./program.ts";

/** The memories that the load port fills, by the number of their region in rtl/pipeline/circulant_pipeline.v. */
export const REGIONS = ["header", "front", "product", "back", "weights", "biases", "tables"] as const;
export type Region = (typeof REGIONS)[number];

/**
 * What is loaded into a region: words of `limbs` limbs of 32 bits, the low one first. Weights are loaded as words of 16 bits,
 * of which the engine keeps the low `WEIGHT_BITS`.
 */
export interface RegionImage {
  readonly region: Region;
  readonly limbs: number;
  readonly words: Uint32Array;
}

/** Places of a table in the load port's addresses: 257 words are used. */
const TABLE_PLACES = 512;

/** All that a network needs in the engine's memories. */
export function regionImages(program: PipelineProgram): readonly RegionImage[] {
  const { header, front, product, back } = descriptors(program);
  const { LOG2_PATHS, BLOCKS } = program.parameters;
  const paths = 2 ** LOG2_PATHS;
  const tables = program.jobs.flatMap(({ node }) => {
    const activation = activationOf(node.operation);
    if (activation.kind !== "table") return [];
    const words = new Uint32Array(TABLE_PLACES);
    words.set(wordsOf(activation.table));
    return [words];
  });
  return [
    { region: "header", limbs: LIMBS.header, words: header },
    { region: "front", limbs: LIMBS.front, words: joined(front) },
    { region: "product", limbs: LIMBS.product, words: joined(product) },
    { region: "back", limbs: LIMBS.back, words: joined(back) },
    {
      region: "weights",
      limbs: paths * BLOCKS,
      words: joined(program.jobs.map((job) => weightWords(job, LOG2_PATHS, BLOCKS))),
    },
    { region: "biases", limbs: paths, words: joined(program.jobs.map((job) => biasWords(job, LOG2_PATHS))) },
    { region: "tables", limbs: 1, words: joined(tables) },
  ];
}

/** Weights in the order of use; of a word limb b * paths + path belongs to output block b of a group. */
function weightWords(job: Job, log2Paths: number, blocks: number): Uint32Array {
  const paths = 2 ** log2Paths;
  const lanes = paths * blocks;
  const words = new Uint32Array(job.weightWords * lanes);
  const { operation } = job.node;
  if (operation.op === "depthwise") {
    const group = 2 ** job.groupWords;
    const halves = new Uint16Array(words.buffer);
    for (let at = 0; at < job.weightWords; at++) {
      const tap = at % job.taps;
      const first = Math.floor(at / job.taps) * group;
      for (let i = 0; i < group; i++)
        halves[2 * lanes * at + i] = operation.weights[tap * operation.channels + first + i];
    }
  } else if ("k" in operation) {
    const { outputBlocks: p, inputBlocks: q, rows, taps, log2K } = job;
    const { k, weights } = operation;
    let at = 0;
    for (let first = 0; first < p; first += blocks) {
      for (let row = 0; row < rows; row++) {
        for (let tap = 0; tap < taps; tap++) {
          for (let j = 0; j < q; j++, at += lanes) {
            for (let b = 0; b < Math.min(blocks, p - first); b++) {
              const block = ((tap * p + first + b) * q + j) * k;
              for (let path = 0; path < paths; path++) {
                const location = locationInRow(log2K, log2Paths, row, path);
                if (location < 0) continue;
                const { re, im } = wordsOfLocation(k, location);
                words[at + b * paths + path] =
                  (weights[block + re] & 0xffff) | ((im < 0 ? 0 : weights[block + im]) << 16);
              }
            }
          }
        }
      }
    }
  }
  return words;
}

/** A row of biases for each row of words that leaves, in the order in which they leave. */
function biasWords(job: Job, log2Paths: number): Uint32Array {
  const rowWords = 2 ** (log2Paths + 1);
  const halves = new Uint16Array(job.biasRows * rowWords);
  const { operation } = job.node;
  if (operation.op === "depthwise") {
    const group = 2 ** job.groupWords;
    for (let channel = 0; channel < operation.channels; channel++) {
      halves[Math.floor(channel / group) * rowWords + (channel % group)] = operation.bias[channel];
    }
  } else if ("k" in operation) {
    for (let at = 0; at < job.biasRows; at++) {
      const block = Math.floor(at / job.rows);
      for (let m = 0; m < rowWords; m++) {
        const word = wordInRow(job.log2K, log2Paths, at % job.rows, m);
        const n = block * operation.k + word;
        if (word >= 0 && n < operation.out) halves[at * rowWords + m] = operation.bias[n];
      }
    }
  }
  return new Uint32Array(halves.buffer);
}

/** The stages whose twiddles lie in a memory, with the hierarchical names of both. */
export function twiddleMemories({ LOG2_PATHS, LOG2_K_MAX }: Pick<PipelineParameters, "LOG2_PATHS" | "LOG2_K_MAX">) {
  return Array.from({ length: LOG2_K_MAX - LOG2_PATHS - 1 }, (_, i) => {
    const stage = LOG2_PATHS + 2 + i;
    return {
      stage,
      limbs: 2 ** (LOG2_PATHS - 1),
      depth: 2 ** (stage - 1 - LOG2_PATHS),
      words: stageTwiddles(stage, LOG2_PATHS),
      paths: ["u_forward", "u_inverse"].map(
        (unit) => `${unit}.u_transform.g_stage[${stage}].g_delayed.u_twiddles.u_words.mem`,
      ),
    };
  });
}

/** What a memory of limbs keeps of them: the low bits of both halves, side by side. */
function keptHalves(limbs: Uint32Array, bits: number): Uint32Array {
  const mask = 2 ** bits - 1;
  return limbs.map((limb) => (limb & mask) | (((limb >>> 16) & mask) << bits));
}

/** The images as what a simulation puts into the memories of the engine at `path`. */
export function memoryLoads(program: PipelineProgram, path: string): readonly MemoryLoad[] {
  const units: Readonly<Record<Exclude<Region, "tables">, string>> = {
    header: "u_header",
    front: "u_front",
    product: "u_product_fields",
    back: "u_back_fields",
    weights: "u_weights",
    biases: "u_finish.u_bias",
  };
  const loads: MemoryLoad[] = [];
  for (const { region, limbs, words } of regionImages(program)) {
    if (words.length === 0) continue;
    if (region === "tables") {
      for (let word = 0; word < 2 ** (program.parameters.LOG2_PATHS + 1); word++) {
        for (const [odd, name] of ["u_even", "u_odd"].entries()) {
          const half = words.filter((_, i) => (i & 1) === odd);
          loads.push({ path: `${path}u_finish.g_word[${word}].u_activation.g_table.${name}.mem`, words: half });
        }
      }
      continue;
    }
    const bits = region === "weights" ? program.parameters.WEIGHT_BITS : WORD_BITS;
    for (let limb = 0; limb < limbs; limb++) {
      loads.push({
        path: `${path}${units[region]}.g_limb[${limb}].u_limb.mem`,
        words: keptHalves(
          words.filter((_, i) => i % limbs === limb),
          bits,
        ),
      });
    }
  }
  for (const { paths, words } of twiddleMemories(program.parameters)) {
    for (const unit of paths) loads.push({ path: path + unit, words });
  }
  return loads;
}
