import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseVectors, type Vector } from "../../src/conform/vectors.ts";
import { aligned } from "../../src/model/memory.ts";
import { type EngineOperation, type EngineProgram, singleProgram, wordsOf } from "../../src/rtl/program.ts";
import type { NetworkCase } from "../../src/synth/check-pipeline.ts";
import type { TransformCase } from "../../src/synth/check-transform.ts";

const FOLDER = join(import.meta.dirname, "../vectors");

/** The golden vectors of block sizes up to `largestK` as one program: each reads its part of the input and writes its part of the output. */
export function goldenProgram(largestK: number): { program: EngineProgram; x: Int16Array; y: Int16Array } {
  return joined(goldenVectors(largestK).map(operationOf));
}

/** The golden vectors of layers, each as a network of its own that gets its input twice in a row. */
export function goldenNetworks(largestK: number): readonly NetworkCase[] {
  return goldenVectors(largestK).flatMap((vector) => {
    if (!("operation" in vector)) return [];
    const twice = (words: Int16Array) => concatenated([words, words]);
    return [{ program: singleProgram(vector.operation), inputs: twice(vector.x), outputs: twice(vector.y) }];
  });
}

/** The golden vectors of one transform. */
export function goldenTransforms(op: "rfft" | "irfft", largestK: number): readonly TransformCase[] {
  return goldenVectors(largestK).flatMap((vector) => ("schedule" in vector && vector.op === op ? [vector] : []));
}

function goldenVectors(largestK: number): readonly Vector[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl"));
  const vectors = files.flatMap((name) => parseVectors(readFileSync(join(FOLDER, name), "utf8"), name));
  return vectors.filter((vector) => blockSizeOf(vector) <= largestK);
}

function blockSizeOf(vector: Vector): number {
  if (!("operation" in vector)) return vector.x.length;
  return "k" in vector.operation ? vector.operation.k : 1;
}

interface Case {
  readonly operation: EngineOperation;
  readonly x: Int16Array;
  readonly y: Int16Array;
}

function operationOf(vector: Vector): Case {
  const { x, y } = vector;
  if ("operation" in vector) return { operation: vector.operation, x, y };
  return { operation: { op: vector.op, k: x.length, blocks: 1, schedule: vector.schedule }, x, y };
}

/** The engine sends the result of the last operation and what stands behind it, so that the last one's comes first. */
function joined(cases: readonly Case[]) {
  const inputWords = cases.reduce((sum, { operation }) => sum + wordsOf(operation).input, 0);
  const start = aligned(inputWords);
  const order = [cases[cases.length - 1], ...cases.slice(0, -1)];
  const to = new Map<Case, number>();
  let end = start;
  for (const it of order) {
    to.set(it, end);
    end += it.y.length;
  }
  let from = 0;
  const steps = cases.map((it) => {
    const step = { operation: it.operation, from: [from], to: to.get(it) ?? 0 };
    from += it.x.length;
    return step;
  });
  const program: EngineProgram = {
    steps,
    words: aligned(end),
    input: { offset: 0, words: inputWords },
    output: { offset: start, words: end - start },
  };
  return { program, x: concatenated(cases.map(({ x }) => x)), y: concatenated(order.map(({ y }) => y)) };
}

function concatenated(parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}
