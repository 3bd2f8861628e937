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
  const fed = fedTensors(graph);
  const tensors: Int16Array[] = words.map((count) => new Int16Array(count));
  const input = tensors[fed - 1];
  const output = new Int16Array(words[words.length - 1]);
  const runOperation = (i: number): OperationTrace => {
    const operation = operations[i];
    const inputs = operation.inputs.map((tensor) => tensors[tensor]);
    const made = perform(operation, inputs);
    tensors[i + fed] = made.outputs;
    return made;
  };
  const trace = () => operations.map((_, i) => runOperation(i));
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
    takeReals(unit, to, at) {
      for (const [i, word] of output.entries()) to[at + i] = word * unit;
    },
    run() {
      const traces = trace();
      output.set(traces[traces.length - 1].outputs);
    },
    runOperation,
    constantBytes: () => 0,
    trace,
    stages(direction, block, schedule) {
      const words: Int16Array[] = [];
      const transform = direction === "forward" ? rfft : irfft;
      transform(block, schedule, (_, after) => words.push(after.slice()));
      return words;
    },
  };
}
