import { irfft, rfft } from "../fft/transform.ts";
import { type DenseLayer, type DenseTrace, dense } from "../layers/dense.ts";
import { quantiseReal } from "../model/input.ts";
import type { Backend } from "./backend.ts";

/**
 * The network run by the plain TypeScript that defines the arithmetic: slow, and the same words.
 *
 * @param pixelWords the words of the 256 pixels
 */
export function createReferenceBackend(layers: readonly DenseLayer[], pixelWords: Int16Array): Backend {
  const input = new Int16Array(layers[0].in);
  const output = new Int16Array(layers[layers.length - 1].out);
  const trace = () => {
    const traces: DenseTrace[] = [];
    let x: Int16Array = input;
    for (const layer of layers) {
      const made = dense(layer, x);
      traces.push(made);
      x = made.outputs;
    }
    return traces;
  };
  return {
    name: "reference",
    input,
    output,
    memoryBytes: 0,
    setPixels(pixels) {
      pixels.forEach((pixel, i) => {
        input[i] = pixelWords[pixel];
      });
    },
    setReals(reals, scale) {
      reals.forEach((real, i) => {
        input[i] = quantiseReal(real, scale);
      });
      return !reals.some(Number.isNaN);
    },
    run() {
      output.set(layers.reduce<Int16Array>((x, layer) => dense(layer, x).outputs, input));
    },
    trace,
    stages(direction, block, schedule) {
      const words: Int16Array[] = [];
      const transform = direction === "forward" ? rfft : irfft;
      transform(block, schedule, (_, after) => words.push(after.slice()));
      return words;
    },
  };
}
