import type { Model } from "../model/model.ts";
import { engineCycles } from "../rtl/cycles.ts";
import { engineMemories, memoryBits } from "../rtl/memories.ts";
import { type EngineParameters, smallestParameters } from "../rtl/parameters.ts";
import { pipelineCycles, steadyStream } from "../rtl/pipeline/cycles.ts";
import { pipelineMemories } from "../rtl/pipeline/memories.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import { type PipelineParameters, widestStream } from "../rtl/pipeline/parameters.ts";
import { type PipelineProgram, pipelineProgram } from "../rtl/pipeline/program.ts";
import { networkProgram } from "../rtl/program.ts";
import type { EngineChoice, LaneEngine, StreamingEngine } from "./engine-choice.ts";

/** What an engine takes and how long it needs: all that the flow knows of the hardware. */
export interface EngineFigures {
  /** From the first word in to the last word out of an inference alone. */
  readonly cycles: number;
  /** From one inference to the next in a steady stream. */
  readonly steadyCycles: number;
  /** Multipliers of 16 x 16 bits. */
  readonly multipliers: number;
  /** Bits of all memories. */
  readonly memoryBits: number;
  /** Of the Verilog's top module. */
  readonly parameters: EngineParameters | PipelineParameters;
}

/** The smallest engine of a kind that holds a model. @throws OptionError if it cannot be made large enough */
export function engineFigures(model: Model, engine: EngineChoice): EngineFigures {
  return "lanes" in engine ? laneFigures(model, engine) : streamingFigures(model, engine);
}

/** The cycles of an inference alone. */
export function latencyCycles(model: Model, engine: EngineChoice): number {
  if ("lanes" in engine) return engineCycles(networkProgram(model), engine.lanes).total;
  return pipelineCycles(streaming(model, engine), 1).total;
}

function laneFigures(model: Model, { lanes }: LaneEngine): EngineFigures {
  const network = networkProgram(model);
  const parameters = smallestParameters(network, lanes);
  const { total, steady } = engineCycles(network, lanes);
  const counts = { multipliers: laneMultipliers(parameters), memoryBits: memoryBits(engineMemories(parameters)) };
  return { cycles: total, steadyCycles: steady, ...counts, parameters };
}

/** Multipliers of the lanes, of the butterfly, of the unit of windows and of two tables of activations. */
function laneMultipliers({ LANES }: EngineParameters): number {
  return 4 * LANES + 4 + 2 + 2;
}

function streamingFigures(model: Model, engine: StreamingEngine): EngineFigures {
  const program = streaming(model, engine);
  const { parameters } = program;
  const counts = { multipliers: multipliers(parameters).total, memoryBits: memoryBits(pipelineMemories(parameters)) };
  return {
    cycles: pipelineCycles(program, 1).total,
    steadyCycles: steadyStream(program).cycles,
    ...counts,
    parameters,
  };
}

function streaming(model: Model, engine: StreamingEngine): PipelineProgram {
  const LOG2_PATHS = Math.log2(engine.paths);
  const shape = { LOG2_PATHS, BLOCKS: engine.blocks, LOG2_STREAM: widestStream(LOG2_PATHS) };
  return pipelineProgram(networkProgram(model), { shape });
}
