import { formatSchedule, type Schedule, scaledStages } from "../fft/schedule.ts";
import { irfft, rfft } from "../fft/transform.ts";
import { requant } from "../fixed/arithmetic.ts";
import { mapBlocks, multiplyAccumulate } from "../layers/spectral.ts";
import type { WordFormat } from "../model/model.ts";
import { ACCUMULATOR_LIMIT, accumulatorBound } from "../model/prove.ts";
import { outputPeakOf } from "./calibrate.ts";
import { finishWords } from "./correct.ts";
import { activateExactly, addBias, type ExactProduct, traceProduct } from "./exact.ts";
import type { ProductSample } from "./sample.ts";
import { leastSchedule, neighbours, runStages, stageOrder, withHalved } from "./schedules.ts";
import {
  compareWords,
  decibels,
  dequantise,
  FRACTION_BITS_MAX,
  fittingBits,
  mostOutputBits,
  noFormat,
  type OutputNeeds,
  peakOf,
  quantiseWords,
  type WeightNeeds,
  WORD_MAX,
} from "./signal.ts";
import { transformBlocks } from "./transform.ts";

type Exact = ReturnType<typeof traceProduct>;

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

/** The formats of a product and the trials that they won. */
export interface ProductPlan {
  readonly format: WordFormat;
  readonly forward: Schedule;
  readonly inverse: Schedule;
  readonly shift: number;
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
 * Pass: chooses the formats of a dense layer or convolution by running its fixed-point transforms on a sample of the
 * words that the operations before made.
 *
 * @param inputBits their fractional bits
 * @throws OverflowError if no format of the weights keeps the accumulators below 2^31
 */
export function planProduct(
  name: string,
  { dense, pixels, windows }: ProductSample,
  inputBits: number,
  needs: OutputNeeds & WeightNeeds,
): ProductPlan {
  const { k } = dense;
  const { margin } = needs;
  const exact = windows.map((words) => traceProduct(dense, dequantise(words, inputBits)));
  const forward = chooseForward(pixels, k, inputBits, margin);
  const spectra = windows.map((words) => mapBlocks(words, k, (block) => rfft(block, forward.value)));
  const outputPeak = Math.max(needs.outputPeak, ...exact.map((trace) => outputPeakOf(dense, finish(dense, trace))));

  for (
    let weightBits = mostWeightBits(name, dense, needs.largestWeight);
    weightBits >= -FRACTION_BITS_MAX;
    weightBits--
  ) {
    const weights = quantiseWords(dense.spectra, weightBits);
    const accumulators = spectra.map((tensor) => accumulate(dense, tensor, weights));
    const bits = inputBits - scaledStages(forward.value) + weightBits;
    const output = chooseOutput(dense, accumulators, exact, bits, { ...needs, outputPeak });
    if (!output) continue;
    const { bound } = accumulatorBound({ ...dense, weights, shift: output.value.shift });
    if (bound >= ACCUMULATOR_LIMIT) continue;
    return {
      format: { input: inputBits, weight: weightBits, output: outputBits(output.value, bits, k) },
      forward: forward.value,
      ...output.value,
      forwardTrials: forward.trials,
      inverseTrials: output.trials,
    };
  }
  throw noFormat(name, peakOf([dense.spectra]));
}

/** The most fractional bits with which every weight is a word and no accumulator can wrap before it is rounded. */
function mostWeightBits(name: string, dense: ExactProduct, largest: number): number {
  const { spectra } = dense;
  const fitting = fittingBits(peakOf([spectra]), largest);
  for (let bits = fitting; bits >= -FRACTION_BITS_MAX; bits--) {
    const weights = quantiseWords(spectra, bits);
    if (accumulatorBound({ ...dense, weights, shift: 0 }).bound < ACCUMULATOR_LIMIT) return bits;
  }
  throw noFormat(name, peakOf([spectra]));
}

function chooseForward(
  pixels: readonly Int16Array[],
  k: number,
  inputBits: number,
  margin: number,
): { readonly value: Schedule; readonly trials: readonly Trial[] } {
  const stages = Math.log2(k);
  // Halving every stage, words grow by no more than the rounding of the twiddle products: that always fits.
  const limit = Math.min(WORD_MAX - 1, Math.max(stageLimit(margin), peakOf(pixels) + stages));
  const least = leastSchedule(rfft, stageOrder(rfft, stages), pixels, k, limit);
  const exact = pixels.map((words) => transformBlocks(dequantise(words, inputBits), k));
  const candidates = neighbours(rfft, least, k).map((schedule) => {
    const { words, peaks } = runStages(rfft, pixels, k, schedule);
    const quality = compareWords(words, exact, inputBits - scaledStages(schedule));
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

/** The int32 sums of a window. */
function accumulate({ p, q, k }: ExactProduct, spectra: Int16Array, weights: Int16Array): Int32Array {
  const accumulators = new Int32Array(p * k);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) multiplyAccumulate(accumulators, i * k, spectra, j * k, weights, (i * q + j) * k, k);
  }
  return accumulators;
}

/**
 * @param bits fractional bits of the accumulators
 * @returns undefined if no shift leads to outputs that are words
 */
function chooseOutput(
  dense: ExactProduct,
  accumulators: readonly Int32Array[],
  exact: readonly Exact[],
  bits: number,
  needs: OutputNeeds,
): { readonly value: Output; readonly trials: readonly Trial[] } | undefined {
  const { k } = dense;
  const stages = Math.log2(k);
  const limit = stageLimit(needs.margin);
  const values = exact.map((trace) => finish(dense, trace).outputs);
  const activation = { kind: dense.activation };
  const most = mostOutputBits(needs);
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
      const bias = quantiseWords(dense.bias, format);
      const outputs = words.map((tensor) => finishWords({ bias, activation }, tensor));
      const quality = compareWords(outputs, values, format);
      const stagePeak = Math.max(0, ...peaks.slice(1));
      const trial = {
        choice: `${shift} ${formatSchedule(schedule, stages)}`.trimEnd(),
        decibels: decibels(quality),
        peak: Math.max(stagePeak, needs.outputPeak * 2 ** format),
        fits: stagePeak <= limit && format <= most,
      };
      candidates.push({ value, trial });
    }
  }
  return candidates.length === 0 ? undefined : choose(candidates);
}

/** Fractional bits of the output words. @see docs/arithmetic.md, section 7 */
function outputBits({ shift, inverse }: Output, bits: number, k: number): number {
  return bits - shift - scaledStages(inverse) + Math.log2(k);
}

function finish(dense: ExactProduct, { transforms }: Exact) {
  const preActivations = addBias(dense, transforms);
  return { transforms, preActivations, outputs: activateExactly(dense, preActivations) };
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
