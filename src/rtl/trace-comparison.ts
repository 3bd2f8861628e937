import { MismatchError } from "../errors.ts";
import type { OperationTrace } from "../layers/operation.ts";

/** The first word of an operation in which two traces differ. */
export interface TraceDifference {
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly tensor: keyof OperationTrace;
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
}

export interface TraceComparison {
  /** Words that were compared. */
  readonly words: number;
  readonly differing: number;
  readonly first?: TraceDifference;
}

/** In the order in which an operation makes them. */
const TENSORS = ["spectra", "accumulators", "products", "transforms", "outputs"] as const;

/**
 * Compares every tensor that both realisations show, operation by operation.
 *
 * @throws MismatchError if a tensor of one is longer than that of the other, or the traces are of other networks
 */
export function compareTraces(expected: readonly OperationTrace[], actual: readonly OperationTrace[]): TraceComparison {
  if (expected.length !== actual.length) {
    throw new MismatchError(`traces: expected ${expected.length} operations, got ${actual.length}`);
  }
  let [words, differing] = [0, 0];
  let first: TraceDifference | undefined;
  expected.forEach((trace, operation) => {
    for (const tensor of TENSORS) {
      const [left, right] = [trace[tensor], actual[operation][tensor]];
      if (!left || !right) continue;
      if (left.length !== right.length) {
        throw new MismatchError(
          `operation ${operation}, ${tensor}: expected ${left.length} words, got ${right.length}`,
          {
            ...{ operation, tensor, expected: left.length, actual: right.length },
          },
        );
      }
      words += left.length;
      for (let index = 0; index < left.length; index++) {
        if (left[index] === right[index]) continue;
        differing++;
        first ??= { operation, tensor, index, expected: left[index], actual: right[index] };
      }
    }
  });
  return { words, differing, ...(first ? { first } : {}) };
}
