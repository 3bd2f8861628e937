import { createHash } from "node:crypto";
import { CheckpointError } from "../errors.ts";
import { parseConfig, type TrainConfig } from "./config.ts";
import type { FloatNetwork } from "./network.ts";
import { blockOf, channelsOf, layOut, type ParameterShape } from "./parameters.ts";
import { toNetwork } from "./to-network.ts";

/** What one epoch of training came to. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean loss over the epoch's training images, as augmented. */
  readonly loss: number;
  /** Share of them answered right. */
  readonly accuracy: number;
  /** Share of the held-out images that the average of the parameters answers right; null without such images. */
  readonly validation: number | null;
}

/** The whole state of a run after an epoch. */
export interface Checkpoint {
  readonly config: TrainConfig;
  /** SHA-256, hexadecimal, of the training images and labels. */
  readonly data: string;
  /** `digestOf` the teacher; null without one. */
  readonly teacher: string | null;
  readonly history: readonly EpochRecord[];
  /** Parameter vectors in the layout of `layOut`. */
  readonly parameters: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly average: Float32Array;
  /** Means and variances of the norms for the running average, in the layout of `layOut`. */
  readonly statistics: Float32Array;
  /** The network of the running average. */
  readonly network: FloatNetwork;
}

const MAGIC = "CIRCTRN2";
const DIGEST_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 4;
const VECTORS = ["parameters", "mean", "square", "average", "statistics"] as const;

type Vectors = Pick<Checkpoint, (typeof VECTORS)[number]>;

/**
 * A checkpoint as bytes: magic, length of the header (u32), header (JSON: config, data, teacher, history), padding
 * to 4 bytes, the five vectors as f32, SHA-256 of all before. Little endian.
 */
export function writeCheckpoint(checkpoint: Omit<Checkpoint, "network">): Uint8Array {
  const { config, data, teacher, history } = checkpoint;
  const header = Buffer.from(JSON.stringify({ config, data, teacher, history }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const padding = Buffer.alloc(-(HEAD_BYTES + header.length) & 3);
  const vectors = VECTORS.map((name) => bytesOf(checkpoint[name]));
  const body = Buffer.concat([Buffer.from(MAGIC), length, header, padding, ...vectors]);
  return Buffer.concat([body, createHash("sha256").update(body).digest()]);
}

/**
 * Reads a checkpoint; nothing in it is trusted.
 *
 * @param name how messages call it, the file's name
 * @throws CheckpointError if it is cut, altered, or no checkpoint
 */
export function readCheckpoint(bytes: Uint8Array, name = "checkpoint"): Checkpoint {
  const fail = (what: string, expected: string, got: unknown): never => {
    throw new CheckpointError(
      `${name}: ${what}: expected ${expected}, got ${got}; train again or use an earlier checkpoint`,
      { file: name, what, expected, got },
    );
  };
  const least = HEAD_BYTES + DIGEST_BYTES;
  if (bytes.length < least) fail("length", `at least ${least} bytes`, bytes.length);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = file.toString("latin1", 0, MAGIC.length);
  if (magic !== MAGIC) fail("magic", MAGIC, JSON.stringify(magic));
  const body = file.subarray(0, file.length - DIGEST_BYTES);
  const digest = createHash("sha256").update(body).digest("hex");
  const stated = file.toString("hex", file.length - DIGEST_BYTES);
  if (digest !== stated) fail("SHA-256", stated, digest);
  const headerBytes = file.readUInt32LE(MAGIC.length);
  const vectorsAt = (HEAD_BYTES + headerBytes + 3) & ~3;
  if (headerBytes > body.length - HEAD_BYTES || vectorsAt > body.length) {
    fail("header length", `at most ${body.length - HEAD_BYTES}`, headerBytes);
  }
  const header = parseHeader(file.toString("utf8", HEAD_BYTES, HEAD_BYTES + headerBytes), fail);
  const shape = layOut(header.config);
  const words = VECTORS.map((vector) => (vector === "statistics" ? shape.statisticsWords : shape.words));
  const expected = words.reduce((at, count) => at + 4 * count, vectorsAt);
  if (body.length !== expected) fail("length", `${expected + DIGEST_BYTES} bytes`, file.length);
  let at = vectorsAt;
  const [parameters, mean, square, average, statistics] = words.map((count) => {
    at += 4 * count;
    return floats(body.subarray(at - 4 * count, at));
  });
  const vectors: Vectors = { parameters, mean, square, average, statistics };
  checkNumbers(vectors, shape, fail);
  return { ...header, ...vectors, network: toNetwork(header.config, shape, average, statistics) };
}

/** What a checkpoint answers by, as a SHA-256 in hexadecimal: equal for equal networks. */
export function digestOf({ config, average, statistics }: Checkpoint): string {
  const { input, layers } = config;
  const hash = createHash("sha256").update(JSON.stringify({ input, layers }));
  return hash.update(bytesOf(average)).update(bytesOf(statistics)).digest("hex");
}

type Fail = (what: string, expected: string, got: unknown) => never;

/** Every word is a finite number, and no variance or second moment is negative. */
function checkNumbers(vectors: Vectors, { nodes }: ParameterShape, fail: Fail): void {
  for (const name of VECTORS) {
    const wrong = vectors[name].findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) fail(`word ${wrong} of ${name}`, "a finite number", vectors[name][wrong]);
  }
  const negative = vectors.square.findIndex((value) => value < 0);
  if (negative >= 0) fail(`word ${negative} of square`, "no negative number", vectors.square[negative]);
  for (const node of nodes) {
    if (!("place" in node) || !node.place.norm) continue;
    const { variance } = node.place.norm;
    const end = variance + Math.ceil(channelsOf(node) / blockOf(node));
    const wrong = vectors.statistics.findIndex((value, at) => at >= variance && at < end && value < 0);
    if (wrong >= 0) fail(`variance of ${node.name}`, "no negative number", vectors.statistics[wrong]);
  }
}

function parseHeader(text: string, fail: Fail): Pick<Checkpoint, "config" | "data" | "teacher" | "history"> {
  let header: Record<string, unknown>;
  let config: TrainConfig;
  try {
    header = JSON.parse(text) ?? {};
    config = parseConfig(header.config);
  } catch (error) {
    return fail("header", "a valid recipe", error instanceof Error ? error.message : error);
  }
  const { data, teacher, history } = header;
  if (typeof data !== "string") return fail("data", "a digest", typeof data);
  if (teacher !== null && typeof teacher !== "string") return fail("teacher", "a digest or null", typeof teacher);
  if (!Array.isArray(history) || history.length > config.epochs || !history.every(isRecord)) {
    return fail("history", `at most ${config.epochs} epochs`, JSON.stringify(history)?.slice(0, 80));
  }
  return { config, data, teacher, history };
}

function isRecord(value: unknown, index: number): value is EpochRecord {
  if (typeof value !== "object" || value === null) return false;
  const { epoch, loss, accuracy, validation } = value as Record<string, unknown>;
  const numbers = [loss, accuracy, validation ?? 0];
  return epoch === index + 1 && numbers.every((number) => typeof number === "number");
}

/** The words' bytes; the kernels' memory is little endian already. */
function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
