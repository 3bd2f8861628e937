import { OptionError } from "../errors.ts";
import { type EngineProgram, operationSize } from "./program.ts";

/** The parameters of rtl/circulant_engine.v. Widths are the log2 of a memory's words. */
export interface EngineParameters {
  readonly LOG2_K_MAX: number;
  /** Complex multipliers of the spectral product. */
  readonly LANES: number;
  readonly ACTIVATION_WIDTH: number;
  readonly SPECTRUM_WIDTH: number;
  readonly WEIGHT_WIDTH: number;
  readonly BIAS_WIDTH: number;
  readonly TABLE_WIDTH: number;
  readonly LAYER_WIDTH: number;
}

/** The configuration that simulations start from: one for all models that fit, so that it is built once. */
export const DEFAULT_PARAMETERS: EngineParameters = {
  LOG2_K_MAX: 11,
  LANES: 4,
  ACTIVATION_WIDTH: 14,
  SPECTRUM_WIDTH: 14,
  WEIGHT_WIDTH: 16,
  BIAS_WIDTH: 14,
  TABLE_WIDTH: 2,
  LAYER_WIDTH: 5,
};

/** Least widths that the engine can be built with. */
const SMALLEST: EngineParameters = {
  LOG2_K_MAX: 3,
  LANES: 1,
  ACTIVATION_WIDTH: 3,
  SPECTRUM_WIDTH: 4,
  WEIGHT_WIDTH: 1,
  BIAS_WIDTH: 1,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 1,
};

/** Largest widths that the engine's address ports have room for. */
const LARGEST: EngineParameters = {
  LOG2_K_MAX: 11,
  LANES: 64,
  ACTIVATION_WIDTH: 24,
  SPECTRUM_WIDTH: 24,
  WEIGHT_WIDTH: 24,
  BIAS_WIDTH: 23,
  TABLE_WIDTH: 8,
  LAYER_WIDTH: 8,
};

/**
 * The least parameters from `floor` up that hold a program.
 *
 * @throws OptionError naming the parameter if the program is larger than the engine can be made
 */
export function parametersFor(program: EngineProgram, floor: EngineParameters = DEFAULT_PARAMETERS): EngineParameters {
  const need = memoryNeed(program, floor);
  const parameters = { ...floor };
  for (const name of Object.keys(need) as (keyof EngineParameters)[]) {
    parameters[name] = Math.max(floor[name], need[name]);
    if (parameters[name] > LARGEST[name]) {
      throw new OptionError(`${name}: expected at most ${LARGEST[name]}, this network needs ${parameters[name]}`, {
        option: name,
      });
    }
  }
  return parameters;
}

/** The smallest engine that holds a program: what `circulant emit` writes. */
export function smallestParameters(program: EngineProgram, lanes: number): EngineParameters {
  return parametersFor(program, { ...SMALLEST, LANES: lanes });
}

/** Weight words of one dense layer: a word holds the weights of `lanes` output blocks. */
export function weightWords(outputBlocks: number, inputBlocks: number, locations: number, lanes: number): number {
  return Math.ceil(outputBlocks / lanes) * locations * inputBlocks;
}

function memoryNeed(program: EngineProgram, floor: EngineParameters): EngineParameters {
  const lanes = floor.LANES;
  const sizes = program.map(operationSize);
  const largest = (values: number[]) => Math.max(...values);
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const log2KMax = largest([floor.LOG2_K_MAX, ...sizes.map((size) => size.log2K)]);
  const vectors = sizes.flatMap(({ log2K, inputBlocks, outputBlocks }) => [
    inputBlocks << log2K,
    outputBlocks << log2K,
  ]);
  const spectra = sizes.map((size) => size.productBase + size.outputBlocks * size.locations);
  return {
    LOG2_K_MAX: log2KMax,
    LANES: lanes,
    ACTIVATION_WIDTH: Math.max(log2KMax, log2Ceil(largest(vectors))),
    SPECTRUM_WIDTH: Math.max(log2KMax + 1, log2Ceil(largest(spectra))),
    WEIGHT_WIDTH: log2Ceil(
      total(sizes.map((size) => weightWords(size.outputBlocks, size.inputBlocks, size.locations, lanes))),
    ),
    BIAS_WIDTH: log2Ceil(total(sizes.map((size) => size.outputWords))),
    TABLE_WIDTH: log2Ceil(program.filter((it) => it.op === "dense" && it.activation.kind === "table").length),
    LAYER_WIDTH: log2Ceil(program.length),
  };
}

function log2Ceil(words: number): number {
  return Math.ceil(Math.log2(Math.max(1, words)));
}
