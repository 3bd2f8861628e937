import { ShapeError } from "../errors.ts";
import { blockGrid } from "../layers/dense.ts";
import type { Model, ModelOperation, Shape } from "../model/model.ts";
import { tensorTypes } from "../model/program.ts";
import type { FloatNetwork, FloatOperation } from "../train/network.ts";
import { inverseBlocks } from "./transform.ts";

/**
 * The float network without blocks that a model stands for: every weight and bias at the real value of its words. What
 * `project` can make blocks of other sizes from.
 *
 * @throws ShapeError for an activation that networks in training do not have
 */
export function denseForm(model: Model): FloatNetwork {
  const types = tensorTypes(model);
  const { shape, mean, deviation } = model.input;
  const operations = model.operations.map((operation, i) => formOf(operation, types[i + 1].shape));
  return { input: { shape, mean, deviation }, operations, labels: model.labels };
}

function formOf(operation: ModelOperation, output: Shape): FloatOperation {
  const { name, inputs, format } = operation;
  const base = { name, inputs, output };
  switch (operation.op) {
    case "flatten":
      return { ...base, op: "flatten" };
    case "maxpool":
      return { ...base, op: "maxpool", window: operation.kernel, stride: operation.stride, pad: operation.pad };
    case "avgpool":
      return { ...base, op: "avgpool", window: operation.kernel, stride: operation.stride };
    case "add":
      return { ...base, op: "add", activation: activationOf(operation) };
    case "depthwise": {
      const { channels, kernel, stride, pad } = operation;
      const weights = realOf(operation.weights, format.weight);
      const activation = activationOf(operation);
      return { ...base, op: "depthwise", channels, kernel, stride, pad, activation, weights, bias: biasOf(operation) };
    }
    default: {
      const { in: columns, out } = operation;
      const sizes = { in: columns, out, k: 1, p: out, q: columns };
      const weights = matricesOf(operation);
      const product = { ...base, ...sizes, activation: activationOf(operation), weights, bias: biasOf(operation) };
      if (operation.op === "dense") return { ...product, op: "dense" };
      const { kernel, stride, pad } = operation;
      return { ...product, op: "conv2d", kernel, stride, pad };
    }
  }
}

type Spectral = Extract<ModelOperation, { readonly op: "dense" | "conv2d" }>;

/** The matrices of all taps, row by row: entry (r, c) of a block is word (r - c) mod k of its first column. */
function matricesOf(operation: Spectral): Float32Array {
  const { in: columns, out, k, format } = operation;
  const { p, q } = blockGrid(operation);
  const taps = operation.op === "conv2d" ? operation.kernel[0] * operation.kernel[1] : 1;
  const blocks = inverseBlocks(Float64Array.from(realOf(operation.weights, format.weight)), k);
  const matrices = new Float32Array(taps * out * columns);
  for (let tap = 0; tap < taps; tap++) {
    for (let row = 0; row < out; row++) {
      for (let column = 0; column < columns; column++) {
        const block = ((tap * p + Math.floor(row / k)) * q + Math.floor(column / k)) * k;
        matrices[(tap * out + row) * columns + column] = blocks[block + ((row - column) & (k - 1))];
      }
    }
  }
  return matrices;
}

function biasOf({ bias, format }: Extract<ModelOperation, { readonly bias: Int16Array }>): Float32Array {
  return realOf(bias, format.output);
}

function realOf(words: Int16Array, fractionBits: number): Float32Array {
  return Float32Array.from(words, (word) => word * 2 ** -fractionBits);
}

function activationOf({ name, activation }: Extract<ModelOperation, { readonly activation: unknown }>) {
  const { kind } = activation;
  if (kind === "relu" || kind === "identity") return kind;
  throw new ShapeError(`${name}: expected the activation relu or identity, got ${kind}; no network in training has it`);
}
