import { irfft, rfft, type StageObserver } from "../../src/fft/transform.ts";
import { type Operation, type OperationTrace, perform } from "../../src/layers/operation.ts";
import { padRows } from "../../src/layers/spectral.ts";
import { type EngineProgram, wordsOf } from "../../src/rtl/program.ts";
import type { EngineTrace } from "../../src/rtl/trace.ts";
import { firstDifference } from "../contract/compare.ts";

/** What the reference makes of a vector, in an arena laid out as the engine's. */
export function referenceTrace({ steps, words, input }: EngineProgram, x: Int16Array): EngineTrace[] {
  const arena = new Int16Array(words);
  arena.set(x, input.offset);
  return steps.map(({ operation, from, to }) => {
    if ("schedule" in operation) throw new RangeError(`${operation.op}: expected an operation of a network`);
    const length = wordsOf(operation).input;
    const operands = from.map((offset) => arena.slice(offset, offset + length));
    const trace = perform(operation, operands);
    arena.set(trace.outputs, to);
    return { ...trace, ...stagesOf(operation, operands[0], trace) };
  });
}

/** The first word of the tensors of one operation that is not the expected one, or undefined. */
export function firstTensorDifference(actual: OperationTrace | undefined, expected: OperationTrace) {
  for (const tensor of ["spectra", "accumulators", "products", "transforms", "outputs"] as const) {
    const none = new Int16Array();
    const [a, b] = [actual?.[tensor] ?? none, expected[tensor] ?? none];
    const index = firstDifference(a, b);
    if (index >= 0) return { tensor, index, actual: a[index], expected: b[index] };
  }
  return undefined;
}

/** The first word of a trace that is not the expected one, or undefined. */
export function firstTraceDifference(actual: readonly EngineTrace[], expected: readonly EngineTrace[]) {
  for (const [step, tensors] of expected.entries()) {
    const found = firstTensorDifference(actual[step], tensors);
    if (found) return { step, ...found };
    for (const tensor of ["forwardStages", "inverseStages"] as const) {
      if (actual[step][tensor].length !== tensors[tensor].length) return { step, tensor, index: -1 };
      for (const [stage, stageWords] of tensors[tensor].entries()) {
        const index = firstDifference(actual[step][tensor][stage], stageWords);
        if (index >= 0) return { step, tensor, stage, index };
      }
    }
  }
  return undefined;
}

/** The words of all blocks after each stage of the transforms. */
function stagesOf(operation: Operation, x: Int16Array, { products, spectra }: OperationTrace) {
  if (!("k" in operation)) return { forwardStages: [], inverseStages: [] };
  const { k, forward, inverse } = operation;
  if (k === 1) return { forwardStages: [spectra ?? x], inverseStages: [] };
  const padded = padRows(x, operation.in, Math.ceil(operation.in / k) * k);
  return {
    forwardStages: mapStages(padded, k, (block, observe) => rfft(block, forward, observe)),
    inverseStages: mapStages(products ?? x, k, (block, observe) => irfft(block, inverse, observe)).slice(0, -1),
  };
}

function mapStages(words: Int16Array, k: number, transform: (block: Int16Array, observe: StageObserver) => void) {
  const stages = Array.from({ length: Math.log2(k) }, () => new Int16Array(words.length));
  for (let at = 0; at < words.length; at += k) {
    let order = 0;
    transform(words.subarray(at, at + k), (_, block) => stages[order++].set(block, at));
  }
  return stages;
}
