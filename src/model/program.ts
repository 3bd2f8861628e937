import { formatSchedule, parseSchedule, scaledStages } from "../fft/schedule.ts";
import type { Activation } from "../layers/activation.ts";
import { LARGEST_MEAN } from "../layers/pool.ts";
import { windowGrid } from "../layers/window.ts";
import {
  checkFields,
  fieldError,
  INPUT_FIELDS,
  inOrder,
  MEMORY_FIELDS,
  OPERATION_FIELDS,
  PROGRAM_FIELDS,
  type Values,
} from "./fields.ts";
import { aligned, findOverlap } from "./memory.ts";
import type { Model, ModelOperation, Shape, WordFormat } from "./model.ts";
import { volume } from "./shape.ts";

type OperationName = keyof typeof OPERATION_FIELDS;
type OperationValues<O extends OperationName> = Values<(typeof OPERATION_FIELDS)[O]>;

/** A tensor of the graph. */
export interface TensorType {
  readonly shape: Shape;
  readonly fractionBits: number;
}

const NO_WORDS = new Int16Array(0);

/**
 * Checks a parsed program: every field, the graph with its shapes and formats, the memory plan, the labels.
 *
 * @param maxOperations the caller's limit of operations
 * @param maxWords      the caller's limit of the words of a tensor
 * @returns the model without the words of its weights, biases and tables
 * @throws ModelFileError
 */
export function readProgram(value: unknown, maxOperations: number, maxWords: number): Model {
  checkFields(PROGRAM_FIELDS, value, "program");
  const { input, labels, memory } = value;
  checkFields(INPUT_FIELDS, input, "program.input");
  checkFields(MEMORY_FIELDS, memory, "program.memory");
  if (value.operations.length > maxOperations) {
    throw fieldError("program.operations", `at most ${maxOperations}, the caller's limit`, value.operations.length);
  }
  const tensors: TensorType[] = [{ shape: input.shape, fractionBits: input.fractionBits }];
  checkSize("program.input.shape", input.shape, maxWords);
  const names = new Set<string>();
  const operations = value.operations.map((item, i) => {
    const where = `program.operations[${i}]`;
    const operation = readOperation(item, where, tensors);
    if (names.has(operation.name)) throw fieldError(`${where}.name`, "a name of its own", operation.name);
    names.add(operation.name);
    const shape = outputShape(operation, tensors);
    checkSize(where, shape, maxWords);
    tensors.push({ shape, fractionBits: operation.format.output });
    return operation;
  });
  const outputs = volume(tensors[tensors.length - 1].shape);
  if (labels.length !== 0 && labels.length !== outputs) {
    throw fieldError("program.labels", `none or ${outputs}, the outputs`, labels.length);
  }
  const model = { input, operations, labels, memory };
  checkMemory(
    model,
    tensors.map(({ shape }) => volume(shape)),
  );
  return model;
}

/** The program of a model as its JSON holds it. */
export function writeProgram({ input, operations, labels, memory }: Model): object {
  return inOrder(PROGRAM_FIELDS, {
    input: inOrder(INPUT_FIELDS, input),
    operations: operations.map(writeOperation),
    memory: inOrder(MEMORY_FIELDS, memory),
    labels,
  });
}

/** Shape and format of every tensor of a model, tensor 0 first. */
export function tensorTypes({ input, operations }: Pick<Model, "input" | "operations">): readonly TensorType[] {
  const tensors: TensorType[] = [{ shape: input.shape, fractionBits: input.fractionBits }];
  for (const operation of operations) {
    tensors.push({ shape: outputShape(operation, tensors), fractionBits: operation.format.output });
  }
  return tensors;
}

function outputShape(operation: ModelOperation, tensors: readonly TensorType[]): Shape {
  const { shape } = tensors[operation.inputs[0]];
  switch (operation.op) {
    case "dense":
      return [1, 1, operation.out];
    case "flatten":
      return [1, 1, volume(shape)];
    case "add":
      return shape;
    default: {
      const { rows, columns } = windowGrid(operation);
      return [rows, columns, operation.op === "conv2d" ? operation.out : shape[2]];
    }
  }
}

