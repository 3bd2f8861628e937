import { add } from "../fixed/arithmetic.ts";
import { activate } from "../layers/activation.ts";
import type { ModelLayer } from "../model/model.ts";
import { WORD_MAX } from "./signal.ts";

/** A layer before and after, and how far its pre-activations are off on average. */
export interface Correction {
  readonly layer: ModelLayer;
  /** Mean over the outputs of |mean error over the inputs|, in the last bit of the output. */
  readonly before: number;
  readonly after: number;
}

/**
 * Pass: takes the mean error of every pre-activation on the calibration inputs out of its bias. The mean is that of
 * the truncation of halved stages and of what the layers before left.
 *
 * @param transforms what the layer makes of the inputs before the bias, `out` words or more each
 * @param preActivations what the float network makes of the same inputs
 */
export function correctBias(
  layer: ModelLayer,
  transforms: readonly Int16Array[],
  preActivations: readonly Float64Array[],
): Correction {
  const errors = meanErrors(layer, transforms, preActivations);
  const bias = layer.bias.map((word, n) => Math.max(-WORD_MAX, Math.min(WORD_MAX, word - Math.round(errors[n]))));
  const corrected = { ...layer, bias };
  return {
    layer: corrected,
    before: meanMagnitude(errors),
    after: meanMagnitude(meanErrors(corrected, transforms, preActivations)),
  };
}

/** The outputs of a layer for its transforms. */
export function finishWords(layer: Pick<ModelLayer, "bias" | "activation">, transforms: Int16Array): Int16Array {
  return layer.bias.map((word, n) => activate(layer.activation, add(transforms[n], word)));
}

/** For each output the mean of word minus exact value, in the last bit; saturated words do not count. */
function meanErrors(
  layer: ModelLayer,
  transforms: readonly Int16Array[],
  preActivations: readonly Float64Array[],
): Float64Array {
  const sums = new Float64Array(layer.out);
  const counts = new Int32Array(layer.out);
  const scale = 2 ** layer.format.output;
  for (const [s, words] of transforms.entries()) {
    for (let n = 0; n < layer.out; n++) {
      const z = words[n] + layer.bias[n];
      if (Math.max(Math.abs(z), Math.abs(words[n])) >= WORD_MAX) continue;
      sums[n] += z - preActivations[s][n] * scale;
      counts[n]++;
    }
  }
  return sums.map((sum, n) => (counts[n] === 0 ? 0 : sum / counts[n]));
}

function meanMagnitude(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}
