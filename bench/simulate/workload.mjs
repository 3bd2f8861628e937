// The engine, a model in its memories and digits for it: what every simulator runs.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readModel } from "../../dist/index.js";
import { pixelWords } from "../../dist/model/input.js";
import { volume } from "../../dist/model/shape.js";
import { engineDesign } from "../../dist/rtl/engine.js";
import { memoryImages } from "../../dist/rtl/images.js";
import { DEFAULT_PARAMETERS, parametersFor } from "../../dist/rtl/parameters.js";
import { networkProgram } from "../../dist/rtl/program.js";
import { engineSources } from "../../dist/rtl/sources.js";

/** Bytes before the first image of an IDX file. */
const HEADER = 16;
/** Bit of a stream word that is its tlast. */
const LAST = 0x10000;

/** @param {string} file of a model that takes pictures of 28 x 28 pixels */
export function readWorkload(file) {
  const model = readModel(readFileSync(file));
  const program = networkProgram(model);
  const parameters = parametersFor(program, DEFAULT_PARAMETERS);
  const size = volume(model.input.shape);
  const words = pixelWords(model.input);
  const packed = readFileSync(new URL("../../examples/digits/t10k-images-idx3-ubyte.gz", import.meta.url));
  const pixels = gunzipSync(packed).subarray(HEADER);
  const images = memoryImages(program, parameters);
  return {
    design: engineDesign(parameters, engineSources()),
    outputWords: program.output.words,
    load: images.flatMap(({ paths, limbs }) => paths.map((path) => ({ path: `u_engine.${path}`, words: limbs }))),
    /** The stream and the inputs of the bench for the first vectors. */
    request(count) {
      const stream = Uint32Array.from(pixels.subarray(0, count * size), (pixel, at) => {
        return (words[pixel] & 0xffff) | ((at + 1) % size === 0 ? LAST : 0);
      });
      const inputs = {
        count_i: count,
        stream_words_i: stream.length,
        output_words_i: program.output.words,
        stall_seed_i: 0,
      };
      return { stream, inputs };
    },
  };
}

/** The first difference of two runs, or undefined. */
export function findDifference(expected, actual) {
  const at = expected.words.findIndex((word, i) => word !== actual.words[i]);
  if (expected.cycles !== actual.cycles) return `expected ${expected.cycles} cycles, got ${actual.cycles}`;
  return at < 0 ? undefined : `output ${at}: expected ${expected.words[at]}, got ${actual.words[at]}`;
}
