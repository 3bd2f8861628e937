import { type OperationTrace, perform } from "../layers/operation.ts";
import type { ModelOperation, WeightedOperation } from "../model/model.ts";
import { largestWeight, WORD_BITS } from "../model/narrow.ts";
import { proveNoWrap } from "../model/prove.ts";
import type { OperationCalibration } from "./calibrate.ts";
import { type Correction, correctBias, finishWords } from "./correct.ts";
import { type ExactDepthwise, type ExactOperation, type ExactProduct, runExactly } from "./exact.ts";
import { planProduct } from "./formats.ts";
import { createMeter, innerBits, measureOperation, measureProduct, type OperationReport } from "./measure.ts";
import { planDepthwise, planSum } from "./plain.ts";
import { sampleProduct } from "./sample.ts";
import { dequantise, peakOf, quantiseWords } from "./signal.ts";

/** What an operation of the float network becomes. */
export interface CompiledOperation {
  readonly operation: ModelOperation;
  readonly report: OperationReport;
  /** Its words for every calibration input. */
  readonly outputs: readonly Int16Array[];
}

/** What an operation reads: for each operand its fractional bits, and its words for every calibration input. */
export interface Operands {
  readonly bits: readonly number[];
  readonly words: readonly (readonly Int16Array[])[];
}

export interface OperationOptions {
  readonly margin: number;
  /** Most fractional bits of the output. */
  readonly mostBits: number;
  readonly correctBias: boolean;
  /** Bits of a weight, 8 to 16. */
  readonly weightBits: number;
}

type Named<T> = T & Pick<ExactOperation, "name" | "inputs" | "output">;

/**
 * The passes of one operation, on the words that the compiled operations before made: formats, quantisation, bias
 * correction, proof, measurement.
 *
 * @throws OverflowError if no format holds
 */
export function compileOperation(
  source: ExactOperation,
  calibration: OperationCalibration,
  operands: Operands,
  options: OperationOptions,
): CompiledOperation {
  const { outputPeak } = calibration;
  const needs = { ...options, outputPeak };
  const bits = options.weightBits;
  switch (source.op) {
    case "dense":
    case "conv2d": {
      const sample = sampleProduct(source, operands.words[0], calibration);
      const plan = planProduct(source.name, sample, operands.bits[0], { ...needs, largestWeight: largestWeight(bits) });
      return finish(source, narrowed(quantiseProduct(source, plan), bits), plan, calibration, operands, options);
    }
    case "depthwise": {
      const plan = planDepthwise(source.name, source, operands.bits[0], {
        ...needs,
        largestWeight: largestWeight(bits),
      });
      return finish(source, narrowed(quantiseDepthwise(source, plan), bits), {}, calibration, operands, options);
    }
    default:
      return finishPlain(source, makePlain(source, calibration, operands, options), calibration, operands);
  }
}

/** The operation as one whose weights have so many bits in the model file. */
function narrowed(operation: WeightedOperation, weightBits: number): WeightedOperation {
  return weightBits === WORD_BITS ? operation : { ...operation, weightBits };
}

/** Pass: a dense layer or convolution in the formats of its plan. */
function quantiseProduct(source: Named<ExactProduct>, plan: ReturnType<typeof planProduct>): WeightedOperation {
  const { name, inputs, k, out, height, width, kernel, stride, pad } = source;
  const { format, forward, inverse, shift } = plan;
  const product = {
    name,
    inputs,
    in: source.in,
    out,
    k,
    forward,
    inverse,
    shift,
    activation: { kind: source.activation },
    weights: quantiseWords(source.spectra, format.weight),
    bias: quantiseWords(source.bias, format.output),
    format,
  };
  if (source.op === "dense") return { op: "dense", ...product };
  return { op: "conv2d", ...product, height, width, kernel, stride, pad };
}

