import type { EngineParameters } from "../rtl/parameters.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";
import type { EngineProgram } from "../rtl/program.ts";
import { moduleToSynthesise } from "./catalogue.ts";
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
      const random = createRandom(7);
      const inputs = Array.from({ length: 4 }, () => randomWords(program.input.words, random));
      const outputs = expectedOutputs(program, inputs);
      const words = await checkEngine(synthesis, program, parameters, { inputs, outputs });
      return `netlist simulated on ${inputs.length} vectors through ${program.steps.length} operations, 0 of ${words} words differ from the reference`;
    },
  };
}

/** The engine of rtl/pipeline/circulant_pipeline.v, its ports driven at random. */
export function pipelineSubject(parameters: PipelineParameters): EngineSubject {
  return { design: pipelineToSynthesise(parameters), parameters, check: checkAtRandom };
}

async function checkAtRandom(synthesis: Synthesis): Promise<string> {
  const { words } = await compareOnRandomInputs(synthesis);
  return `netlist simulated on random inputs, 0 of ${words} words differ`;
}
