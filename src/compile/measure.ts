import { formatSchedule, scaledStages } from "../fft/schedule.ts";
import type { DenseTrace } from "../layers/dense.ts";
import type { LayerFormat, ModelLayer } from "../model/model.ts";
import { ACCUMULATOR_LIMIT, type AccumulatorBound } from "../model/prove.ts";
import type { LayerCalibration } from "./calibrate.ts";
import type { Correction } from "./correct.ts";
import type { LayerPlan, Trial } from "./formats.ts";
import { compareWords, decibels, dequantise, peakOf, WORD_MAX } from "./signal.ts";
import { activateExactly, addBias, padBlocks, type SpectralLayer, traceExactly } from "./spectra.ts";

/** How well words stand for values. */
export interface Point {
  /** Signal-to-noise ratio. */
  readonly decibels: number;
  /** Words that are -32768 or 32767, and how many there are. */
  readonly saturated: number;
  readonly words: number;
}

/** What the compiler chose for a layer, and how the layer does on the calibration inputs. */
export interface LayerReport {
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly k: number;
  readonly activation: string;
  readonly format: LayerFormat;
  /** Halved stages, stage 1 first. */
  readonly forward: string;
  readonly inverse: string;
  readonly shift: number;
  /** The float network's values. */
  readonly ranges: LayerCalibration["ranges"];
  readonly weights: { readonly decibels: number; readonly clipped: number };
  readonly bias: {
    readonly clipped: number;
    /** Mean over the outputs of |mean error of the pre-activation|, in the last bit, without and with correction. */
    readonly errorBefore: number;
    readonly errorAfter: number;
  };
  /** The layer by itself: against the exact layer on the same words. */
  readonly points: { readonly spectra: Point; readonly products: Point; readonly outputs: Point };
  /** All layers up to this one: outputs against those of the float network. */
  readonly network: Point;
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
}

/** Everything that is known of a compiled layer. */
export interface CompiledLayer {
  readonly exact: SpectralLayer;
  readonly layer: ModelLayer;
  readonly plan: LayerPlan;
  readonly calibration: LayerCalibration;
  readonly correction: Pick<Correction, "before" | "after">;
  readonly bound: AccumulatorBound;
}

/**
 * Pass: compares every tensor of a compiled layer with the exact one.
 *
 * @param inputs  the words that the layers before made
 * @param traces  what the layer makes of them; of its bias only `outputs` need to be
 * @param outputs `out` words each
 */
export function measureLayer(
  compiled: CompiledLayer,
  inputs: readonly Int16Array[],
  traces: readonly DenseTrace[],
  outputs: readonly Int16Array[],
): LayerReport {
  const { exact, layer, plan, calibration, correction, bound } = compiled;
  const { name, k, shift, format } = layer;
  const stages = Math.log2(k);
  const exactTraces = inputs.map((x) => traceExactly(exact, padBlocks(dequantise(x, format.input), exact)));
  const spectrumBits = format.input - scaledStages(layer.forward);
  const point = (words: readonly Int16Array[], values: readonly Float64Array[], bits: number): Point => {
    const quality = compareWords(words, values, bits);
    return { decibels: decibels(quality), saturated: quality.saturated, words: quality.words };
  };
  const exactOutputs = exactTraces.map(({ transforms }) => activateExactly(exact, addBias(exact, transforms)));
  const peak = peakOf(traces.map(({ accumulators }) => accumulators));
  return {
    name,
    in: layer.in,
    out: layer.out,
    k,
    activation: layer.activation.kind,
    format,
    forward: formatSchedule(layer.forward, stages),
    inverse: formatSchedule(layer.inverse, stages),
    shift,
    ranges: calibration.ranges,
    weights: {
      decibels: point([layer.weights], [exact.spectra], format.weight).decibels,
      clipped: countClipped(exact.spectra, format.weight),
    },
    bias: {
      clipped: countClipped(exact.bias, format.output),
      errorBefore: correction.before,
      errorAfter: correction.after,
    },
    points: {
      spectra: point(
        traces.map(({ spectra }) => spectra),
        exactTraces.map(({ spectra }) => spectra),
        spectrumBits,
      ),
      products: point(
        traces.map(({ products }) => products),
        exactTraces.map(({ products }) => products),
        spectrumBits + format.weight - shift,
      ),
      outputs: point(outputs, exactOutputs, format.output),
    },
    network: point(outputs, calibration.outputs, format.output),
    accumulator: {
      bound: bound.bound,
      headroomBits: Math.log2(ACCUMULATOR_LIMIT / bound.bound),
      peak,
      unusedBits: Math.log2(ACCUMULATOR_LIMIT / peak),
    },
    forwardTrials: plan.forwardTrials,
    inverseTrials: plan.inverseTrials,
  };
}

/** Values that the clamp to [-32767, 32767] changes. */
function countClipped(values: ArrayLike<number>, fractionBits: number): number {
  let clipped = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]) * 2 ** fractionBits >= WORD_MAX + 0.5) clipped++;
  }
  return clipped;
}
