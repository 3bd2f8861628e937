import type { OperationTrace } from "../../../src/layers/operation.ts";
import type { EngineProgram } from "../../../src/rtl/program.ts";
import { firstDifference } from "../../contract/compare.ts";
import { referenceTrace } from "../reference.ts";

/** The first word of the traced tensors that the reference does not have so, or undefined. */
export function firstTensorDifference(program: EngineProgram, x: Int16Array, actual: readonly OperationTrace[]) {
  for (const [step, expected] of referenceTrace(program, x).entries()) {
    for (const tensor of ["spectra", "accumulators", "products", "transforms", "outputs"] as const) {
      const none = new Int16Array();
      const [a, b] = [actual[step]?.[tensor] ?? none, expected[tensor] ?? none];
      const index = firstDifference(a, b);
      if (index >= 0)
        return { step, op: program.steps[step].operation.op, tensor, index, actual: a[index], expected: b[index] };
    }
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
