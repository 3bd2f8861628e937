import { extname } from "node:path";
import { type Command, Option } from "commander";
import type { Tried } from "../conform/candidate.ts";
import { describeDifference } from "../conform/compare.ts";
import { ARRANGEMENT_NAMES } from "../conform/conventions.ts";
import { type Diagnosis, diagnose } from "../conform/diagnose.ts";
import { wordsOfDump } from "../conform/dump/dump.ts";
import { DUMP_FORMATS, type DumpFormat, readDump } from "../conform/dump/read.ts";
import type { Explanation } from "../conform/explanation.ts";
import { layoutOf, type Subject } from "../conform/subject.ts";
import type { TensorName } from "../conform/trace.ts";
import { parseVectors } from "../conform/vectors.ts";
import { sliceImages } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { OptionError, ShapeError } from "../errors.ts";
import { pixelWords } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import { loadModel, readBytes } from "./files.ts";
import { checkSize } from "./inputs.ts";
import { parseCount, parseWhole } from "./numbers.ts";
import { progressBar } from "./progress.ts";

const TENSORS: readonly TensorName[] = ["spectra", "accumulators", "products", "transforms", "outputs"];

interface CompareOptions {
  readonly against: string;
  readonly tensor: TensorName;
  readonly stage?: number;
  readonly operation?: string;
  readonly input?: string;
  readonly data?: string;
  readonly index: number;
  readonly count: number;
  readonly vector?: number;
  readonly format: DumpFormat;
  readonly column?: string;
  readonly valid?: string;
  readonly as?: string;
  readonly json?: boolean;
}

/** Adds `circulant compare`. */
export function addCompare(program: Command): void {
  program
    .command("compare")
    .description("hold a dump of your own hardware or simulation against the reference, and say why it differs")
    .argument("<model>", "model file, or conformance vectors (.jsonl)")
    .requiredOption("--against <dump>", "words from a simulator or logic analyser: hex or decimal text, CSV, NumPy")
    .addOption(new Option("--tensor <name>", "what was dumped").choices(TENSORS).default("outputs"))
    .option("--stage <n>", "spectra or transforms after this stage, from 1", parseCount)
    .option("--operation <name>", "operation of the model, by name or by number from 0; the last unless told")
    .option("--input <file>", "the words that went in, in any format of a dump")
    .option("--data <dir>", "in place of --input: test images went in")
    .option("--index <n>", "the first of them, from 0", parseWhole, 0)
    .option("--count <n>", "how many, one after the other in the dump", parseCount, 1)
    .option("--vector <line>", "of conformance vectors: the line", parseCount)
    .addOption(new Option("--format <name>", "how the dump is written").choices(DUMP_FORMATS).default("auto"))
    .option("--column <names>", "column of a CSV, or two: real and imaginary parts, separated by a comma")
    .option("--valid <names>", "columns of a CSV that are 1 in the rows that count, such as tvalid,tready")
    .option("--as <conventions>", "arrangements that the dump is meant to have, by name, separated by commas")
    .option("--json", "print the diagnosis as JSON")
    .addHelpText("after", `\nArrangements: ${ARRANGEMENT_NAMES.join(", ")}.\n(docs/conformance.md)`)
    .action(runCompare);
}

