import { OverflowError } from "../errors.ts";
import type { WordFormat } from "../model/model.ts";
import { ACCUMULATOR_LIMIT, depthwiseBound } from "../model/prove.ts";
import type { ExactDepthwise } from "./exact.ts";
import {
  FRACTION_BITS_MAX,
  fittingBits,
  mostOutputBits,
  noFormat,
  type OutputNeeds,
  peakOf,
  quantiseWords,
  type WeightNeeds,
} from "./signal.ts";

/** Most that an operand of a sum is shifted either way. */
const SHIFT_MAX = 15;

/** The formats of a depthwise convolution. */
export interface DepthwisePlan {
  readonly format: WordFormat;
  readonly shift: number;
}

/** The formats of a sum. */
export interface SumPlan {
  readonly format: WordFormat;
  readonly shifts: readonly [number, number];
}

/**
 * Pass: the most fractional bits of the weights that keep the accumulators below 2^31, and the least shift with which
 * sums and pre-activations are words.
 *
 * @throws OverflowError if no format does
 */
export function planDepthwise(
  name: string,
  operation: ExactDepthwise,
  inputBits: number,
  needs: OutputNeeds & WeightNeeds,
): DepthwisePlan {
  const most = mostOutputBits(needs);
  const peak = peakOf([operation.weights]);
  for (let weight = fittingBits(peak, needs.largestWeight); weight >= -FRACTION_BITS_MAX; weight--) {
    const shift = Math.max(0, inputBits + weight - most);
    if (shift > 31) continue;
    const weights = quantiseWords(operation.weights, weight);
    const { bound } = depthwiseBound({
      ...operation,
      activation: { kind: operation.activation },
      weights,
      shift,
      bias: NONE,
    });
    const output = inputBits + weight - shift;
    if (bound >= ACCUMULATOR_LIMIT || Math.abs(output) > FRACTION_BITS_MAX) continue;
    return { format: { input: inputBits, weight, output }, shift };
  }
  throw noFormat(name, peak);
}

/**
 * Pass: the format of a sum. It has as many fractional bits as the finer of its operands, so that neither is rounded,
 * or as many as leave both operands and the sum words.
 *
 * @param bits  fractional bits of the operands
 * @param peaks the largest magnitudes of the operands as real values
 * @throws OverflowError if the formats of the operands are too far apart
 */
export function planSum(
  name: string,
  bits: readonly [number, number],
  peaks: readonly [number, number],
  needs: OutputNeeds,
): SumPlan {
  const [a, b] = bits;
  const fitting = bits.map((own, i) => Math.max(own, fittingBits(needs.margin * peaks[i])));
  const wanted = Math.min(Math.max(a, b), mostOutputBits(needs), ...fitting);
  const least = Math.max(a, b) - SHIFT_MAX;
  const most = Math.min(a, b) + SHIFT_MAX;
  if (least > most) {
    throw new OverflowError(
      `sum ${name}: expected operands whose fractional bits are at most ${2 * SHIFT_MAX} apart, got ${a} and ${b}; ` +
        "an operand that is zero on all calibration inputs needs others",
      { layer: name, bits },
    );
  }
  const output = Math.max(least, Math.min(most, wanted));
  return { format: { input: a, weight: 0, output }, shifts: [a - output, b - output] };
}

const NONE = new Int16Array(0);
