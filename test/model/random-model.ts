import { scaledStages } from "../../src/fft/schedule.ts";
import type { Operation } from "../../src/layers/operation.ts";
import type { Window } from "../../src/layers/window.ts";
import { planMemory } from "../../src/model/memory.ts";
import type { InputFormat, Model, ModelOperation, Shape, WordFormat } from "../../src/model/model.ts";
import { type TensorType, tensorTypes } from "../../src/model/program.ts";
import { ACCUMULATOR_LIMIT, accumulatorBound, depthwiseBound } from "../../src/model/prove.ts";
import { volume } from "../../src/model/shape.ts";
import {
  createRandom,
  type Random,
  randomConv2d,
  randomDense,
  randomDepthwise,
  randomOperation,
  randomWindow,
} from "../contract/random.ts";

/** A generator of uint32 that gives the same numbers for the same seed. */
export function random(seed: number): () => number {
  const next = createRandom(seed);
  return () => next(2 ** 32);
}

/** Fractional bits that outputs come back to as far as those of the weights allow. */
const USUAL_BITS = 8;

export interface ModelBuilder {
  /** Shape and format of every tensor so far. */
  types(): readonly TensorType[];
  /** Adds an operation, with a format that holds and weights small enough for the proof. */
  push(name: string, operation: Operation, inputs: readonly number[]): void;
  build(labels?: readonly string[]): Model;
}

export function modelBuilder(input: InputFormat): ModelBuilder {
  const operations: ModelOperation[] = [];
  const types = () => tensorTypes({ input, operations });
  return {
    types,
    push(name, operation, inputs) {
      const format = formatOf(operation, types()[inputs[0]].fractionBits);
      operations.push({ ...tamed(operation), name, inputs, format });
    },
    build(labels = []) {
      const words = types().map(({ shape }) => volume(shape));
      return { input, operations, labels, memory: planMemory(operations, words) };
    },
  };
}

/** A model of 1 to 10 operations of any kind on tensors before them; the same for the same seed. */
export function randomModel(seed: number): Model {
  const next = createRandom(seed);
  const side = () => 1 + next(8);
  const builder = modelBuilder({ ...INPUT, shape: [side(), side(), 1 + next(10)] });
  const count = 1 + next(10);
  for (let i = 0; i < count; i++) {
    const types = builder.types();
    const from = next(3) === 0 ? next(types.length) : types.length - 1;
    const { operation, inputs } = operationOn(types, from, next);
    builder.push(`op${i}`, operation, inputs);
  }
  const outputs = volume(builder.types()[count].shape);
  return builder.build(next(2) === 0 ? [] : Array.from({ length: outputs }, (_, i) => `label ${i}`));
}

const INPUT = { fractionBits: USUAL_BITS, mean: 0.1307, deviation: 0.3081 };
const OPERATIONS = ["dense", "conv2d", "depthwise", "maxpool", "avgpool", "add", "flatten"] as const;

function operationOn(types: readonly TensorType[], from: number, next: Random) {
  const { shape, fractionBits } = types[from];
  const [, , channels] = shape;
  const inputs = [from];
  const drawn = OPERATIONS[next(OPERATIONS.length)];
  const op = drawn === "dense" && shape[0] * shape[1] !== 1 ? "flatten" : drawn;
  const sides = { in: channels, out: 1 + next(20), k: 2 ** next(4) };
  switch (op) {
    case "dense":
      return { operation: { op, ...randomDense(sides, "small", next) }, inputs };
    case "conv2d":
      return { operation: { op, ...randomConv2d(sides, windowOn(shape, next), "small", next) }, inputs };
    case "depthwise":
      return { operation: { op, ...randomDepthwise(channels, windowOn(shape, next), "small", next) }, inputs };
    case "maxpool":
      return { operation: { op, channels, ...windowOn(shape, next) }, inputs };
    case "avgpool":
      return { operation: { op, channels, ...windowOn(shape, next, false) }, inputs };
    case "flatten":
      return { operation: { op, words: volume(shape) }, inputs };
    case "add": {
      const twins = [...types.keys()].filter(
        (t) => `${types[t].shape}` === `${shape}` && Math.abs(types[t].fractionBits - fractionBits) <= 30,
      );
      const other = twins[next(twins.length)];
      const bits = [fractionBits, types[other].fractionBits] as const;
      const output = clamp(1 + next(15), Math.max(...bits) - 15, Math.min(...bits) + 15);
      const shifts = [bits[0] - output, bits[1] - output] as const;
      const words = volume(shape);
      return {
        operation: { ...randomOperation("add", "small", next), op, words, shifts } as Operation,
        inputs: [from, other],
      };
    }
  }
}

