import { irfft, rfft } from "../fft/transform.ts";
import { type OperationTrace, perform } from "../layers/operation.ts";
import { quantiseReal } from "../model/input.ts";
import type { Backend } from "./backend.ts";
import { fedTensors, type Graph } from "./graph.ts";

/**
 * The network run by the plain TypeScript that defines the arithmetic: slow, and the same words.
 *
 * @param pixelWords the words of the 256 pixels
 */
export function createReferenceBackend(graph: Graph, pixelWords: Int16Array): Backend {
  const { operations, words } = graph;
  const fed = Array.from({ length: fedTensors(graph) }, (_, tensor) => new Int16Array(words[tensor]));
  const input = fed[fed.length - 1];
  const output = new Int16Array(words[words.length - 1]);
  const trace = () => {
    const tensors: Int16Array[] = [...fed];
    return operations.map((operation): OperationTrace => {
      const inputs = operation.inputs.map((tensor) => tensors[tensor]);
      const made = perform(operation, inputs);
      tensors.push(made.outputs);
      return made;
    });
  };
  return {
    name: "reference",
    input,
    output,
    memoryBytes: 0,
    memory: { tensors: 0, working: 0, constants: 0 },
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
      const traces = trace();
      output.set(traces[traces.length - 1].outputs);
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
