import { ShapeError } from "../errors.ts";
import { type Operation, operationWords } from "../layers/operation.ts";
import { ALIGNMENT_WORDS, aligned, findOverlap, type MemoryPlan, ownersOf } from "../model/memory.ts";
import type { Model } from "../model/model.ts";
import { holds } from "../model/prove.ts";
import { volume } from "../model/shape.ts";
import { tensorsOf } from "../model/tensors.ts";

/** Operations and the places of their tensors. The first tensors are fed, each operation writes the next. */
export interface Graph {
  readonly operations: readonly (Operation & { readonly inputs: readonly number[] })[];
  /** For each operation whether none of its accumulators can wrap, so that the kernels may round as they sum. */
  readonly holds: readonly boolean[];
  /** Words of tensor 0, 1, ... */
  readonly words: readonly number[];
  readonly memory: MemoryPlan;
  /** Whether every tensor is wanted in natural order after a run. */
  readonly whole?: boolean;
}

/** Tensors of a graph that no operation writes: those before the first operation's. */
export function fedTensors({ operations, words }: Graph): number {
  return words.length - operations.length;
}

/** One operation whose operands are fed, each tensor at a place of its own; a flatten's output is its input. */
export function operationGraph(operation: Operation): Graph {
  const { input, output } = operationWords(operation);
  const inputs = operation.op === "add" ? [0, 1] : [0];
  const words = [...inputs.map(() => input), output];
  const offsets: number[] = [];
  let end = 0;
  for (const count of words) {
    offsets.push(end);
    end += aligned(count);
  }
  if (operation.op === "flatten") offsets[1] = 0;
  const operations = [{ ...operation, inputs }];
  return { operations, holds: operations.map(holds), words, memory: { words: end, offsets } };
}

/**
 * The graph of a model, checked so that no kernel leaves its memory.
 *
 * @param isProven true if the reader has proved that no accumulator can wrap
 * @throws ShapeError if its operations do not fit one another, their weights or the memory plan
 */
export function graphOf(model: Model, isProven = false): Graph {
  const { input, operations, memory } = model;
  if (operations.length === 0) throw new ShapeError("model: expected one operation or more, got none");
  const words = [volume(input.shape)];
  for (const operation of operations) {
    const { name, inputs } = operation;
    const needed = operationWords(operation);
    checkCount(`${name} inputs`, inputs.length, operation.op === "add" ? 2 : 1);
    for (const tensor of inputs) checkCount(`${name} input, tensor ${tensor}`, words[tensor] ?? 0, needed.input);
    for (const { tensor, shape, words: own } of tensorsOf(operation)) {
      checkCount(`${name} ${tensor}`, own.length, volume(shape));
    }
    words.push(needed.output);
  }
  checkCount("memory plan", memory.offsets.length, words.length, "tensors");
  const owners = ownersOf(operations);
  words.forEach((count, tensor) => {
    const offset = memory.offsets[tensor];
    const isInside = Number.isInteger(offset) && offset >= 0 && offset % ALIGNMENT_WORDS === 0;
    if (!isInside || offset + aligned(count) > memory.words) {
      throw new ShapeError(`memory plan: expected tensor ${tensor} inside ${memory.words} words, got offset ${offset}`);
    }
    if (offset !== memory.offsets[owners[tensor]]) {
      throw new ShapeError(`memory plan: expected tensor ${tensor} at the place of tensor ${owners[tensor]}`);
    }
  });
  const overlap = findOverlap(operations, words, memory);
  if (overlap) throw new ShapeError(`memory plan: expected places of their own for tensors ${overlap.join(" and ")}`);
  return { operations, holds: operations.map((operation) => isProven || holds(operation)), words, memory };
}

function checkCount(what: string, got: number, expected: number, unit = "words"): void {
  if (got !== expected) throw new ShapeError(`${what}: expected ${expected} ${unit}, got ${got}`, { expected, got });
}
