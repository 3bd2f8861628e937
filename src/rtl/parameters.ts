import { OptionError } from "../errors.ts";
import { LEAST_WEIGHT_BITS, WORD_BITS } from "../model/narrow.ts";
import type { EngineProgram } from "./program.ts";
import { spectralSize, weightWords } from "./size.ts";
import { checkWeightBits, weightBitsOf } from "./weight-bits.ts";

/** The parameters of rtl/circulant_engine.v. Widths are the log2 of a memory's words. */
export interface EngineParameters {
  readonly LOG2_K_MAX: number;
  /** Complex multipliers of the spectral product. */
  readonly LANES: number;
  readonly ACTIVATION_WIDTH: number;
  readonly SPECTRUM_WIDTH: number;
  readonly WEIGHT_WIDTH: number;
  /** Bits of a weight in its memory, 8 .. 16. */
  readonly WEIGHT_BITS: number;
  readonly BIAS_WIDTH: number;
  readonly TABLE_WIDTH: number;
  readonly LAYER_WIDTH: number;
}

/** The configuration that simulations start from: one for all models that fit, so that it is built once. */
export const DEFAULT_PARAMETERS: EngineParameters = {
  LOG2_K_MAX: 11,
  LANES: 4,
  ACTIVATION_WIDTH: 18,
  SPECTRUM_WIDTH: 18,
  WEIGHT_WIDTH: 16,
  WEIGHT_BITS: WORD_BITS,
  BIAS_WIDTH: 14,
  TABLE_WIDTH: 2,
  LAYER_WIDTH: 6,
};

/** Least widths that the engine can be built with. */
const SMALLEST: EngineParameters = {
  LOG2_K_MAX: 3,
  LANES: 1,
  ACTIVATION_WIDTH: 3,
  SPECTRUM_WIDTH: 4,
  WEIGHT_WIDTH: 1,
  WEIGHT_BITS: LEAST_WEIGHT_BITS,
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
  WEIGHT_BITS: WORD_BITS,
  BIAS_WIDTH: 23,
  TABLE_WIDTH: 8,
  LAYER_WIDTH: 8,
};

/**
 * The least parameters from `floor` up that hold a program. Multipliers and bits of a weight are those of `floor`.
 *
 * @throws OptionError naming the parameter if the program is larger than the engine can be made, or has a weight of more
 *   bits than those of `floor`
 */
export function parametersFor(program: EngineProgram, floor: EngineParameters = DEFAULT_PARAMETERS): EngineParameters {
  checkWeightBits(program, floor.WEIGHT_BITS);
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

/**
 * The smallest engine that holds a program: what `circulant emit` writes.
 *
 * @param weightBits bits of a weight in its memory
 * @throws OptionError as {@link parametersFor} does
 */
export function smallestParameters(
  program: EngineProgram,
  lanes: number,
  weightBits: number = weightBitsOf(program),
): EngineParameters {
  return parametersFor(program, { ...SMALLEST, LANES: lanes, WEIGHT_BITS: weightBits });
}

function memoryNeed(program: EngineProgram, floor: EngineParameters): EngineParameters {
  const lanes = floor.LANES;
  const operations = program.steps.map(({ operation }) => operation);
  const sizes = operations.flatMap((operation) => spectralSize(operation) ?? []);
  const largest = (values: number[]) => Math.max(0, ...values);
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const log2KMax = largest([floor.LOG2_K_MAX, ...sizes.map(({ log2K }) => log2K)]);
  const spectra = sizes.map(({ productBase, output }) => productBase + output.locations);
  const tables = operations.filter((it) => "activation" in it && it.activation.kind === "table");
  return {
    LOG2_K_MAX: log2KMax,
    LANES: lanes,
    ACTIVATION_WIDTH: log2Ceil(program.words),
    SPECTRUM_WIDTH: Math.max(log2KMax + 1, log2Ceil(largest(spectra))),
    WEIGHT_WIDTH: log2Ceil(total(operations.map((operation) => weightWords(operation, lanes)))),
    WEIGHT_BITS: floor.WEIGHT_BITS,
    BIAS_WIDTH: log2Ceil(total(operations.map((operation) => ("bias" in operation ? operation.bias.length : 0)))),
    TABLE_WIDTH: log2Ceil(tables.length),
    LAYER_WIDTH: log2Ceil(operations.length),
  };
}

function log2Ceil(words: number): number {
  return Math.ceil(Math.log2(Math.max(1, words)));
}
