import { type Conv2dLayer, conv2d } from "./conv2d.ts";
import { type DenseLayer, dense } from "./dense.ts";
import { type DepthwiseLayer, depthwise } from "./depthwise.ts";
import { avgpool, maxpool, type PoolLayer } from "./pool.ts";
import { type SumLayer, sum } from "./sum.ts";
import { windowGrid } from "./window.ts";

/** One operation on int16 tensors in NHWC order. */
export type Operation =
  | ({ readonly op: "dense" } & DenseLayer)
  | ({ readonly op: "conv2d" } & Conv2dLayer)
  | ({ readonly op: "depthwise" } & DepthwiseLayer)
  | ({ readonly op: "maxpool" } & PoolLayer)
  | ({ readonly op: "avgpool" } & PoolLayer)
  | ({ readonly op: "add" } & SumLayer)
  | { readonly op: "flatten"; readonly words: number };

/** The tensors that an operation makes on its way; what it has no use for is absent. */
export interface OperationTrace {
  /** Spectra of the input blocks, pixel by pixel, halfcomplex. */
  readonly spectra?: Int16Array;
  /** int32 sums before requantisation; block by block and halfcomplex where there are blocks. */
  readonly accumulators?: Int32Array;
  readonly products?: Int16Array;
  /** Inverse transforms before the bias. */
  readonly transforms?: Int16Array;
  readonly outputs: Int16Array;
}

/**
 * Runs one operation: the reference.
 *
 * @param inputs a tensor for each operand: two for `add`, one for every other
 * @throws ShapeError if a tensor has another length than the operation reads
 * @see docs/arithmetic.md, sections 7 and 8
 */
export function perform(operation: Operation, inputs: readonly Int16Array[]): OperationTrace {
  const [x, y] = inputs;
  switch (operation.op) {
    case "dense":
      return dense(operation, x);
    case "conv2d":
      return conv2d(operation, x);
    case "depthwise":
      return depthwise(operation, x);
    case "maxpool":
      return { outputs: maxpool(operation, x) };
    case "avgpool":
      return { outputs: avgpool(operation, x) };
    case "add":
      return { outputs: sum(operation, x, y) };
    case "flatten":
      return { outputs: x };
  }
}

/** Words that an operation reads from each operand, and that it writes. */
export function operationWords(operation: Operation): { readonly input: number; readonly output: number } {
  switch (operation.op) {
    case "dense":
      return { input: operation.in, output: operation.out };
    case "add":
    case "flatten":
      return { input: operation.words, output: operation.words };
    default: {
      const { height, width } = operation;
      const { rows, columns } = windowGrid(operation);
      const [from, to] =
        operation.op === "conv2d" ? [operation.in, operation.out] : [operation.channels, operation.channels];
      return { input: height * width * from, output: rows * columns * to };
    }
  }
}