/** Pass: a depthwise convolution in the formats of its plan. */
function quantiseDepthwise(source: Named<ExactDepthwise>, plan: ReturnType<typeof planDepthwise>): WeightedOperation {
  const { name, inputs, op, channels, height, width, kernel, stride, pad } = source;
  const { format, shift } = plan;
  const place = { channels, height, width, kernel, stride, pad };
  const activation = { kind: source.activation };
  const weights = quantiseWords(source.weights, format.weight);
  const bias = quantiseWords(source.bias, format.output);
  return { name, inputs, op, ...place, shift, activation, weights, bias, format };
}

/** Bias correction, proof and measurement of an operation with weights. */
function finish(
  source: Named<ExactProduct> | Named<ExactDepthwise>,
  quantised: WeightedOperation,
  plan: Parameters<typeof measureProduct>[2],
  calibration: OperationCalibration,
  { bits, words: [inputs] }: Operands,
  options: OperationOptions,
): CompiledOperation {
  const { format, shift } = quantised;
  const inner =
    quantised.op === "depthwise"
      ? { spectra: 0, products: format.input + format.weight - shift }
      : innerBits(quantised);
  const meter = createMeter(inner);
  const sums: Int16Array[] = [];
  const exact: Float64Array[] = [];
  for (const x of inputs) {
    const trace = perform(quantised, [x]);
    const exactTrace = runExactly(source, [dequantise(x, bits[0])]);
    meter.add(trace, exactTrace);
    sums.push(sumsOf(trace));
    exact.push(exactTrace.outputs);
  }
  const rowWords = source.op === "depthwise" ? source.channels : source.p * source.k;
  const correction = correctBias(quantised, sums, rowWords, calibration.preActivations, format.output);
  const operation: WeightedOperation = options.correctBias ? { ...quantised, bias: correction.bias } : quantised;
  const outputs = sums.map((tensor) => finishWords(operation, tensor, rowWords));
  const report = measureOperation(source, operation, calibration, outputs, exact, meter);
  const product = measureWeighted(source, operation, plan, correction, meter);
  return { operation, report: { ...report, product }, outputs };
}

/** The words that the bias is added to. */
function sumsOf({ transforms, products, outputs }: OperationTrace): Int16Array {
  return transforms ?? products ?? outputs;
}

function measureWeighted(
  source: ExactProduct | ExactDepthwise,
  operation: WeightedOperation,
  plan: Parameters<typeof measureProduct>[2],
  correction: Correction,
  meter: Parameters<typeof measureProduct>[5],
) {
  const bound = proveNoWrap(operation) ?? { block: 0, bin: 0, bound: 0 };
  return measureProduct(source, operation, plan, correction, bound, meter);
}

type Plain = Exclude<ExactOperation, ExactProduct | ExactDepthwise>;

/** An operation without weights; but for sums it leaves the format as it is. */
function makePlain(
  source: Plain,
  calibration: OperationCalibration,
  operands: Operands,
  options: OperationOptions,
): ModelOperation {
  const { name, inputs } = source;
  const [input, other] = operands.bits;
  const format = { input, weight: 0, output: input };
  switch (source.op) {
    case "add": {
      const peaks = operands.bits.map((bits, i) => peakOf(operands.words[i]) * 2 ** -bits);
      const plan = planSum(name, [input, other], [peaks[0], peaks[1]], {
        ...options,
        outputPeak: calibration.outputPeak,
      });
      return { name, inputs, op: "add", words: source.words, activation: { kind: source.activation }, ...plan };
    }
    case "flatten":
      return { name, inputs, op: "flatten", words: source.words, format };
    default: {
      const { op, channels, height, width, kernel, stride, pad } = source;
      return { name, inputs, op, channels, height, width, kernel, stride, pad, format };
    }
  }
}

function finishPlain(
  source: Plain,
  operation: ModelOperation,
  calibration: OperationCalibration,
  { bits, words: tensors }: Operands,
): CompiledOperation {
  const outputs = tensors[0].map(
    (_, n) =>
      perform(
        operation,
        tensors.map((operand) => operand[n]),
      ).outputs,
  );
  const exact = tensors[0].map(
    (_, n) =>
      runExactly(
        source,
        tensors.map((operand, i) => dequantise(operand[n], bits[i])),
      ).outputs,
  );
  return { operation, report: measureOperation(source, operation, calibration, outputs, exact), outputs };
}
