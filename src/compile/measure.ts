import { formatSchedule, scaledStages } from "../fft/schedule.ts";
import type { OperationTrace } from "../layers/operation.ts";
import type { ModelOperation, WeightedOperation, WordFormat } from "../model/model.ts";
import { ACCUMULATOR_LIMIT, type AccumulatorBound } from "../model/prove.ts";
import type { OperationCalibration, OperationRanges } from "./calibrate.ts";
import type { Correction } from "./correct.ts";
import type { ExactDepthwise, ExactOperation, ExactProduct, ExactTrace } from "./exact.ts";
import type { ProductPlan, Trial } from "./formats.ts";
import { addQuality, compareWords, decibels, NOTHING, peakOf, type Quality, WORD_MAX } from "./signal.ts";

/** How well words stand for values. */
export interface Point {
  /** Signal-to-noise ratio. */
  readonly decibels: number;
  /** Words that are -32768 or 32767, and how many there are. */
  readonly saturated: number;
  readonly words: number;
}

/** What the compiler chose for an operation, and how it does on the calibration inputs. */
export interface OperationReport {
  readonly name: string;
  readonly op: ModelOperation["op"];
  /** Numbers of the tensors it reads. */
  readonly inputs: readonly number[];
  /** Height, width and channels of what it writes. */
  readonly output: readonly number[];
  readonly format: WordFormat;
  readonly activation?: string;
  /** The float network's values. */
  readonly ranges: OperationRanges;
  /** The operation by itself: against the exact one on the same words. */
  readonly points: { readonly spectra?: Point; readonly products?: Point; readonly outputs: Point };
  /** All operations up to this one: outputs against those of the float network. */
  readonly network: Point;
  /** Right shifts that bring the operands of a sum to one format. */
  readonly shifts?: readonly [number, number];
  readonly product?: ProductReport;
}

/** What an operation with weights has besides. */
export interface ProductReport {
  readonly in: number;
  readonly out: number;
  /** 1 for a depthwise convolution. */
  readonly k: number;
  /** Halved stages, stage 1 first. */
  readonly forward: string;
  readonly inverse: string;
  readonly shift: number;
  readonly weights: { readonly decibels: number; readonly clipped: number };
  readonly bias: {
    readonly clipped: number;
    /** Mean over the channels of |mean error of the pre-activation|, in the last bit, without and with correction. */
    readonly errorBefore: number;
    readonly errorAfter: number;
  };
  /** The proved bound, the largest magnitude met, and log2 of 2^31 over each. */
  readonly accumulator: {
    readonly bound: number;
    readonly headroomBits: number;
    readonly peak: number;
    readonly unusedBits: number;
  };
  /** Candidates that the choice was made from. */
  readonly forwardTrials: readonly Trial[];
  readonly inverseTrials: readonly Trial[];
  /** What folding the batch normalisation did; absent where there was none. */
  readonly fold?: FoldReport;
}

/** Weights with and without the factors of a batch normalisation. */
export interface FoldReport {
  /** Largest magnitude of a weight. */
  readonly peakBefore: number;
  readonly peakAfter: number;
  /** Largest difference of a pre-activation between both networks, in double precision, over the largest of them. */
  readonly difference: number;
}

/** Gathers how words of an operation compare with exact values, input by input. */
export interface Meter {
  add(trace: OperationTrace, exact: ExactTrace): void;
  readonly spectra: Quality;
  readonly products: Quality;
  /** The largest magnitude of an accumulator. */
  readonly accumulatorPeak: number;
}

