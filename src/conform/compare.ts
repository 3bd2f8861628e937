import { MismatchError } from "../errors.ts";
import type { TensorName, TracedTensor } from "./trace.ts";

/** Where two realisations part: the first differing word of the first differing tensor. */
export interface Difference {
  /** Number of the vector, from 0. */
  readonly vector: number;
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly tensor: TensorName;
  /** Stage of the transform, 0 for tensors that are no transform. */
  readonly stage: number;
  readonly block: number;
  /** Word of the block. */
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
}

/** Words compared and words that differ, for one tensor over all vectors. */
export interface TensorCount {
  readonly operation: number;
  readonly tensor: TensorName;
  readonly stage: number;
  words: number;
  differing: number;
}

/**
 * Compares the tensors of a realisation with those of the reference, in the order in which an operation makes them.
 *
 * @param counts is added to: one entry for each tensor
 * @returns the first difference, or undefined
 * @throws MismatchError if the realisation shows a tensor that the reference does not have, or of another length
 */
export function compareTensors(
  vector: number,
  expected: readonly TracedTensor[],
  actual: readonly TracedTensor[],
  counts: Map<string, TensorCount>,
): Difference | undefined {
  const byKey = new Map(expected.map((tensor) => [keyOf(tensor), tensor]));
  let first: Difference | undefined;
  for (const tensor of actual) {
    const key = keyOf(tensor);
    const reference = byKey.get(key);
    if (reference?.words.length !== tensor.words.length) {
      const { operation, tensor: name, words } = tensor;
      const [expected, actual] = [reference?.words.length ?? "no such tensor", words.length];
      throw new MismatchError(`operation ${operation}, ${name}: expected ${expected} words, got ${actual}`, {
        operation,
        tensor: name,
        expected,
        actual,
      });
    }
    const count = counts.get(key) ?? countOf(tensor);
    counts.set(key, count);
    count.words += tensor.words.length;
    for (let at = 0; at < tensor.words.length; at++) {
      if (tensor.words[at] === reference.words[at]) continue;
      count.differing++;
      first ??= differenceAt(vector, reference, tensor, at);
    }
  }
  return first;
}

/** A difference as a sentence. Operations, blocks, words and vectors count from 0, stages from 1. */
export function describeDifference(difference: Difference, name: string): string {
  const { vector, operation, tensor, stage, block, index, expected, actual } = difference;
  const place = [
    `operation ${operation}`,
    tensor,
    `block ${block}`,
    ...(stage > 0 ? [`stage ${stage}`] : []),
    `index ${index}`,
  ];
  return `vector ${vector}, ${place.join(", ")}: reference ${expected}, ${name} ${actual}`;
}

function keyOf({ operation, tensor, stage }: TracedTensor): string {
  return `${operation} ${tensor} ${stage}`;
}

function countOf({ operation, tensor, stage }: TracedTensor): TensorCount {
  return { operation, tensor, stage, words: 0, differing: 0 };
}

function differenceAt(vector: number, expected: TracedTensor, actual: TracedTensor, at: number): Difference {
  const { operation, tensor, stage, k } = actual;
  return {
    vector,
    operation,
    tensor,
    stage,
    block: Math.floor(at / k),
    index: at % k,
    expected: expected.words[at],
    actual: actual.words[at],
  };
}
