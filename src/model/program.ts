import { parseSchedule, scaledStages } from "../fft/schedule.ts";
import type { Activation } from "../layers/activation.ts";
import { checkFields, fieldError, INPUT_FIELDS, LAYER_FIELDS, PROGRAM_FIELDS, type Values } from "./fields.ts";
import type { ModelLayer } from "./model.ts";
import { volume } from "./shape.ts";

/** A layer as the program has it. */
export type LayerValues = Values<typeof LAYER_FIELDS>;

/** A program that holds, but for its tensors. */
export interface Program {
  readonly input: Values<typeof INPUT_FIELDS>;
  readonly layers: readonly LayerValues[];
  readonly labels: readonly string[];
}

/**
 * Checks a parsed program: every field, the chain of shapes and formats, the labels.
 *
 * @param maxLayers the caller's limit of layers
 * @param width     the caller's limit of the input or output words of a layer
 * @throws ModelFileError
 */
export function readProgram(value: unknown, maxLayers: number, width: number): Program {
  checkFields(PROGRAM_FIELDS, value, "program");
  const { input, labels } = value;
  checkFields(INPUT_FIELDS, input, "program.input");
  if (value.layers.length > maxLayers) {
    throw fieldError("program.layers", `at most ${maxLayers}, the caller's limit`, value.layers.length);
  }
  const layers = value.layers.map((layer, i) => readLayer(layer, `program.layers[${i}]`, width));
  const program = { input, layers, labels };
  checkChain(program);
  return program;
}

/** The model's layer: the program's values and the words of its tensors, by name. */
export function makeLayer(values: LayerValues, tensor: (name: string) => Int16Array): ModelLayer {
  const { name, in: inputs, out, k, shift } = values;
  const stages = Math.log2(k);
  const [input, weight, output] = values.fractionBits;
  return {
    name,
    in: inputs,
    out,
    k,
    forward: parseSchedule(values.forward, stages),
    inverse: parseSchedule(values.inverse, stages),
    shift,
    activation: makeActivation(values, tensor),
    weights: tensor("weight"),
    bias: tensor("bias"),
    format: { input, weight, output },
  };
}

function makeActivation({ activation, bounds }: LayerValues, tensor: (name: string) => Int16Array): Activation {
  if (activation === "table") return { kind: "table", table: tensor("table") };
  if (activation === "clip") return { kind: "clip", lo: bounds?.[0] ?? 0, hi: bounds?.[1] ?? 0 };
  return { kind: activation };
}

/** Checks one layer of the program by itself. */
function readLayer(value: unknown, where: string, width: number): LayerValues {
  checkFields(LAYER_FIELDS, value, where);
  for (const side of ["in", "out"] as const) {
    if (value[side] > width)
      throw fieldError(`${where}.${side}`, `at most ${width} words, the caller's limit`, value[side]);
  }
  const stages = Math.log2(value.k);
  for (const transform of ["forward", "inverse"] as const) {
    if (value[transform].length !== stages) {
      throw fieldError(`${where}.${transform}`, `${stages} digits for k = ${value.k}`, value[transform]);
    }
  }
  if ((value.activation === "clip") !== (value.bounds !== undefined)) {
    throw fieldError(`${where}.bounds`, "bounds for a clip and for nothing else", value.bounds);
  }
  const [input, weight, output] = value.fractionBits;
  const scaled = (digits: string) => scaledStages(parseSchedule(digits, stages));
  const made = input - scaled(value.forward) + weight - value.shift - scaled(value.inverse) + stages;
  if (output !== made) {
    throw fieldError(`${where}.fractionBits`, `${made} for the output by schedules and shift`, output);
  }
  return value;
}

/** Checks that every layer reads what the one before wrote, the first the input, and that labels fit the last. */
function checkChain({ input, layers, labels }: Program): void {
  let words = volume(input.shape);
  let bits = input.fractionBits;
  const names = new Set<string>();
  for (const [i, layer] of layers.entries()) {
    const where = `program.layers[${i}]`;
    if (layer.in !== words) throw fieldError(`${where}.in`, `${words}, the words before it`, layer.in);
    if (layer.fractionBits[0] !== bits) {
      throw fieldError(`${where}.fractionBits`, `${bits} for the input, as before it`, layer.fractionBits[0]);
    }
    if (names.has(layer.name)) throw fieldError(`${where}.name`, "a name of its own", layer.name);
    names.add(layer.name);
    words = layer.out;
    bits = layer.fractionBits[2];
  }
  if (labels.length !== 0 && labels.length !== words) {
    throw fieldError("program.labels", `none or ${words}, the outputs`, labels.length);
  }
}
