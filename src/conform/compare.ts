import { MismatchError } from "../errors.ts";
import type { TensorName, TracedTensor } from "./trace.ts";

/** Where two realisations part: the first differing word of the first differing tensor. */
export interface Difference {
  /** Number of the vector, from 0. */
  readonly vector: number;
  readonly layer: number;
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
  readonly layer: number;
  readonly tensor: TensorName;
  readonly stage: number;
  words: number;
  differing: number;
}

/**
 * Compares the tensors of a realisation with those of the reference, in the order in which a layer makes them.
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
      throw new MismatchError(
        `layer ${tensor.layer}, ${tensor.tensor}: expected ${reference?.words.length ?? "no such tensor"} words, got ${tensor.words.length}`,
      );
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

/** A difference as a sentence. Layers, blocks, words and vectors count from 0, stages from 1. */
export function describeDifference(difference: Difference, name: string): string {
  const { vector, layer, tensor, stage, block, index, expected, actual } = difference;
  const place = [
    `layer ${layer}`,
    tensor,
    `block ${block}`,
    ...(stage > 0 ? [`stage ${stage}`] : []),
    `index ${index}`,
  ];
  return `vector ${vector}, ${place.join(", ")}: reference ${expected}, ${name} ${actual}`;
}

function keyOf({ layer, tensor, stage }: TracedTensor): string {
  return `${layer} ${tensor} ${stage}`;
}

function countOf({ layer, tensor, stage }: TracedTensor): TensorCount {
  return { layer, tensor, stage, words: 0, differing: 0 };
}

function differenceAt(vector: number, expected: TracedTensor, actual: TracedTensor, at: number): Difference {
  const { layer, tensor, stage, k } = actual;
  return {
    vector,
    layer,
    tensor,
    stage,
    block: Math.floor(at / k),
    index: at % k,
    expected: expected.words[at],
    actual: actual.words[at],
  };
}
