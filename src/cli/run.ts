import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { sliceImages } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { DataError, OptionError } from "../errors.ts";
import { indexOfLargest } from "../layers/largest.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { Backend } from "../runtime/backend.ts";
import type { InputData } from "../runtime/input.ts";
import { Session } from "../runtime/session.ts";
import { checkWritable, loadModel, readBytes, writeWhole } from "./files.ts";
import { checkSize } from "./inputs.ts";
import { parseCount } from "./numbers.ts";
import { drawProfile } from "./profile-picture.ts";
import { formatProfile } from "./profile-table.ts";

interface RunOptions {
  readonly data?: string;
  readonly index?: number;
  readonly backend: Backend["name"];
  readonly json?: boolean;
  readonly profile?: boolean;
  readonly profileOut?: string;
  readonly runs?: number;
}

/** Adds `circulant run`. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("run a model on one input, or on several, and print its outputs")
    .argument("<model>", "model file")
    .argument("[input]", "JSON: an array of real values, or an array of such arrays; - is standard input")
    .option("--data <dir>", "take a test image of this folder in place of an input file")
    .option("--index <n>", "which test image, from 0", Number)
    .addOption(new Option("--backend <name>", "what runs the model").choices(["wasm", "reference"]).default("wasm"))
    .option("--profile", "print where the time goes, in place of the outputs; without an input it runs on zeros")
    .option("--profile-out <file>", "write the profile as a picture too, an SVG")
    .option("--runs <n>", "rounds of which a profile takes the medians, 25 unless told", parseCount)
    .option("--json", "print the outputs as JSON: real values, words, fractional bits; or the profile")
    .action(runRun);
}

function runRun(file: string, input: string | undefined, options: RunOptions): void {
  const { model } = loadModel(file);
  using session = Session.fromModel(model, { backend: options.backend });
  if (options.profile || options.profileOut !== undefined) {
    runProfile(session, readProfiled(input, options, model), { title: basename(file), ...options });
    return;
  }
  if (options.runs !== undefined) {
    throw new OptionError("--runs: expected --profile or --profile-out with it", { option: "runs" });
  }
  const { output, words } = session.runSync({ input: readInput(input, options, model) });
  const size = volume(session.outputs[0].dims);
  if (options.json) {
    const { fractionBits } = words;
    console.log(JSON.stringify({ output: [...output.data], words: [...words.data], dims: output.dims, fractionBits }));
    return;
  }
  for (let at = 0; at < output.data.length; at += size) {
    const best = indexOfLargest(words.data.subarray(at, at + size));
    for (let i = 0; i < size; i++) {
      const label = session.labels[i] ?? String(i);
      console.log(`${i === best ? ">" : " "} ${label.padEnd(12)} ${output.data[at + i].toFixed(4).padStart(10)}`);
    }
  }
}

/** Prints where the time of an inference goes, and draws it if there is a place for the picture. */
function runProfile(
  session: Session,
  input: InputData,
  { title, profileOut, runs, json }: Pick<RunOptions, "profileOut" | "runs" | "json"> & { readonly title: string },
): void {
  if (profileOut !== undefined) checkWritable(profileOut);
  const profile = session.profile({ input }, { runs });
  if (profileOut !== undefined) writeWhole(profileOut, drawProfile(profile, title));
  process.stdout.write(json ? `${JSON.stringify(profile)}\n` : formatProfile(profile));
}

function readProfiled(input: string | undefined, options: RunOptions, model: Model): InputData {
  const isGiven = input !== undefined || options.data !== undefined;
  return isGiven ? readInput(input, options, model) : new Int16Array(volume(model.input.shape));
}

function readInput(input: string | undefined, { data, index }: RunOptions, model: Model): InputData {
  if (data !== undefined && input === undefined) {
    const set = readImageSet(data, "test");
    checkSize(set, model.input.shape);
    if (index === undefined || !Number.isInteger(index) || index < 0 || index >= set.count) {
      throw new OptionError(`--index: expected 0 to ${set.count - 1}, got ${index}`, { option: "index" });
    }
    return sliceImages(set, index, index + 1).images;
  }
  if (input === undefined || data !== undefined) {
    throw new OptionError("input: expected an input file, or --data with --index", { option: "input" });
  }
  return parseJson(input === "-" ? readFileSync(0, "utf8") : new TextDecoder().decode(readBytes(input)), input);
}

function parseJson(text: string, file: string): Float32Array {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${file}: expected JSON (${(cause as Error).message})`, { file });
  }
  const rows = Array.isArray(value) && Array.isArray(value[0]) ? (value as unknown[]) : [value];
  const length = Array.isArray(rows[0]) ? rows[0].length : 0;
  const values = rows.flatMap((row, i) => {
    if (Array.isArray(row) && row.length === length && length > 0) return row as unknown[];
    throw new DataError(`${file}: expected arrays of numbers of one length, row ${i} is none`, { file, row: i });
  });
  const wrong = values.findIndex((number) => typeof number !== "number");
  if (wrong >= 0) throw new DataError(`${file}: expected numbers, value ${wrong} is ${JSON.stringify(values[wrong])}`);
  return Float32Array.from(values as number[]);
}
