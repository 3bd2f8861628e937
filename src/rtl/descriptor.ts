import { clipBounds } from "../layers/activation.ts";
import { type EngineOperation, operationSize } from "./program.ts";

/** Bits of a descriptor; rtl/circulant_engine.v takes the same fields apart. */
export const DESCRIPTOR_BITS = 256;

/** The fields of a descriptor: name, lowest bit, bits. */
export const DESCRIPTOR_FIELDS = [
  ["op", 0, 2],
  ["last", 2, 1],
  ["useTable", 3, 1],
  ["log2K", 4, 4],
  ["shift", 8, 5],
  ["lo", 16, 16],
  ["hi", 32, 16],
  ["forward", 48, 16],
  ["inverse", 64, 16],
  ["inputBlocks", 80, 16],
  ["outputBlocks", 96, 16],
  ["inputWords", 128, 24],
  ["outputWords", 152, 24],
  ["weightBase", 176, 24],
  ["biasBase", 200, 24],
  ["productBase", 224, 24],
  ["table", 248, 8],
] as const;

type FieldName = (typeof DESCRIPTOR_FIELDS)[number][0];

/** Where the words of an operation stand in the engine's memories. */
export interface Placement {
  readonly weightBase: number;
  readonly biasBase: number;
  readonly table: number;
  readonly last: boolean;
}

const OP_CODES = { dense: 0, rfft: 1, irfft: 2 } as const;

/** The descriptor of one operation, eight limbs of 32 bits, the low one first. */
export function descriptor(operation: EngineOperation, placement: Placement): Uint32Array {
  const size = operationSize(operation);
  const isDense = operation.op === "dense";
  const bounds = isDense ? clipBounds(operation.activation) : { lo: -32768, hi: 32767 };
  const values: Record<FieldName, number> = {
    op: OP_CODES[operation.op],
    last: placement.last ? 1 : 0,
    useTable: isDense && operation.activation.kind === "table" ? 1 : 0,
    log2K: size.log2K,
    shift: isDense ? operation.shift : 0,
    lo: bounds.lo & 0xffff,
    hi: bounds.hi & 0xffff,
    forward: isDense ? operation.forward : operation.op === "rfft" ? operation.schedule : 0,
    inverse: isDense ? operation.inverse : operation.op === "irfft" ? operation.schedule : 0,
    inputBlocks: size.inputBlocks,
    outputBlocks: size.outputBlocks,
    inputWords: size.inputWords,
    outputWords: size.outputWords,
    weightBase: placement.weightBase,
    biasBase: placement.biasBase,
    productBase: size.productBase,
    table: placement.table,
  };
  const limbs = new Uint32Array(DESCRIPTOR_BITS / 32);
  for (const [name, low, bits] of DESCRIPTOR_FIELDS) {
    for (let bit = 0; bit < bits; bit++) {
      if ((values[name] >> bit) & 1) limbs[(low + bit) >> 5] |= 1 << ((low + bit) & 31);
    }
  }
  return limbs;
}
