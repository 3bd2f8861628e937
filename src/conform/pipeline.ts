import { log2BlockSize } from "../fft/order.ts";
import type { Schedule } from "../fft/schedule.ts";
import { openPipeline, type PipelineEngine, type PipelineEngineOptions } from "../rtl/pipeline/engine.ts";
import { DEFAULT_SHAPE, type PipelineParameters } from "../rtl/pipeline/parameters.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { openTransforms, type Transforms } from "../rtl/pipeline/transforms.ts";
import { singleProgram } from "../rtl/program.ts";
import type { Realisation } from "./realisation.ts";

/** Every block size, tables and operations on words: what conformance vectors ask for. */
const WHOLE = { ...DEFAULT_SHAPE, BLOCKS: 4, LOG2_K_MAX: 11, VECTOR: 4, TABLES: 1 };

/** Memories that hold the operations of the vectors, so that it is built once. */
const FLOOR: Partial<PipelineParameters> = {
  INPUT_WIDTH: 16,
  OUTPUT_WIDTH: 16,
  SPECTRUM_WIDTH: 12,
  PRODUCT_WIDTH: 12,
  WEIGHT_WIDTH: 12,
  BIAS_WIDTH: 10,
};

/**
 * The streaming engine in simulation; it is rebuilt only for an operation that is larger than those before. Its transforms
 * are simulated by themselves.
 */
export function pipelineRealisation(options: PipelineEngineOptions = {}): Realisation {
  const shape = options.shape ?? WHOLE;
  let engine: PipelineEngine | undefined;
  const transforms = new Map<boolean, Promise<Transforms>>();

  async function transform(inverse: boolean, words: Int16Array, schedule: Schedule): Promise<Int16Array> {
    const open = transforms.get(inverse) ?? openTransforms(inverse, { ...options, log2Paths: shape.LOG2_PATHS });
    transforms.set(inverse, open);
    const { run } = await open;
    return (await run(words, log2BlockSize(words.length), [schedule, schedule])).words;
  }

  return {
    name: `pipeline (${options.simulator ?? "wasm"})`,
    rfft: (x, schedule) => transform(false, x, schedule),
    irfft: (spectrum, schedule) => transform(true, spectrum, schedule),
    async perform(operation, inputs) {
      const program = singleProgram(operation);
      const floor = engine?.program.parameters ?? options.floor ?? FLOOR;
      const { parameters } = pipelineProgram(program, { shape, floor });
      if (engine && JSON.stringify(parameters) === JSON.stringify(engine.program.parameters)) engine.load(program);
      else {
        engine?.dispose();
        engine = await openPipeline(program, { ...options, shape, floor: parameters });
      }
      return (await engine.run(Int16Array.from(inputs.flatMap((x) => [...x])))).outputs;
    },
    dispose() {
      engine?.dispose();
      for (const open of transforms.values()) void open.then(({ dispose }) => dispose());
    },
  };
}
