import type { EngineParameters } from "../rtl/parameters.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";
import type { EngineProgram } from "../rtl/program.ts";
import { moduleToSynthesise } from "./catalogue.ts";
import { checkPipeline } from "./check-pipeline.ts";
import { checkEngine, engineToSynthesise, expectedOutputs } from "./engine.ts";
import { pipelineToSynthesise } from "./pipeline.ts";
import { createRandom, randomWords } from "./random.ts";
import { compareOnRandomInputs } from "./stimulus.ts";
import type { Synthesis, SynthesisDesign } from "./synthesise.ts";

/** What is synthesised, and how its netlist is compared with its Verilog. */
export interface Subject {
  readonly design: SynthesisDesign;
  /** Says what was compared. @throws SynthesisError if a word differs */
  readonly check: (synthesis: Synthesis) => Promise<string>;
}

/** A whole engine. */
export interface EngineSubject extends Subject {
  readonly parameters: EngineParameters | PipelineParameters;
}

/** One module by itself. @throws OptionError if there is none of this name, or it has not such parameters */
export function moduleSubject(name: string, parameters: Readonly<Record<string, number>>): Subject {
  return { design: moduleToSynthesise(name, parameters), check: checkAtRandom };
}

/** The engine of rtl/circulant_engine.v with a program in its memories, through which vectors go. */
export function engineSubject(program: EngineProgram, parameters: EngineParameters): EngineSubject {
  return {
    design: engineToSynthesise(program, parameters),
    parameters,
    check: async (synthesis) => {
      const inputs = randomInputs(program);
      const outputs = expectedOutputs(program, inputs);
      return told(program, await checkEngine(synthesis, program, parameters, { inputs, outputs }));
    },
  };
}

/**
 * The engine of rtl/pipeline/circulant_pipeline.v. With a program, which comes through its load port, vectors go through it;
 * without, its ports are driven at random.
 */
export function pipelineSubject(parameters: PipelineParameters, program?: EngineProgram): EngineSubject {
  const design = pipelineToSynthesise(parameters);
  if (program === undefined) return { design, parameters, check: checkAtRandom };
  return {
    design,
    parameters,
    check: async (synthesis) => {
      const vectors = randomInputs(program);
      const inputs = Int16Array.from(vectors.flatMap((x) => [...x]));
      const outputs = Int16Array.from(expectedOutputs(program, vectors).flatMap((y) => [...y]));
      return told(program, await checkPipeline(synthesis, parameters, [{ program, inputs, outputs }]));
    },
  };
}

const VECTORS = 4;

function randomInputs({ input }: EngineProgram): Int16Array[] {
  const random = createRandom(7);
  return Array.from({ length: VECTORS }, () => randomWords(input.words, random));
}

function told({ steps }: EngineProgram, words: number): string {
  return `netlist simulated on ${VECTORS} vectors through ${steps.length} operations, 0 of ${words} words differ from the reference`;
}

async function checkAtRandom(synthesis: Synthesis): Promise<string> {
  const { words } = await compareOnRandomInputs(synthesis);
  return `netlist simulated on random inputs, 0 of ${words} words differ`;
}