/** @param bits fractional bits of spectra and products */
export function createMeter(bits: { readonly spectra: number; readonly products: number }): Meter {
  let spectra = NOTHING;
  let products = NOTHING;
  let accumulatorPeak = 0;
  return {
    add(trace, exact) {
      if (trace.spectra && exact.spectra) {
        spectra = addQuality(spectra, compareWords([trace.spectra], [exact.spectra], bits.spectra));
      }
      if (trace.products && exact.products) {
        products = addQuality(products, compareWords([trace.products], [exact.products], bits.products));
      }
      if (trace.accumulators) accumulatorPeak = Math.max(accumulatorPeak, peakOf([trace.accumulators]));
    },
    get spectra() {
      return spectra;
    },
    get products() {
      return products;
    },
    get accumulatorPeak() {
      return accumulatorPeak;
    },
  };
}

/** Fractional bits of the spectra and the products of a dense layer or convolution. */
export function innerBits({ format, forward, shift }: Pick<ProductPlan, "format" | "forward" | "shift">): {
  readonly spectra: number;
  readonly products: number;
} {
  const spectra = format.input - scaledStages(forward);
  return { spectra, products: spectra + format.weight - shift };
}

/**
 * Pass: what is known of a compiled operation.
 *
 * @param words   what it makes of the calibration inputs
 * @param exact   what the exact operation makes of the same words
 */
export function measureOperation(
  source: ExactOperation,
  operation: ModelOperation,
  calibration: OperationCalibration,
  words: readonly Int16Array[],
  exact: readonly Float64Array[],
  meter?: Meter,
): OperationReport {
  const { name, op, inputs, format } = operation;
  const point = (values: readonly Float64Array[]) => toPoint(compareWords(words, values, format.output));
  return {
    name,
    op,
    inputs,
    output: source.output,
    format,
    ...("activation" in operation ? { activation: operation.activation.kind } : {}),
    ranges: calibration.ranges,
    points: {
      ...(meter && meter.spectra.words > 0 ? { spectra: toPoint(meter.spectra) } : {}),
      ...(meter && meter.products.words > 0 ? { products: toPoint(meter.products) } : {}),
      outputs: point(exact),
    },
    network: point(calibration.outputs),
    ...(operation.op === "add" ? { shifts: operation.shifts } : {}),
  };
}

/** Pass: what is known of a compiled operation with weights. */
export function measureProduct(
  source: ExactProduct | ExactDepthwise,
  operation: WeightedOperation,
  plan: Partial<Pick<ProductPlan, "forwardTrials" | "inverseTrials">>,
  correction: Pick<Correction, "before" | "after">,
  bound: AccumulatorBound,
  meter: Meter,
): ProductReport {
  const { format, shift, weights } = operation;
  const values = source.op === "depthwise" ? source.weights : source.spectra;
  const sizes =
    operation.op === "depthwise"
      ? { in: operation.channels, out: operation.channels, k: 1, forward: "", inverse: "" }
      : {
          in: operation.in,
          out: operation.out,
          k: operation.k,
          forward: formatSchedule(operation.forward, Math.log2(operation.k)),
          inverse: formatSchedule(operation.inverse, Math.log2(operation.k)),
        };
  return {
    ...sizes,
    shift,
    weights: {
      decibels: decibels(compareWords([weights], [values], format.weight)),
      clipped: countClipped(values, format.weight),
    },
    bias: {
      clipped: countClipped(source.bias, format.output),
      errorBefore: correction.before,
      errorAfter: correction.after,
    },
    accumulator: {
      bound: bound.bound,
      headroomBits: Math.log2(ACCUMULATOR_LIMIT / bound.bound),
      peak: meter.accumulatorPeak,
      unusedBits: Math.log2(ACCUMULATOR_LIMIT / meter.accumulatorPeak),
    },
    forwardTrials: plan.forwardTrials ?? [],
    inverseTrials: plan.inverseTrials ?? [],
  };
}

function toPoint(quality: Quality): Point {
  return { decibels: decibels(quality), saturated: quality.saturated, words: quality.words };
}

/** Values that the clamp to [-32767, 32767] changes. */
function countClipped(values: ArrayLike<number>, fractionBits: number): number {
  let clipped = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]) * 2 ** fractionBits >= WORD_MAX + 0.5) clipped++;
  }
  return clipped;
}