function readOperation(value: unknown, where: string, tensors: readonly TensorType[]): ModelOperation {
  const name = operationName(value, where);
  checkFields(OPERATION_FIELDS[name], value, where);
  const operands = name === "add" ? 2 : 1;
  if (value.inputs.length !== operands) {
    throw fieldError(`${where}.inputs`, operands === 1 ? "one tensor" : "two tensors", value.inputs);
  }
  const inputs = value.inputs.map((number) => {
    if (number >= tensors.length) {
      throw fieldError(`${where}.inputs`, `tensors before it, 0 to ${tensors.length - 1}`, number);
    }
    return tensors[number];
  });
  const read = READERS[name] as Reader;
  const bits = "weightBits" in value ? { weightBits: value.weightBits } : {};
  return { name: value.name, inputs: value.inputs, ...read(value, where, inputs), ...bits } as ModelOperation;
}

function operationName(value: unknown, where: string): OperationName {
  const op = (value as { readonly op?: unknown } | null)?.op;
  const name = Object.keys(OPERATION_FIELDS).find((known): known is OperationName => known === op);
  if (name === undefined) throw fieldError(`${where}.op`, OPERATION_FIELDS.dense.op.expects, op);
  return name;
}

type Body<O extends OperationName> = Omit<Extract<ModelOperation, { op: O }>, "name" | "inputs">;
type Readers = {
  readonly [O in OperationName]: (values: OperationValues<O>, where: string, inputs: readonly TensorType[]) => Body<O>;
};
type Reader = (values: unknown, where: string, inputs: readonly TensorType[]) => Body<OperationName>;

const READERS: Readers = {
  dense(values, where, [input]) {
    const [height, width, words] = input.shape;
    if (height * width !== 1) throw fieldError(where, "a vector, as of flatten, to read", input.shape);
    return { op: "dense", in: words, ...readSpectral(values, where, input) };
  },
  conv2d(values, where, [input]) {
    const window = readWindow(values, where, input.shape, 7);
    return { op: "conv2d", in: input.shape[2], ...window, ...readSpectral(values, where, input) };
  },
  depthwise(values, where, [input]) {
    const window = readWindow(values, where, input.shape, 7);
    const { shift, fractionBits } = values;
    const [from, weight] = fractionBits;
    return {
      op: "depthwise",
      channels: input.shape[2],
      ...window,
      shift,
      activation: readActivation(values, where),
      weights: NO_WORDS,
      bias: NO_WORDS,
      format: checkFormat(fractionBits, input, from + weight - shift, where),
    };
  },
  maxpool(values, where, [input]) {
    return { op: "maxpool", channels: input.shape[2], ...readWindow(values, where, input.shape, 255), ...same(input) };
  },
  avgpool(values, where, [input]) {
    const window = readWindow(values, where, input.shape, 255);
    if (window.pad !== 0) throw fieldError(`${where}.pad`, "0 for a mean", window.pad);
    const count = window.kernel[0] * window.kernel[1];
    if (count > LARGEST_MEAN) throw fieldError(`${where}.kernel`, `at most ${LARGEST_MEAN} pixels`, window.kernel);
    return { op: "avgpool", channels: input.shape[2], ...window, ...same(input) };
  },
  add(values, where, [a, b]) {
    if (String(a.shape) !== String(b.shape)) {
      throw fieldError(`${where}.inputs`, `two tensors of one shape, as ${a.shape}`, b.shape);
    }
    const { shifts } = values;
    const output = a.fractionBits - shifts[0];
    if (output !== b.fractionBits - shifts[1]) {
      throw fieldError(`${where}.shifts`, `${output} fractional bits of both operands`, b.fractionBits - shifts[1]);
    }
    if (Math.abs(output) > 31) throw fieldError(`${where}.shifts`, "a sum of -31 to 31 fractional bits", output);
    const format = { input: a.fractionBits, weight: 0, output };
    return { op: "add", words: volume(a.shape), shifts, activation: readActivation(values, where), format };
  },
  flatten: (_, __, [input]) => ({ op: "flatten", words: volume(input.shape), ...same(input) }),
};

/** A format of words that an operation leaves as they are. */
function same({ fractionBits }: TensorType): { readonly format: WordFormat } {
  return { format: { input: fractionBits, weight: 0, output: fractionBits } };
}