async function runCompare(file: string, options: CompareOptions): Promise<void> {
  const as = options.as?.split(",") ?? [];
  const unknown = as.find((name) => !ARRANGEMENT_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new OptionError(`--as: expected ${ARRANGEMENT_NAMES.join(", ")}, got ${unknown}`, { option: "as" });
  }
  const subject = extname(file) === ".jsonl" ? subjectOfVector(file, options) : subjectOfModel(file, options);
  const layout = layoutOf(subject);
  const dump = readDump(readBytes(options.against), options.against, options.format, {
    ...(options.column === undefined ? {} : { names: options.column.split(",") }),
    ...(options.valid === undefined ? {} : { valid: options.valid.split(",") }),
  });
  const words = wordsOfDump(dump, layout.bits, options.against);
  const bar = progressBar("conventions", 100);
  const onProgress = (done: number, total: number) => bar.update(Math.round((100 * done) / total));
  const diagnosis = await diagnose(subject, words, { as, onProgress });
  bar.stop();
  if (diagnosis.first !== undefined) process.exitCode = 1;
  const place = placeOf(subject, diagnosis, layout);
  if (options.json) {
    const { operation, tensor, stage } = subject;
    const report = { operation, tensor, stage, readAs: dump.as, ...diagnosis, first: place };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  process.stdout.write(`${describe(subject, diagnosis, place, `${options.against} (${dump.as})`).join("\n")}\n`);
}

function subjectOfVector(file: string, { vector = 1, tensor, stage }: CompareOptions): Subject {
  const vectors = parseVectors(new TextDecoder().decode(readBytes(file)), file);
  const found = vectors.find(({ line }) => line === vector);
  if (found === undefined) {
    throw new OptionError(`--vector: expected a line of ${file} with a vector, got ${vector}`, { option: "vector" });
  }
  const step =
    "operation" in found
      ? found.operation
      : ({ op: found.op, k: found.x.length, blocks: 1, schedule: found.schedule } as const);
  return { steps: [{ step, inputs: [0] }], vectors: [found.x], operation: 0, tensor, ...(stage ? { stage } : {}) };
}

function subjectOfModel(file: string, options: CompareOptions): Subject {
  const { model } = loadModel(file);
  const { tensor, stage } = options;
  const operation = operationOf(model, options.operation);
  const { k, op } = { k: 1, ...model.operations[operation] };
  if (stage !== undefined && ((tensor !== "spectra" && tensor !== "transforms") || stage > Math.log2(k))) {
    const got = `stage ${stage} of the ${tensor} of operation ${operation} (${op}, k = ${k})`;
    throw new OptionError(`--stage: expected a stage of a transform, 1 to log2 k, got ${got}`, { option: "stage" });
  }
  return {
    steps: model.operations.map((step) => ({ step, inputs: step.inputs })),
    inputShape: model.input.shape,
    vectors: inputVectors(model, options),
    operation,
    tensor,
    ...(stage ? { stage } : {}),
  };
}

function operationOf({ operations }: Model, name: string | undefined): number {
  if (name === undefined) return operations.length - 1;
  const number = /^\d+$/.test(name) ? Number(name) : operations.findIndex((operation) => operation.name === name);
  if (operations[number] !== undefined) return number;
  const names = operations.map((operation, i) => `${i} ${operation.name}`).join(", ");
  throw new OptionError(`--operation: expected one of ${names}, got ${name}`, { option: "operation" });
}

function inputVectors(model: Model, { input, data, index, count }: CompareOptions): Int16Array[] {
  if ((input === undefined) === (data === undefined)) {
    throw new OptionError("input: expected --input with the words that went in, or --data with --index", {
      option: "input",
    });
  }
  const size = volume(model.input.shape);
  if (input !== undefined) {
    const words = Int16Array.from(wordsOfDump(readDump(readBytes(input), input), 16, input));
    if (words.length === 0 || words.length % size !== 0) {
      throw new ShapeError(`${input}: expected a whole number of vectors of ${size} words, got ${words.length} words`);
    }
    return Array.from({ length: words.length / size }, (_, i) => words.slice(i * size, (i + 1) * size));
  }
  const set = readImageSet(data ?? "", "test");
  checkSize(set, model.input.shape);
  if (index + count > set.count) {
    throw new OptionError(`--index: expected images 0 to ${set.count - 1}, got ${index} to ${index + count - 1}`, {
      option: "index",
    });
  }
  const { images } = sliceImages(set, index, index + count);
  const table = pixelWords(model.input);
  const pixel = (i: number) => images.subarray(i * size, (i + 1) * size);
  return Array.from({ length: count }, (_, i) => Int16Array.from(pixel(i), (value) => table[value]));
}

/** Where the first difference is, in the words of `circulant verify`. */
function placeOf(
  { operation, tensor, stage, vectors }: Subject,
  { first, expectedWords }: Diagnosis,
  { k }: { k: number },
) {
  if (first === undefined) return undefined;
  const each = expectedWords / vectors.length;
  const [vector, at] = [Math.floor(first.at / each), first.at % each];
  const place = { vector, operation, tensor, stage: stage ?? 0, block: Math.floor(at / k), index: at % k };
  return { ...place, word: first.at, expected: first.expected, actual: first.actual };
}

function describe(subject: Subject, diagnosis: Diagnosis, place: ReturnType<typeof placeOf>, dump: string): string[] {
  const { words, expectedWords, differing, explanations, undecided, tried } = diagnosis;
  if (place === undefined)
    return [`equal: ${words} words of ${subject.tensor} of operation ${subject.operation}, ${dump}`];
  const { expected, actual } = place;
  const lines = [
    expected === undefined || actual === undefined
      ? `first difference: word ${place.word}: reference ${expected ?? "has no more"}, dump ${actual ?? "has no more"}`
      : `first difference: word ${place.word}: ${describeDifference({ ...place, expected, actual }, "dump")}`,
    `${differing} of ${expectedWords} words differ${words === expectedWords ? "" : `; the dump has ${words}`}, ${dump}`,
  ];
  const common = Math.min(words, expectedWords);
  if (place.word === common) {
    const [end, rest] = words < expectedWords ? ["ends early", "missing"] : ["goes on after the tensor", "more"];
    const compared = words < expectedWords ? "its" : "the tensor's";
    const left = Math.abs(words - expectedWords);
    lines.push("", `the dump ${end}: all of ${compared} ${common} words are equal, ${left} are ${rest}`);
    return lines;
  }
  for (const explanation of explanations) lines.push("", ...describeExplanation(explanation, subject, differing));
  if (undecided.length > 0) {
    const clauses = undecided.slice(0, 5).map(({ conventions }) => clauseOf(conventions));
    lines.push(
      "",
      "too few words differ to tell whether",
      ...clauses.map((clause) => `  ${clause}`),
      "compare more words",
    );
  } else if (explanations.length === 0) {
    lines.push("", `none of ${tried} conventions and pairs explains the difference better than chance`);
  }
  return lines;
}

function describeExplanation(explanation: Explanation, { operation }: Subject, differing: number): string[] {
  const { conventions, scope, compared, equal, explained, broken, alike, isWhole } = explanation;
  const where = operation === 0 ? "" : scope === "operation" ? ` (in operation ${operation})` : " (in all operations)";
  const share = isWhole
    ? `explains all ${compared} words that can be compared`
    : `explains ${explained} of the ${differing} words that differ, ${equal} of ${compared} in all` +
      `${broken > 0 ? `; ${broken} right words would be wrong` : ""}`;
  return [
    `${isWhole ? "cause" : "partly"}: ${clauseOf(conventions)}${where}`,
    `  ${share}`,
    ...conventions.map(({ remedy }) => `  remedy: ${remedy}`),
    ...alike.slice(0, 5).map((other) => `  for this input the same as: ${clauseOf(other)}`),
  ];
}

function clauseOf(conventions: readonly Tried[]): string {
  const clause = ({ name, meaning, amount }: Tried) =>
    `${meaning} [${name}${amount === undefined ? "" : ` ${amount}`}]`;
  return conventions.map(clause).join("; and ");
}
