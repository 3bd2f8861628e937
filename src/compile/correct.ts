import { add } from "../fixed/arithmetic.ts";
import { type Activation, activate } from "../layers/activation.ts";
import { WORD_MAX } from "./signal.ts";

/** An operation that ends in a bias and an activation. */
export interface Biased {
  /** One word a channel. */
  readonly bias: Int16Array;
  readonly activation: Activation;
}

/** A bias before and after, and how far pre-activations are off on average. */
export interface Correction {
  readonly bias: Int16Array;
  /** Mean over the channels of |mean error over inputs and windows|, in the last bit of the output. */
  readonly before: number;
  readonly after: number;
}

/**
 * Pass: takes the mean error of every channel's pre-activations on the calibration inputs out of its bias. The mean is
 * that of the truncation of halved stages and of what the operations before left.
 *
 * @param sums           what the operation makes of the inputs before the bias, `rowWords` a window
 * @param preActivations what the float network makes of the same inputs
 * @param fractionBits   of the output
 */
export function correctBias(
  operation: Biased,
  sums: readonly Int16Array[],
  rowWords: number,
  preActivations: readonly Float64Array[],
  fractionBits: number,
): Correction {
  const errors = meanErrors(operation.bias, sums, rowWords, preActivations, fractionBits);
  const bias = operation.bias.map((word, n) => Math.max(-WORD_MAX, Math.min(WORD_MAX, word - Math.round(errors[n]))));
  const after = meanErrors(bias, sums, rowWords, preActivations, fractionBits);
  return { bias, before: meanMagnitude(errors), after: meanMagnitude(after) };
}

/** The outputs for sums of `rowWords` a window, of which the first are those of the channels. */
export function finishWords({ bias, activation }: Biased, sums: Int16Array, rowWords = sums.length): Int16Array {
  const out = bias.length;
  const windows = sums.length / rowWords;
  const outputs = new Int16Array(windows * out);
  for (let w = 0, at = 0; w < windows; w++) {
    for (let n = 0; n < out; n++, at++) outputs[at] = activate(activation, add(sums[w * rowWords + n], bias[n]));
  }
  return outputs;
}

/** For each channel the mean of word minus exact value, in the last bit; saturated words do not count. */
function meanErrors(
  bias: Int16Array,
  sums: readonly Int16Array[],
  rowWords: number,
  preActivations: readonly Float64Array[],
  fractionBits: number,
): Float64Array {
  const out = bias.length;
  const errors = new Float64Array(out);
  const counts = new Int32Array(out);
  const scale = 2 ** fractionBits;
  for (const [s, words] of sums.entries()) {
    const exact = preActivations[s];
    for (let row = 0, at = 0; row < words.length; row += rowWords) {
      for (let n = 0; n < out; n++, at++) {
        const word = words[row + n];
        const z = word + bias[n];
        if (Math.max(Math.abs(z), Math.abs(word)) >= WORD_MAX) continue;
        errors[n] += z - exact[at] * scale;
        counts[n]++;
      }
    }
  }
  return errors.map((sum, n) => (counts[n] === 0 ? 0 : sum / counts[n]));
}

function meanMagnitude(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}
