import { OverflowError } from "../errors.ts";
import { formatSchedule, type Schedule, scaledStages } from "../fft/schedule.ts";
import { irfft, rfft } from "../fft/transform.ts";
import { requant } from "../fixed/arithmetic.ts";
import { type DenseLayer, dense } from "../layers/dense.ts";
import type { LayerFormat } from "../model/model.ts";
import { ACCUMULATOR_LIMIT, accumulatorBound } from "../model/prove.ts";
import { finishWords } from "./correct.ts";
import { leastSchedule, neighbours, runStages, stageOrder, withHalved } from "./schedules.ts";
import {
  compareWords,
  decibels,
  dequantise,
  FRACTION_BITS_MAX,
  fittingBits,
  peakOf,
  quantise,
  WORD_MAX,
} from "./signal.ts";
import { activateExactly, addBias, type ExactTrace, type SpectralLayer, traceExactly } from "./spectra.ts";

/** A candidate of the search and how it did on the calibration inputs. */
export interface Trial {
  /** The forward schedule, or shift and inverse schedule; stage 1 first. */
  readonly choice: string;
  /** Against the exact spectra or transforms of the same words. */
  readonly decibels: number;
  /** Largest magnitude of all stages, and of an output the exact value's; 32767 is full. */
  readonly peak: number;
  /** Whether the peak leaves the margin. */
  readonly fits: boolean;
}

/** The formats of a layer and the trials that they won. */
export interface LayerPlan {
  readonly format: LayerFormat;
  readonly forward: Schedule;
  readonly inverse: Schedule;
  readonly shift: number;
  /** The spectra as words. */
  readonly weights: Int16Array;
  readonly forwardTrials: readonly Trial[];
  readonly inverseTrials: readonly Trial[];
}

/** A trial with what it stands for. */
interface Candidate<T> {
  readonly value: T;
  readonly trial: Trial;
}

/** Shift and inverse schedule belong together: both divide. */
interface Output {
  readonly shift: number;
  readonly inverse: Schedule;
}

/**
 * Pass: chooses the formats of one layer by running its fixed-point transforms on words that the layers before made.
 *
 * @param inputs tensors of `in` words
 * @param inputBits their fractional bits
 * @param margin how much larger than on the calibration inputs words may become without saturation
 * @throws OverflowError if no format of the weights keeps the accumulators below 2^31
 */
export function planLayer(
  layer: SpectralLayer & { readonly name: string },
  inputs: readonly Int16Array[],
  inputBits: number,
  margin: number,
): LayerPlan {
  const { k, q } = layer;
  const padded = inputs.map((x) => {
    const words = new Int16Array(q * k);
    words.set(x);
    return words;
  });
  const exact = padded.map((words) => traceExactly(layer, dequantise(words, inputBits)));
  const forward = chooseForward(padded, exact, k, inputBits, margin);

  for (let weightBits = mostWeightBits(layer); ; weightBits--) {
    const weights = Int16Array.from(layer.spectra, (value) => quantise(value, weightBits));
    const accumulators = inputs.map((x) => accumulate(layer, x, forward.value, weights));
    const bits = inputBits - scaledStages(forward.value) + weightBits;
    const output = chooseOutput(layer, accumulators, exact, bits, margin);
    const bound = accumulatorBound({ in: layer.in, out: layer.out, k, weights, shift: output.value.shift });
    if (bound.bound >= ACCUMULATOR_LIMIT && weightBits > -FRACTION_BITS_MAX) continue;
    return {
      format: { input: inputBits, weight: weightBits, output: outputBits(output.value, bits, k) },
      forward: forward.value,
      ...output.value,
      weights,
      forwardTrials: forward.trials,
      inverseTrials: output.trials,
    };
  }
}

/** The most fractional bits with which every weight is a word and no accumulator can wrap before it is rounded. */
function mostWeightBits(layer: SpectralLayer & { readonly name: string }): number {
  const { in: inputs, out, k, spectra } = layer;
  const fitting = fittingBits(peakOf([spectra]));
  for (let bits = fitting; bits >= -FRACTION_BITS_MAX; bits--) {
    const weights = Int16Array.from(spectra, (value) => quantise(value, bits));
    if (accumulatorBound({ in: inputs, out, k, weights, shift: 0 }).bound < ACCUMULATOR_LIMIT) return bits;
  }
  throw new OverflowError(
    `weights of layer ${layer.name}: expected values that are words of ${-FRACTION_BITS_MAX} or more fractional bits ` +
      `without overflow of an accumulator, got values up to ${peakOf([spectra])}`,
    { layer: layer.name, bound: peakOf([spectra]) },
  );
}