/** A window that a file may hold: inside the picture, padding less than its sides. */
function windowOn([height, width]: Shape, next: Random, mayPad = true): Window {
  const { kernel, stride, pad } = randomWindow(next, mayPad);
  const fitting = [Math.min(kernel[0], height), Math.min(kernel[1], width)] as const;
  return { height, width, kernel: fitting, stride, pad: Math.min(pad, Math.min(...fitting) - 1) };
}

function formatOf(operation: Operation, from: number): WordFormat {
  if (operation.op === "add") return { input: from, weight: 0, output: from - operation.shifts[0] };
  if (!("shift" in operation)) return { input: from, weight: 0, output: from };
  const gained = "k" in operation ? gainedBits(operation) - operation.shift : -operation.shift;
  const weight = clamp(USUAL_BITS - from - gained, -31, 31);
  return { input: from, weight, output: from + gained + weight };
}

function gainedBits({ k, forward, inverse }: { k: number; forward: number; inverse: number }): number {
  return Math.log2(k) - scaledStages(forward) - scaledStages(inverse);
}

function tamed(operation: Operation): Operation {
  if (!("weights" in operation)) return operation;
  const { bound } = operation.op === "depthwise" ? depthwiseBound(operation) : accumulatorBound(operation);
  if (bound < ACCUMULATOR_LIMIT) return operation;
  return tamed({ ...operation, weights: operation.weights.map((weight) => Math.trunc(weight / 2)) });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** A model with every operation and every activation, in a graph with a branch: sizes fixed, words by the seed. */
export function exampleModel(seed: number): Model {
  const next = createRandom(seed);
  const builder = modelBuilder({ ...INPUT, shape: [6, 5, 3] });
  const plain = { forward: 0, inverse: 0, shift: 10, activation: { kind: "identity" } } as const;
  const clip = { kind: "clip", lo: -200, hi: 300 } as const;
  const table = { kind: "table", table: Int16Array.from({ length: 257 }, (_, i) => i * 100 - 12800) } as const;
  const window = (height: number, width: number, kernel: Window["kernel"], stride = 1, pad = 0): Window => {
    return { height, width, kernel, stride, pad };
  };
  const conv = (sides: { in: number; out: number; k: number }, slid: Window) => {
    return { op: "conv2d", ...randomConv2d(sides, slid, "small", next), ...plain } as const;
  };
  const dense = (sides: { in: number; out: number; k: number }) => {
    return { op: "dense", ...randomDense(sides, "small", next), ...plain } as const;
  };
  const padded = window(6, 5, [3, 3], 1, 1);
  const depthwise = randomDepthwise(8, padded, "small", next);
  const first = conv({ in: 3, out: 8, k: 4 }, padded);
  builder.push("conv1", { ...first, forward: 1, inverse: 2, activation: { kind: "relu" } }, [0]);
  builder.push("depthwise1", { op: "depthwise", ...depthwise, shift: 8, activation: clip }, [1]);
  builder.push("add1", { op: "add", words: 240, shifts: [2, 2], activation: table }, [1, 2]);
  builder.push("maxpool1", { op: "maxpool", channels: 8, ...window(6, 5, [2, 2], 2, 1) }, [3]);
  builder.push("conv2", conv({ in: 8, out: 6, k: 1 }, window(4, 3, [1, 3])), [4]);
  builder.push("avgpool1", { op: "avgpool", channels: 6, ...window(4, 1, [2, 1]) }, [5]);
  builder.push("flatten1", { op: "flatten", words: 18 }, [6]);
  builder.push("dense1", { ...dense({ in: 18, out: 13, k: 8 }), forward: 5, activation: clip }, [7]);
  builder.push("dense2", { ...dense({ in: 13, out: 6, k: 1 }), activation: table }, [8]);
  builder.push("dense3", dense({ in: 6, out: 3, k: 4 }), [9]);
  return builder.build(["label 0", "label 1", "label 2"]);
}
