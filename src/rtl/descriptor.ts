import { type Activation, clipBounds } from "../layers/activation.ts";
import { meanFields, packFields, type Values, windowFields } from "./fields.ts";
import { type EngineOperation, type EngineProgram, wordsOf } from "./program.ts";
import { type SpectralSize, spectralSize, tapsOf } from "./size.ts";

/** Bits of a descriptor; rtl/circulant_engine.v takes the same fields apart. */
export const DESCRIPTOR_BITS = 768;

/** The fields of a descriptor: name, lowest bit, bits. */
export const DESCRIPTOR_FIELDS = [
  ["op", 0, 3],
  ["last", 3, 1],
  ["useTable", 4, 1],
  ["hasBias", 5, 1],
  ["log2K", 8, 4],
  ["shift", 12, 5],
  ["shiftA", 17, 5],
  ["shiftB", 22, 5],
  ["lo", 32, 16],
  ["hi", 48, 16],
  ["forward", 64, 16],
  ["inverse", 80, 16],
  ["table", 96, 8],
  ["kernelRows", 104, 8],
  ["kernelColumns", 112, 8],
  ["stride", 120, 8],
  ["pad", 128, 8],
  ["factor", 136, 16],
  ["height", 160, 16],
  ["width", 176, 16],
  ["windowRows", 192, 16],
  ["windowColumns", 208, 16],
  ["receiveBase", 224, 24],
  ["receiveWords", 248, 24],
  ["transmitWords", 272, 24],
  ["inputBase", 296, 24],
  ["secondBase", 320, 24],
  ["outputBase", 344, 24],
  ["inputRows", 368, 24],
  ["inputBlocks", 392, 24],
  ["inputWords", 416, 24],
  ["outputRows", 440, 24],
  ["outputBlocks", 464, 24],
  ["outputWords", 488, 24],
  ["inputLocations", 512, 24],
  ["outputLocations", 536, 24],
  ["productBase", 560, 24],
  ["weightBase", 584, 24],
  ["biasBase", 608, 24],
  ["origin", 632, 24],
  ["pixelStride", 656, 24],
  ["lineStride", 680, 24],
  ["columnStep", 704, 24],
  ["rowStep", 728, 24],
] as const;

export type FieldName = (typeof DESCRIPTOR_FIELDS)[number][0];
type Fields = Values<typeof DESCRIPTOR_FIELDS>;

/** Where the words of an operation stand in the engine's other memories. */
export interface Placement {
  readonly weightBase: number;
  readonly biasBase: number;
  readonly table: number;
}

/** The units that an operation runs through; dense is a convolution of one pixel, the last does nothing. */
export const OP_CODES = {
  dense: 0,
  conv2d: 0,
  rfft: 1,
  irfft: 2,
  maxpool: 3,
  avgpool: 4,
  depthwise: 5,
  add: 6,
  flatten: 7,
};
const IDENTITY: Activation = { kind: "identity" };

/**
 * The descriptor of a step of a program, in limbs of 32 bits, the low one first.
 *
 * @throws OptionError if a number is larger than its field
 */
export function descriptor(program: EngineProgram, number: number, placement: Placement): Uint32Array {
  const { operation, from, to } = program.steps[number];
  const activation = "activation" in operation ? operation.activation : IDENTITY;
  const { lo, hi } = clipBounds(activation);
  const size = spectralSize(operation);
  const fields: Fields = {
    ...placement,
    op: OP_CODES[operation.op],
    last: number === program.steps.length - 1 ? 1 : 0,
    useTable: activation.kind === "table" ? 1 : 0,
    hasBias: "bias" in operation ? 1 : 0,
    shift: "shift" in operation ? operation.shift : 0,
    lo: lo & 0xffff,
    hi: hi & 0xffff,
    receiveBase: program.input.offset,
    receiveWords: program.input.words,
    transmitWords: program.output.words,
    inputBase: from[0],
    outputBase: to,
    ...(size ? spectralFields(operation, size) : pointwiseFields(operation, from)),
  };
  return packFields(DESCRIPTOR_FIELDS, DESCRIPTOR_BITS / 32, fields, `operation ${number}`);
}

/** The lowest bit of a field of descriptor `number` in the image of all. */
export function fieldBit(name: FieldName, number: number): number {
  const low = DESCRIPTOR_FIELDS.find(([field]) => field === name)?.[1] ?? 0;
  return number * DESCRIPTOR_BITS + low;
}

/** A field of descriptor `number` in the image of all. */
export function readField(limbs: Uint32Array, name: FieldName, number: number): number {
  const low = fieldBit(name, number);
  const bits = DESCRIPTOR_FIELDS.find(([field]) => field === name)?.[2] ?? 0;
  let value = 0;
  for (let bit = 0; bit < bits; bit++) value |= ((limbs[(low + bit) >> 5] >>> ((low + bit) & 31)) & 1) << bit;
  return value;
}

function spectralFields(operation: EngineOperation, size: SpectralSize): Fields {
  const { input, output, log2K, locations, productBase } = size;
  const schedules =
    "schedule" in operation
      ? { forward: operation.schedule, inverse: operation.schedule }
      : "k" in operation
        ? { forward: operation.forward, inverse: operation.inverse }
        : {};
  return {
    ...schedules,
    log2K,
    productBase,
    inputRows: input.rows,
    inputBlocks: input.blocks,
    inputWords: input.words,
    inputLocations: input.locations,
    outputRows: output.rows,
    outputBlocks: output.blocks,
    outputWords: output.words,
    outputLocations: output.locations,
    ...windowFields(operation, 0, input.blocks * locations),
  };
}

function pointwiseFields(operation: EngineOperation, [first, second]: readonly number[]): Fields {
  switch (operation.op) {
    case "add": {
      const [shiftA, shiftB] = operation.shifts;
      const shifts = { shiftA: shiftA & 31, shiftB: shiftB & 31 };
      return { ...shifts, secondBase: second, outputWords: wordsOf(operation).output };
    }
    case "avgpool":
    case "maxpool":
    case "depthwise":
      return {
        outputWords: operation.channels,
        ...windowFields(operation, first, operation.channels),
        ...(operation.op === "avgpool" ? meanFields(tapsOf(operation)) : {}),
      };
    default:
      return {};
  }
}