function chooseForward(
  padded: readonly Int16Array[],
  exact: readonly ExactTrace[],
  k: number,
  inputBits: number,
  margin: number,
): { readonly value: Schedule; readonly trials: readonly Trial[] } {
  const stages = Math.log2(k);
  // Halving every stage, words grow by no more than the rounding of the twiddle products: that always fits.
  const limit = Math.min(WORD_MAX - 1, Math.max(stageLimit(margin), peakOf(padded) + stages));
  const least = leastSchedule(rfft, stageOrder(rfft, stages), padded, k, limit);
  const candidates = neighbours(rfft, least, k).map((schedule) => {
    const { words, peaks } = runStages(rfft, padded, k, schedule);
    const quality = compareWords(
      words,
      exact.map((trace) => trace.spectra),
      inputBits - scaledStages(schedule),
    );
    const peak = Math.max(0, ...peaks);
    const trial = {
      choice: formatSchedule(schedule, stages),
      decibels: decibels(quality),
      peak,
      fits: peak <= limit,
    };
    return { value: schedule, trial };
  });
  return choose(candidates);
}

/** The int32 sums of the layer under a forward schedule. */
function accumulate(layer: SpectralLayer, x: Int16Array, forward: Schedule, weights: Int16Array): Int32Array {
  const { in: inputs, out, k } = layer;
  const bias = new Int16Array(out);
  const bare: DenseLayer = {
    in: inputs,
    out,
    k,
    forward,
    inverse: 0,
    shift: 0,
    activation: { kind: "identity" },
    weights,
    bias,
  };
  return dense(bare, x).accumulators;
}

/** @param bits fractional bits of the accumulators */
function chooseOutput(
  layer: SpectralLayer,
  accumulators: readonly Int32Array[],
  exact: readonly ExactTrace[],
  bits: number,
  margin: number,
): { readonly value: Output; readonly trials: readonly Trial[] } {
  const { k } = layer;
  const stages = Math.log2(k);
  const limit = stageLimit(margin);
  const values = exact.map((trace) => activateExactly(layer, addBias(layer, trace.transforms)));
  const peak = outputPeak(layer, exact);
  const most = fittingBits(margin * peak);
  const candidates: Candidate<Output>[] = [];
  let shift = 0;
  while (peakOf(accumulators) / 2 ** shift > limit) shift++;
  const first = shift;
  for (; shift <= 31 && (shift <= first + 2 || candidates.length === 0); shift++) {
    const products = accumulators.map((tensor) => Int16Array.from(tensor, (acc) => requant(acc, shift)));
    const needed = bits - shift + stages - most;
    if (needed > stages) continue;
    const least = leastSchedule(irfft, stageOrder(irfft, stages).slice(0, -1), products, k, limit);
    const inverse = withHalved(irfft, least, k, needed);
    for (const schedule of shift === first ? neighbours(irfft, inverse, k) : [inverse]) {
      const value = { shift, inverse: schedule };
      const format = outputBits(value, bits, k);
      if (format > FRACTION_BITS_MAX) continue;
      const { words, peaks } = runStages(irfft, products, k, schedule);
      const bias = Int16Array.from(layer.bias, (real) => quantise(real, format));
      const outputs = words.map((tensor) => finishWords({ bias, activation: { kind: layer.activation } }, tensor));
      const quality = compareWords(outputs, values, format);
      const stagePeak = Math.max(0, ...peaks.slice(1));
      const trial = {
        choice: `${shift} ${formatSchedule(schedule, stages)}`.trimEnd(),
        decibels: decibels(quality),
        peak: Math.max(stagePeak, peak * 2 ** format),
        fits: stagePeak <= limit && format <= most,
      };
      candidates.push({ value, trial });
    }
  }
  return choose(candidates);
}

/** Fractional bits of the output words. @see docs/arithmetic.md, section 7 */
function outputBits({ shift, inverse }: Output, bits: number, k: number): number {
  return bits - shift - scaledStages(inverse) + Math.log2(k);
}

/**
 * The largest value that must be a word: of the transforms, of the outputs and of the bias. Below zero a relu leaves
 * nothing of them, so that there they may saturate.
 */
function outputPeak(layer: SpectralLayer, exact: readonly ExactTrace[]): number {
  let peak = peakOf([layer.bias]);
  const magnitude = (value: number) => (layer.activation === "relu" ? value : Math.abs(value));
  for (const { transforms } of exact) {
    for (let n = 0; n < layer.out; n++) {
      peak = Math.max(peak, magnitude(transforms[n]), magnitude(transforms[n] + layer.bias[n]));
    }
  }
  return peak;
}

/** Words up to this leave the margin, and are not saturated. */
function stageLimit(margin: number): number {
  return Math.min(WORD_MAX - 1, WORD_MAX / margin);
}

/** The best of those that fit, or of all if none does; the first of equals. */
function choose<T>(candidates: readonly Candidate<T>[]): { readonly value: T; readonly trials: readonly Trial[] } {
  const fitting = candidates.filter(({ trial }) => trial.fits);
  const from = fitting.length > 0 ? fitting : candidates;
  const best = from.reduce((a, b) => (b.trial.decibels > a.trial.decibels ? b : a));
  return { value: best.value, trials: candidates.map(({ trial }) => trial) };
}
