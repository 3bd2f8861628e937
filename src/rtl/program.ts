import type { Schedule } from "../fft/schedule.ts";
import { type Operation, operationWords } from "../layers/operation.ts";
import { aligned } from "../model/memory.ts";
import type { Model, ModelOperation } from "../model/model.ts";

/** The transforms of a row of blocks alone, natural order to halfcomplex or back. */
export interface Transform {
  readonly op: "rfft" | "irfft";
  readonly k: number;
  readonly blocks: number;
  readonly schedule: Schedule;
}

/** What the engine does in one pass over its units; of an operation of a model, its name and the bits of its weights. */
export type EngineOperation = (Operation & Partial<Pick<ModelOperation, "name" | "weightBits">>) | Transform;

/** An operation and where its tensors stand in the activation memory. */
export interface EngineStep {
  readonly operation: EngineOperation;
  /** First word of each operand. */
  readonly from: readonly number[];
  /** First word of the result. */
  readonly to: number;
}

/** A tensor of the streams. */
export interface StreamTensor {
  readonly offset: number;
  readonly words: number;
}

/** Everything that the engine does with one vector. */
export interface EngineProgram {
  readonly steps: readonly EngineStep[];
  /** Words of the activation memory that it uses. */
  readonly words: number;
  readonly input: StreamTensor;
  readonly output: StreamTensor;
}

/**
 * The program of a compiled network, its tensors where the model's memory plan puts them. Operation 0 reads tensor 0, as
 * there is no other before it.
 */
export function networkProgram({ operations, memory }: Pick<Model, "operations" | "memory">): EngineProgram {
  const steps = operations.map((operation, i) => ({
    operation,
    from: operation.inputs.map((tensor) => memory.offsets[tensor]),
    to: memory.offsets[i + 1],
  }));
  const [first, last] = [operations[0], operations[operations.length - 1]];
  return {
    steps,
    words: memory.words,
    input: { offset: memory.offsets[0], words: wordsOf(first).input },
    output: { offset: memory.offsets[operations.length], words: wordsOf(last).output },
  };
}

/** The program of one operation, whose operands come one after the other as one vector. */
export function singleProgram(operation: EngineOperation): EngineProgram {
  const { input, output } = wordsOf(operation);
  const operands = operation.op === "add" ? 2 : 1;
  const from = Array.from({ length: operands }, (_, i) => i * input);
  const to = operation.op === "flatten" ? 0 : aligned(operands * input);
  return {
    steps: [{ operation, from, to }],
    words: to + aligned(output),
    input: { offset: 0, words: operands * input },
    output: { offset: to, words: output },
  };
}

/** Words that an operation reads from each operand, and that it writes. */
export function wordsOf(operation: EngineOperation): { readonly input: number; readonly output: number } {
  if (!("schedule" in operation)) return operationWords(operation);
  const words = operation.blocks * operation.k;
  return { input: words, output: words };
}
