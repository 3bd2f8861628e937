import { OptionError } from "../errors.ts";
import { indexOfLargest } from "../layers/largest.ts";
import { quantiseInput } from "../model/input.ts";
import { planMemory } from "../model/memory.ts";
import type { Model, ModelOperation } from "../model/model.ts";
import { LEAST_WEIGHT_BITS, WORD_BITS } from "../model/narrow.ts";
import { volume } from "../model/shape.ts";
import type { FloatNetwork, FloatOperation } from "../train/network.ts";
import { calibrate, chooseInputBits } from "./calibrate.ts";
import { checkNetwork } from "./check.ts";
import { makeExact, runExactly } from "./exact.ts";
import { type FloatWeighted, foldNorm } from "./fold.ts";
import { limitBits } from "./limits.ts";
import type { FoldReport, OperationReport } from "./measure.ts";
import { lastReaders, type MemoryReport, reportMemory } from "./memory.ts";
import { compileOperation } from "./operation.ts";
import { peakOf } from "./signal.ts";

/** What can be asked of the compiler. */
export interface CompileOptions {
  /** How many times larger than on the calibration inputs words may become without saturation. Default 1.25. */
  readonly margin?: number;
  /** Take the mean error of the pre-activations out of the biases. Default true. */
  readonly correctBias?: boolean;
  /**
   * Bits of a weight in the model file, 8 to 16, of all operations or by their names; the words are made of fewer
   * fractional bits. Default 16.
   */
  readonly weightBits?: WeightBits;
  /** Called after each operation with the number done. */
  readonly onOperation?: (done: number) => void;
}

/** Bits of a weight: of all operations, or of those that are named. */
export type WeightBits = number | Readonly<Record<string, number>>;

/** What the compiler chose and how the model does on the calibration inputs. */
export interface CompileReport {
  /** Number of calibration inputs. */
  readonly calibration: number;
  readonly margin: number;
  readonly inputBits: number;
  readonly operations: readonly OperationReport[];
  readonly memory: MemoryReport;
  /** Share of the calibration inputs whose largest output is the float network's. */
  readonly agreement: number;
}

/** Calibration inputs on which the folded network is held against the one with its normalisation. */
const FOLD_INPUTS = 8;

/**
 * Compiles a trained network to 16-bit fixed point.
 *
 * The passes, in order: check; folding of batch normalisation and spectra of the weights; then operation by operation
 * the float network's values, and on the words that the compiled operations before make: formats, quantisation, bias
 * correction, proof, measurement; last the memory plan. The same network, inputs and options give the same model.
 *
 * @param calibration inputs of the network's shape as real values; some hundreds that are like those to come
 * @throws ShapeError if a tensor does not fit
 * @throws InputError if a value is not finite
 * @throws OptionError if an option or a block size does not hold
 * @throws OverflowError if no format keeps the accumulators of a layer from wrapping
 * @see docs/compiler.md
 */
