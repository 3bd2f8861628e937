import type { Operation } from "../layers/operation.ts";
import { aligned } from "../model/memory.ts";
import { WORD_BITS } from "../model/narrow.ts";
import { type EngineParameters, parametersFor } from "../rtl/parameters.ts";
import { type EngineProgram, type EngineStep, wordsOf } from "../rtl/program.ts";
import { createRandom, randomWords } from "./random.ts";

/**
 * A small program with every operation that an engine of these parameters has room for, its weights random: what is put in
 * an engine that is synthesised without a model. One place for an operation stays free: random words come there, without
 * which a field that all operations have alike were a constant, and what it feeds were not built.
 */
export function sampleProgram(parameters: EngineParameters): EngineProgram {
  let steps: readonly Operation[] = [];
  for (const operation of candidates(parameters.WEIGHT_BITS)) {
    const longer = [...steps, operation];
    if (longer.length < 2 ** parameters.LAYER_WIDTH && fits(programOf(longer), parameters)) steps = longer;
  }
  return programOf(steps);
}

function fits(program: EngineProgram, parameters: EngineParameters): boolean {
  const needed = parametersFor(program, parameters);
  return Object.entries(parameters).every(([name, value]) => needed[name as keyof EngineParameters] === value);
}

/** Operations of four words each to four words, one after the other, with weights of so many bits. */
function candidates(weightBits: number): readonly Operation[] {
  const random = createRandom(1);
  const weights = (count: number) => randomWords(count, random).map((word) => word >> (WORD_BITS - weightBits));
  const picture = { height: 2, width: 2, kernel: [2, 2] as const, stride: 2, pad: 1 };
  const layer = (k: number) => ({
    in: 4,
    out: 4,
    k,
    forward: 0,
    inverse: k - 1,
    shift: 14,
    bias: randomWords(4, random),
  });
  const table = { kind: "table", table: randomWords(257, random) } as const;
  return [
    { op: "dense", ...layer(4), weights: weights(4), activation: { kind: "identity" } },
    { op: "dense", ...layer(1), weights: weights(16), activation: { kind: "relu" } },
    { op: "dense", ...layer(2), weights: weights(8), activation: table },
    {
      op: "depthwise",
      ...picture,
      channels: 1,
      weights: weights(4),
      bias: randomWords(1, random),
      shift: 15,
      activation: { kind: "clip", lo: -9000, hi: 30000 },
    },
    { op: "maxpool", ...picture, channels: 1 },
    { op: "avgpool", ...picture, channels: 1 },
    { op: "add", words: 4, shifts: [1, -1], activation: { kind: "identity" } },
    { op: "dense", ...layer(8), weights: weights(8), activation: { kind: "identity" } },
  ];
}

/** Tensors of four words, each on the places of the last but one. */
function programOf(operations: readonly Operation[]): EngineProgram {
  const step = aligned(4);
  const steps: EngineStep[] = operations.map((operation, i) => ({
    operation,
    from: operation.op === "add" ? [step * (i % 2), step * (i % 2)] : [step * (i % 2)],
    to: step * ((i + 1) % 2),
  }));
  const output = operations.length === 0 ? 4 : wordsOf(operations[operations.length - 1]).output;
  return {
    steps,
    words: 2 * step,
    input: { offset: 0, words: 4 },
    output: { offset: step * (operations.length % 2), words: output },
  };
}
