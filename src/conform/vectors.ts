import { DataError } from "../errors.ts";
import { log2BlockSize } from "../fft/order.ts";
import type { Schedule } from "../fft/schedule.ts";
import { type Activation, TABLE_WORDS } from "../layers/activation.ts";
import type { Conv2dLayer } from "../layers/conv2d.ts";
import type { DenseLayer } from "../layers/dense.ts";
import { type Operation, operationWords } from "../layers/operation.ts";

/** One conformance vector: an operation, its inputs, and the words it must give. */
export type Vector =
  | {
      readonly op: "rfft" | "irfft";
      readonly schedule: Schedule;
      readonly x: Int16Array;
      readonly y: Int16Array;
      readonly line: number;
    }
  | {
      readonly op: "dense" | "conv2d";
      readonly operation: Operation;
      readonly x: Int16Array;
      readonly y: Int16Array;
      readonly line: number;
    };

type Fields = Record<string, unknown>;

/**
 * Reads a vector file: one JSON object a line.
 *
 * @throws DataError naming file, line and field if a vector is not whole
 */
export function parseVectors(text: string, file: string): Vector[] {
  const vectors: Vector[] = [];
  text.split("\n").forEach((row, i) => {
    if (row.trim() === "") return;
    const line = i + 1;
    try {
      vectors.push(parseVector(JSON.parse(row) as Fields | null, line));
    } catch (error) {
      throw new DataError(`${file}, line ${line}: ${(error as Error).message}`, { file, line });
    }
  });
  if (vectors.length === 0) throw new DataError(`${file}: expected one JSON vector a line, got none`, { file });
  return vectors;
}

function parseVector(fields: Fields | null, line: number): Vector {
  if (fields === null) throw new Error("expected a vector, a JSON object, got null");
  const { op } = fields;
  if (op === "rfft" || op === "irfft") {
    const k = integer(fields, "k", 1, 2048);
    return {
      op,
      line,
      schedule: schedule(fields, "schedule", k),
      x: words(fields.x, "x", k),
      y: words(fields.y, "y", k),
    };
  }
  if (op === "dense" || op === "conv2d") {
    const operation: Operation =
      op === "dense" ? { op, ...parseLayer(fields, fields.w) } : { op, ...parseConv2d(fields) };
    const { input, output } = operationWords(operation);
    return { op, line, operation, x: words(fields.x, "x", input), y: words(fields.y, "y", output) };
  }
  throw new Error(`op: expected "rfft", "irfft", "dense" or "conv2d", got ${JSON.stringify(op)}`);
}

function parseConv2d(fields: Fields): Conv2dLayer {
  const [rows, columns] = list(fields.kernel, "kernel", 2).map((side) => integer({ kernel: side }, "kernel", 1, 7));
  const pad = integer(fields, "pad", 0, 64);
  const window = {
    height: integer(fields, "height", Math.max(1, rows - 2 * pad), 65536),
    width: integer(fields, "width", Math.max(1, columns - 2 * pad), 65536),
    kernel: [rows, columns],
    stride: integer(fields, "stride", 1, 64),
    pad,
  } as const;
  const taps = list(fields.w, "w", rows * columns).map((w) => parseLayer(fields, w));
  const size = taps[0].weights.length;
  const weights = new Int16Array(taps.length * size);
  for (const [tap, layer] of taps.entries()) weights.set(layer.weights, tap * size);
  return { ...taps[0], ...window, weights };
}

/** A dense layer, or one tap of a convolution, with the weights `w`. */
function parseLayer(fields: Fields, w: unknown): DenseLayer {
  const k = integer(fields, "k", 1, 2048);
  const p = integer(fields, "p", 1, 65536);
  const q = integer(fields, "q", 1, 65536);
  const inputs = integer(fields, "in", (q - 1) * k + 1, q * k);
  const out = integer(fields, "out", (p - 1) * k + 1, p * k);
  const blocks = list(w, "w", p).flatMap((row, i) => list(row, `w[${i}]`, q));
  const weights = new Int16Array(p * q * k);
  blocks.forEach((block, i) => {
    weights.set(words(block, `w, block ${i}`, k), i * k);
  });
  return {
    in: inputs,
    out,
    k,
    forward: schedule(fields, "forward", k),
    inverse: schedule(fields, "inverse", k),
    shift: integer(fields, "shift", 0, 31),
    activation: parseActivation(fields.activation as Fields),
    weights,
    bias: words(fields.bias, "bias", out),
  };
}

function parseActivation(fields: Fields): Activation {
  const kind = fields?.kind;
  if (kind === "identity" || kind === "relu") return { kind };
  if (kind === "clip") {
    return { kind, lo: integer(fields, "lo", -32768, 32767), hi: integer(fields, "hi", -32768, 32767) };
  }
  if (kind === "table") return { kind, table: words(fields.table, "table", TABLE_WORDS) };
  throw new Error(`activation: expected identity, relu, clip or table, got ${JSON.stringify(kind)}`);
}

function schedule(fields: Fields, name: string, k: number): Schedule {
  const bits = list(fields[name], name, log2BlockSize(k));
  return bits.reduce<number>((mask, bit, i) => {
    if (bit !== 0 && bit !== 1) throw new Error(`${name}[${i}]: expected 0 or 1, got ${JSON.stringify(bit)}`);
    return mask | (bit << i);
  }, 0);
}

function integer(fields: Fields, name: string, min: number, max: number): number {
  const value = fields[name];
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw new Error(`${name}: expected an integer from ${min} to ${max}, got ${JSON.stringify(value)}`);
  }
  return value as number;
}

function list(value: unknown, name: string, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) {
    const got = Array.isArray(value) ? `${value.length}` : typeof value;
    throw new Error(`${name}: expected ${length} items, got ${got}`);
  }
  return value;
}

function words(value: unknown, name: string, length: number): Int16Array {
  return Int16Array.from(list(value, name, length), (word, i) => {
    if (!Number.isInteger(word) || (word as number) < -32768 || (word as number) > 32767) {
      throw new Error(`${name}[${i}]: expected an int16, got ${JSON.stringify(word)}`);
    }
    return word as number;
  });
}