export function compile(
  network: FloatNetwork,
  calibration: readonly Float32Array[],
  options: CompileOptions = {},
): { readonly model: Model; readonly report: CompileReport } {
  const { margin = 1.25, correctBias = true, weightBits = WORD_BITS } = options;
  if (!(margin >= 1 && margin <= 16)) {
    throw new OptionError(`margin: expected a number from 1 to 16, got ${margin}`, { option: "margin" });
  }
  checkNetwork(network, calibration);
  const weightBitsOf = bitsByName(network, weightBits);
  const { shape, mean, deviation } = network.input;
  const shapes = [shape, ...network.operations.map(({ output }) => output)];
  const sources = network.operations.map((operation) => makeExact(operation, shapes[operation.inputs[0]]));
  // Tensors by number, each a list over the inputs; those that are read no more are dropped.
  const float: (readonly Float64Array[])[] = [calibration.map((x) => Float64Array.from(x))];
  const limits = limitBits(sources, float[0]);
  const fractionBits = Math.min(limits[0], chooseInputBits(network.input, calibration));
  const input = { shape, fractionBits, mean, deviation };
  const words: (readonly Int16Array[])[] = [calibration.map((x) => quantiseInput(input, x))];
  const bits = [input.fractionBits];
  const last = lastReaders(network.operations);
  const foldCheck = createFoldCheck(network, calibration);
  const operations: ModelOperation[] = [];
  const reports: OperationReport[] = [];
  for (const [i, source] of sources.entries()) {
    const { inputs } = source;
    const values = calibration.map((_, n) => inputs.map((tensor) => float[tensor][n]));
    const found = calibrate(source, values);
    const operands = { bits: inputs.map((tensor) => bits[tensor]), words: inputs.map((tensor) => words[tensor]) };
    const made = compileOperation(source, found, operands, {
      ...{ margin, correctBias, mostBits: limits[i + 1], weightBits: weightBitsOf(source.name) },
    });
    operations.push(made.operation);
    reports.push(withFold(made.report, foldCheck(i, found.preActivations)));
    float.push(found.outputs);
    words.push(made.outputs);
    bits.push(made.operation.format.output);
    for (const tensor of inputs) if (last[tensor] === i) float[tensor] = words[tensor] = [];
    options.onOperation?.(i + 1);
  }
  const memory = planMemory(network.operations, shapes.map(volume));
  const model = { input, operations, labels: network.labels, memory };
  const outputs = words[operations.length];
  const agreeing = outputs.filter((y, n) => indexOfLargest(y) === indexOfLargest(float[operations.length][n]));
  return {
    model,
    report: {
      calibration: calibration.length,
      margin,
      inputBits: input.fractionBits,
      operations: reports,
      memory: reportMemory(network.operations, shapes, memory),
      agreement: agreeing.length / outputs.length,
    },
  };
}

/** @throws OptionError if bits do not hold or are of no operation with weights */
function bitsByName({ operations }: FloatNetwork, bits: WeightBits): (name: string) => number {
  const named = typeof bits === "number" ? { "": bits } : bits;
  const known = operations.filter((operation) => "weights" in operation).map(({ name }) => name);
  for (const [name, value] of Object.entries(named)) {
    const option = name === "" ? "weightBits" : `weightBits.${name}`;
    if (name !== "" && !known.includes(name)) {
      throw new OptionError(`${option}: expected one of ${known.join(", ")}, got another name`, { option });
    }
    if (!Number.isInteger(value) || value < LEAST_WEIGHT_BITS || value > WORD_BITS) {
      throw new OptionError(`${option}: expected ${LEAST_WEIGHT_BITS} to ${WORD_BITS} bits, got ${value}`, { option });
    }
  }
  return (name) => (typeof bits === "number" ? bits : (named[name] ?? WORD_BITS));
}

/**
 * Runs the network with its normalisation beside the folded one, in double precision, operation by operation.
 *
 * @returns a function that takes the folded network's pre-activations and returns how both compare, for operation i
 */
function createFoldCheck(network: FloatNetwork, calibration: readonly Float32Array[]) {
  const { operations, input } = network;
  const shapes = [input.shape, ...operations.map(({ output }) => output)];
  const tensors: Float64Array[][] = [calibration.slice(0, FOLD_INPUTS).map((x) => Float64Array.from(x))];
  const needed = operations.some(hasNorm);
  return (i: number, folded: readonly Float64Array[]): FoldReport | undefined => {
    if (!needed) return undefined;
    const operation = operations[i];
    const exact = makeExact(operation, shapes[operation.inputs[0]], false);
    const traces = tensors[0].map((_, n) =>
      runExactly(
        exact,
        operation.inputs.map((tensor) => tensors[tensor][n]),
      ),
    );
    tensors.push(traces.map(({ outputs }) => outputs));
    if (!hasNorm(operation)) return undefined;
    const preActivations = traces.map((trace) => trace.preActivations ?? trace.outputs);
    const differences = preActivations.map((z, n) => z.map((value, at) => value - folded[n][at]));
    return {
      peakBefore: peakOf([operation.weights]),
      peakAfter: peakOf([foldNorm(operation).weights]),
      difference: peakOf(differences) / Math.max(peakOf(preActivations), Number.MIN_VALUE),
    };
  };
}

function hasNorm(operation: FloatOperation): operation is FloatWeighted {
  return "norm" in operation && operation.norm !== undefined;
}

function withFold(report: OperationReport, fold: FoldReport | undefined): OperationReport {
  return report.product && fold ? { ...report, product: { ...report.product, fold } } : report;
}
