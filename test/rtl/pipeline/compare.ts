import type { OperationTrace } from "../../../src/layers/operation.ts";
import type { EngineProgram } from "../../../src/rtl/program.ts";
import { firstTensorDifference, referenceTrace } from "../reference.ts";

/** The first word of the traced tensors that the reference does not have so, or undefined. */
export function firstNetworkDifference(program: EngineProgram, x: Int16Array, actual: readonly OperationTrace[]) {
  for (const [step, expected] of referenceTrace(program, x).entries()) {
    const found = firstTensorDifference(actual[step], expected);
    if (found) return { step, op: program.steps[step].operation.op, ...found };
  }
  return undefined;
}

/** What the reference makes of vectors. */
export function outputsOf(program: EngineProgram, x: Int16Array): Int16Array {
  const { words } = program.input;
  const made: number[] = [];
  for (let at = 0; at < x.length; at += words) {
    made.push(...(referenceTrace(program, x.slice(at, at + words)).at(-1)?.outputs ?? []));
  }
  return Int16Array.from(made);
}
