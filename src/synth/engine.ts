import { SynthesisError } from "../errors.ts";
import { perform } from "../layers/operation.ts";
import { engineCycles } from "../rtl/cycles.ts";
import { engineDesign } from "../rtl/engine.ts";
import { formatImage, type MemoryImage, memoryImages } from "../rtl/images.ts";
import type { EngineParameters } from "../rtl/parameters.ts";
import { type EngineProgram, wordsOf } from "../rtl/program.ts";
import type { Design, SimulatorName } from "../rtl/simulate/design.ts";
import { openSimulation } from "../rtl/simulate/open.ts";
import { engineSources } from "../rtl/sources.ts";
import { createRandom } from "./random.ts";
import { netlistDesign } from "./resimulate.ts";
import type { Synthesis, SynthesisDesign } from "./synthesise.ts";

/** Ports of the engine that only show what its units write. */
export const TRACE_PORTS = "trace_*";

const LAST = 0x10000;
/** Cycles for a word of the streams, many times what they need. */
const PATIENCE = 64;

/**
 * The engine with a program in its memories, to synthesise. The places that the program leaves free hold random words, so
 * that a memory is as large as the parameters make it and none of its bits is constant.
 */
export function engineToSynthesise(program: EngineProgram, parameters: EngineParameters): SynthesisDesign {
  const images = memoryImages(program, parameters).map((image) => filled(image, depthOf(image, parameters)));
  return {
    sources: [
      ...engineSources().filter(({ name }) => !name.endsWith("_bench.v")),
      ...images.map((image) => ({ name: image.file, text: formatImage(image) })),
    ],
    top: "circulant_engine",
    parameters: { ...parameters, ...Object.fromEntries(images.map(({ parameter, file }) => [parameter, file])) },
    unused: [TRACE_PORTS],
  };
}

/** The bench with memories of the streams no larger than needed: that of a netlist has initial words, which take long to read. */
function withStreams(design: Design, log2Words: number): Design {
  const streams = ["u_inputs.mem", "u_outputs.mem"];
  return {
    ...design,
    parameters: { ...design.parameters, STREAM_WIDTH: log2Words },
    memories: design.memories.map((it) => (streams.includes(it.path) ? { ...it, depth: 2 ** log2Words } : it)),
  };
}

function depthOf({ parameter }: MemoryImage, parameters: EngineParameters): number {
  const log2 = {
    DESCRIPTOR_IMAGE: parameters.LAYER_WIDTH,
    WEIGHT_IMAGE: parameters.WEIGHT_WIDTH,
    BIAS_IMAGE: parameters.BIAS_WIDTH,
    TABLE_IMAGE: parameters.TABLE_WIDTH + 9,
    TWIDDLE_IMAGE: parameters.LOG2_K_MAX - 2,
  }[parameter];
  return 2 ** (log2 ?? 0);
}

function filled(image: MemoryImage, depth: number): MemoryImage {
  const limbs = new Uint32Array(depth * Math.ceil(image.width / 32));
  const random = createRandom(depth);
  for (let i = image.limbs.length; i < limbs.length; i++) limbs[i] = random();
  limbs.set(image.limbs);
  return { ...image, limbs };
}

/** Vectors for a program, and the words that the reference makes of each. */
export function expectedOutputs(program: EngineProgram, inputs: readonly Int16Array[]): Int16Array[] {
  return inputs.map((x) => {
    const arena = new Int16Array(program.words);
    arena.set(x, program.input.offset);
    for (const { operation, from, to } of program.steps) {
      if ("schedule" in operation) throw new RangeError(`${operation.op}: expected an operation of a network`);
      const { input } = wordsOf(operation);
      const operands = from.map((offset) => arena.slice(offset, offset + input));
      arena.set(perform(operation, operands).outputs, to);
    }
    return arena.slice(program.output.offset, program.output.offset + program.output.words);
  });
}

/**
 * Simulates the netlist of the engine on whole vectors and compares every word that it gives.
 *
 * @param outputs what it must give, an array for each input
 * @returns words compared
 * @throws SynthesisError naming the first word that differs
 */
export async function checkEngine(
  synthesis: Synthesis,
  program: EngineProgram,
  parameters: EngineParameters,
  { inputs, outputs }: { readonly inputs: readonly Int16Array[]; readonly outputs: readonly Int16Array[] },
  simulator: SimulatorName = "wasm",
): Promise<number> {
  const longest = Math.max(program.input.words, program.output.words);
  const around = withStreams(engineDesign(parameters, engineSources()), Math.ceil(Math.log2(longest + 1)));
  const design = await netlistDesign(synthesis, around, "u_engine");
  const simulation = await openSimulation(simulator, design);
  try {
    let words = 0;
    for (const [i, x] of inputs.entries()) {
      const stream = Uint32Array.from(x, (word, at) => (word & 0xffff) | (at === x.length - 1 ? LAST : 0));
      const count = program.output.words;
      const { memories } = await simulation.run({
        inputs: { count_i: 1, stream_words_i: x.length, output_words_i: count, stall_seed_i: i },
        load: [{ path: "u_inputs.mem", words: stream }],
        read: [{ path: "u_outputs.mem", offset: 0, count }],
        maxCycles: PATIENCE * (x.length + count) + engineCycles(program, parameters.LANES).steady,
      });
      const actual = Int16Array.from(memories[0], (word) => word);
      const at = outputs[i].findIndex((word, index) => word !== actual[index]);
      if (at >= 0) {
        throw new SynthesisError(
          `circulant_engine (${synthesis.family.name}): expected ${outputs[i][at]} from the netlist, got ${actual[at]}, ` +
            `word ${at} of vector ${i}`,
          { family: synthesis.family.name, top: synthesis.design.top, vector: i, index: at },
        );
      }
      words += count;
    }
    return words;
  } finally {
    simulation.dispose();
  }
}
