import type { Activation, FloatInput } from "../train/network.ts";
import { type ExactOperation, type ExactTrace, runExactly } from "./exact.ts";
import { createExtremes, type Extremes, measureRange, noteExtremes, type Range, type RangeMeter } from "./ranges.ts";
import { fittingBits, peakOf } from "./signal.ts";

/** Ranges of an operation's tensors; what it has no use for is absent. */
export interface OperationRanges {
  readonly spectra?: Range;
  readonly products?: Range;
  readonly preActivations?: Range;
  readonly outputs: Range;
}

/** What one operation of the float network does on the calibration inputs. */
export interface OperationCalibration {
  readonly ranges: OperationRanges;
  /** A tensor for each input, before the activation; none for an operation without. */
  readonly preActivations: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];
  /**
   * The largest value that must be a word: of sums and pre-activations. Below zero a relu leaves nothing of them, so
   * that there they may saturate.
   */
  readonly outputPeak: number;
  /** Pixels where a word of the spectra, windows where a word of products or transforms is largest. */
  readonly extremes: { readonly pixels: readonly Extremes[]; readonly windows: readonly Extremes[] };
}

/** Fractional bits with which the inputs, and every pixel from 0 to 255, are words. */
export function chooseInputBits(input: FloatInput, inputs: readonly Float32Array[]): number {
  const pixels = [0, 1].map((pixel) => (pixel - input.mean) / input.deviation);
  return fittingBits(peakOf([pixels, ...inputs]));
}

/**
 * Pass: runs an operation of the float network, in double precision, and notes the ranges of its values.
 *
 * @param inputs for every calibration input the tensors that the operation reads
 */
export function calibrate(
  operation: ExactOperation,
  inputs: readonly (readonly Float64Array[])[],
): OperationCalibration {
  const meters: Partial<Record<keyof OperationRanges, RangeMeter>> = {};
  const outputs: Float64Array[] = [];
  const preActivations: Float64Array[] = [];
  const isProduct = "spectra" in operation;
  const pixels = isProduct ? [createExtremes(operation.q * operation.k)] : [];
  const windows = isProduct ? [0, 1].map(() => createExtremes(operation.p * operation.k)) : [];
  let outputPeak = "bias" in operation ? peakOf([operation.bias]) : 0;
  for (const [n, tensors] of inputs.entries()) {
    const trace = runExactly(operation, tensors);
    for (const key of ["spectra", "products", "preActivations", "outputs"] as const) {
      const tensor = trace[key];
      if (!tensor) continue;
      meters[key] ??= measureRange(tensor.length * inputs.length);
      meters[key].add(tensor);
    }
    if (trace.spectra) noteExtremes(pixels[0], trace.spectra, n);
    if (trace.spectra && trace.products) noteExtremes(windows[0], trace.products, n);
    if (trace.transforms) noteExtremes(windows[1], trace.transforms, n);
    outputPeak = Math.max(outputPeak, outputPeakOf("activation" in operation ? operation : {}, trace));
    outputs.push(trace.outputs);
    if (trace.preActivations) preActivations.push(trace.preActivations);
  }
  const ranges = Object.fromEntries(Object.entries(meters).map(([key, meter]) => [key, meter.read()]));
  return {
    ranges: ranges as unknown as OperationRanges,
    preActivations,
    outputs,
    outputPeak,
    extremes: { pixels, windows },
  };
}

/** The largest of what must be a word, without the bias. */
export function outputPeakOf(operation: { readonly activation?: Activation }, trace: ExactTrace): number {
  const relu = operation.activation === "relu";
  const sums = trace.transforms ?? trace.products ?? trace.outputs;
  const values = trace.preActivations ?? trace.outputs;
  return Math.max(relu ? largest(sums) : peakOf([sums]), relu ? largest(values) : peakOf([values]));
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}