function readSpectral(values: OperationValues<"dense">, where: string, input: TensorType) {
  const { out, k, shift, fractionBits } = values;
  const stages = Math.log2(k);
  for (const transform of ["forward", "inverse"] as const) {
    if (values[transform].length !== stages) {
      throw fieldError(`${where}.${transform}`, `${stages} digits for k = ${k}`, values[transform]);
    }
  }
  const forward = parseSchedule(values.forward, stages);
  const inverse = parseSchedule(values.inverse, stages);
  const [from, weight] = fractionBits;
  const made = from - scaledStages(forward) + weight - shift - scaledStages(inverse) + stages;
  const format = checkFormat(fractionBits, input, made, where);
  const activation = readActivation(values, where);
  return { out, k, forward, inverse, shift, activation, weights: NO_WORDS, bias: NO_WORDS, format };
}

function readWindow(values: OperationValues<"maxpool">, where: string, [height, width]: Shape, most: number) {
  const { kernel, stride, pad } = values;
  const largest = Math.max(...kernel);
  if (largest > most) throw fieldError(`${where}.kernel`, `sides of at most ${most}`, kernel);
  if (pad >= Math.min(...kernel)) throw fieldError(`${where}.pad`, `less than both sides of ${kernel}`, pad);
  const window = { height, width, kernel, stride, pad };
  const { rows, columns } = windowGrid(window);
  if (rows < 1 || columns < 1) throw fieldError(`${where}.kernel`, `sides within ${height} x ${width}`, kernel);
  return window;
}

function readActivation(
  { activation, bounds }: Pick<OperationValues<"add">, "activation" | "bounds">,
  where: string,
): Activation {
  if ((activation === "clip") !== (bounds !== undefined)) {
    throw fieldError(`${where}.bounds`, "bounds for a clip and for nothing else", bounds);
  }
  if (activation === "table") return { kind: "table", table: NO_WORDS };
  if (activation === "clip") return { kind: "clip", lo: bounds?.[0] ?? 0, hi: bounds?.[1] ?? 0 };
  return { kind: activation };
}

function checkFormat(bits: readonly number[], from: TensorType, made: number, where: string): WordFormat {
  const [input, weight, output] = bits;
  if (input !== from.fractionBits) {
    throw fieldError(`${where}.fractionBits`, `${from.fractionBits} for the input, as before it`, input);
  }
  if (output !== made) {
    throw fieldError(`${where}.fractionBits`, `${made} for the output by schedules and shift`, output);
  }
  return { input, weight, output };
}

function checkSize(where: string, shape: Shape, most: number): void {
  if (volume(shape) > most) throw fieldError(where, `tensors of at most ${most} words, the caller's limit`, shape);
}

function checkMemory({ operations, memory }: Model, words: readonly number[]): void {
  const { offsets } = memory;
  const where = "program.memory";
  if (offsets.length !== words.length) throw fieldError(`${where}.offsets`, `${words.length} of them`, offsets.length);
  for (const [i, { op, inputs }] of operations.entries()) {
    if (op === "flatten" && offsets[i + 1] !== offsets[inputs[0]]) {
      throw fieldError(`${where}.offsets[${i + 1}]`, `${offsets[inputs[0]]}, where flatten finds it`, offsets[i + 1]);
    }
  }
  const pair = findOverlap(operations, words, memory);
  if (pair) throw fieldError(`${where}.offsets`, "room of their own for tensors of one time", pair);
  const peak = Math.max(...offsets.map((offset, t) => aligned(offset + words[t])));
  const sideBySide = words.reduce((sum, count) => sum + aligned(count), 0);
  if (peak > sideBySide) throw fieldError(`${where}.offsets`, `at most ${sideBySide} words, all side by side`, peak);
  if (memory.words !== peak) throw fieldError(`${where}.words`, `${peak} by the offsets`, memory.words);
}

function writeOperation(operation: ModelOperation): object {
  const { name, op, inputs, format } = operation;
  const fields: Record<string, unknown> = { ...operation, name, op, inputs };
  if ("activation" in operation) {
    const { activation } = operation;
    fields.activation = activation.kind;
    if (activation.kind === "clip") fields.bounds = [activation.lo, activation.hi];
  }
  if ("k" in operation) {
    const stages = Math.log2(operation.k);
    fields.forward = formatSchedule(operation.forward, stages);
    fields.inverse = formatSchedule(operation.inverse, stages);
  }
  fields.fractionBits = [format.input, format.weight, format.output];
  return inOrder(OPERATION_FIELDS[op] as Parameters<typeof inOrder>[0], fields as Parameters<typeof inOrder>[1]);
}
