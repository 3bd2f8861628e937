import { type Activation, TABLE_WORDS } from "../layers/activation.ts";
import { blockGrid } from "../layers/dense.ts";
import type { ModelOperation } from "./model.ts";
import { WORD_BITS } from "./narrow.ts";

/** A tensor of an operation's words. */
export interface OperationTensor {
  /** "weight", "bias" or "table". */
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly words: Int16Array;
  /** Bits of a word in the file. */
  readonly bits: number;
}

/** The tensors of an operation in the order of the file. Their shapes follow from its sizes, not from their words. */
export function tensorsOf(operation: ModelOperation): readonly OperationTensor[] {
  switch (operation.op) {
    case "dense":
    case "conv2d": {
      const { p, q } = blockGrid(operation);
      const taps = operation.op === "conv2d" ? operation.kernel : [];
      return [
        { tensor: "weight", shape: [...taps, p, q, operation.k], words: operation.weights, bits: bitsOf(operation) },
        { tensor: "bias", shape: [operation.out], words: operation.bias, bits: WORD_BITS },
        ...tableOf(operation.activation),
      ];
    }
    case "depthwise":
      return [
        {
          tensor: "weight",
          shape: [...operation.kernel, operation.channels],
          words: operation.weights,
          bits: bitsOf(operation),
        },
        { tensor: "bias", shape: [operation.channels], words: operation.bias, bits: WORD_BITS },
        ...tableOf(operation.activation),
      ];
    case "add":
      return tableOf(operation.activation);
    default:
      return [];
  }
}

/** The operation with other words in its tensors, by name. */
export function withTensors(operation: ModelOperation, words: (tensor: string) => Int16Array): ModelOperation {
  switch (operation.op) {
    case "dense":
    case "conv2d":
    case "depthwise": {
      const activation = withTable(operation.activation, words);
      return { ...operation, activation, weights: words("weight"), bias: words("bias") };
    }
    case "add":
      return { ...operation, activation: withTable(operation.activation, words) };
    default:
      return operation;
  }
}

function tableOf(activation: Activation): readonly OperationTensor[] {
  const { kind } = activation;
  return kind === "table" ? [{ tensor: "table", shape: [TABLE_WORDS], words: activation.table, bits: WORD_BITS }] : [];
}

function bitsOf({ weightBits }: ModelOperation): number {
  return weightBits ?? WORD_BITS;
}

function withTable(activation: Activation, words: (tensor: string) => Int16Array): Activation {
  return activation.kind === "table" ? { kind: "table", table: words("table") } : activation;
}
