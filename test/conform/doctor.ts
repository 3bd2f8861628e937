import type { Step } from "../../src/conform/datapath/operation.ts";
import { diagnose } from "../../src/conform/diagnose.ts";
import { wordsOfDump } from "../../src/conform/dump/dump.ts";
import { readDump } from "../../src/conform/dump/read.ts";
import { layoutOf, type Subject } from "../../src/conform/subject.ts";
import type { TensorName } from "../../src/conform/trace.ts";
import { openEngine } from "../../src/rtl/engine.ts";
import { parametersFor } from "../../src/rtl/parameters.ts";
import { singleProgram } from "../../src/rtl/program.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import type { EngineTrace } from "../../src/rtl/trace.ts";

/** An edit of a Verilog file: a text that stands there, and what takes its place each time. */
export type Edit = readonly [file: string, from: string, to: string];

/** Of a small engine for all tests, so that each edit is built once. */
const PARAMETERS = {
  LOG2_K_MAX: 6,
  LANES: 2,
  ACTIVATION_WIDTH: 11,
  SPECTRUM_WIDTH: 10,
  WEIGHT_WIDTH: 8,
  WEIGHT_BITS: 16,
  BIAS_WIDTH: 6,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 1,
};

/** What the datapath with edits makes of an operation. */
export async function editedTrace(operation: Step, x: Int16Array, edits: readonly Edit[]): Promise<EngineTrace> {
  const program = singleProgram(operation);
  const sources = engineSources().map((source) => {
    const text = edits.reduce((before, [file, from, to]) => {
      if (file !== source.name) return before;
      if (!before.includes(from)) throw new Error(`${file}: expected ${from}`);
      return before.replaceAll(from, to);
    }, source.text);
    return { ...source, text };
  });
  const engine = await openEngine(program, { parameters: parametersFor(program, PARAMETERS), sources });
  const { trace } = await engine.run(x, { trace: true });
  engine.dispose();
  if (trace === undefined) throw new Error("expected a trace");
  return trace[0];
}

export function subjectOf(step: Step, x: Int16Array, tensor: TensorName): Subject {
  return { steps: [{ step, inputs: [0] }], vectors: [x], operation: 0, tensor };
}

/** Words as a simulator prints them. */
export function hexDump(words: ArrayLike<number>, bits: 16 | 32 = 16): string {
  const mask = (1n << BigInt(bits)) - 1n;
  return Array.from(words, (word) => `${(BigInt(word) & mask).toString(16).padStart(bits / 4, "0")}\n`).join("");
}

/** The diagnosis of a dump as text. */
export function diagnoseText(subject: Subject, text: string, as: readonly string[] = []) {
  const dump = readDump(new TextEncoder().encode(text), "dump");
  return diagnose(subject, wordsOfDump(dump, layoutOf(subject).bits, "dump"), { as });
}

/** The names in the first explanation and in those that give the same words. */
export async function namesIn(subject: Subject, text: string): Promise<string[]> {
  const { explanations } = await diagnoseText(subject, text);
  const [first] = explanations;
  if (first === undefined) return [];
  return [first.conventions, ...first.alike].map((them) =>
    them.map(({ name, amount }) => (amount === undefined ? name : `${name} ${amount}`)).join(" + "),
  );
}
