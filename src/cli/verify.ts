import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { describeDifference, type TensorCount } from "../conform/compare.ts";
import { FAULTS, type Fault, plantFault } from "../conform/plant.ts";
import { rtlTracer } from "../conform/rtl-tracer.ts";
import { type Tracer, type VerifyReport, verify } from "../conform/verify.ts";
import { sessionTracer } from "../conform/wasm-tracer.ts";
import { readImageSet } from "../data/read.ts";
import { DataError, OptionError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { type MemoryImage, memoryImages, parseImage } from "../rtl/images.ts";
import { DEFAULT_PARAMETERS, parametersFor, smallestParameters } from "../rtl/parameters.ts";
import { networkProgram } from "../rtl/program.ts";
import type { SimulatorName } from "../rtl/simulate/design.ts";
import { engineSources } from "../rtl/sources.ts";
import { Session } from "../runtime/session.ts";
import { loadModel } from "./files.ts";
import { checkSize, pixelInputs } from "./inputs.ts";
import { parseCount } from "./numbers.ts";
import { progressBar } from "./progress.ts";
import { formatTable } from "./table.ts";

interface VerifyOptions {
  readonly data: string;
  readonly count: number;
  readonly on: string;
  readonly simulator: SimulatorName;
  readonly images?: string;
  readonly rtl?: string;
  readonly lanes: number;
  readonly plant?: Fault;
  readonly stalls?: number;
  readonly json?: boolean;
}

/** Adds `circulant verify`. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("compare every word that WebAssembly and the simulated RTL make with the reference")
    .argument("<model>", "model file")
    .requiredOption("--data <dir>", "folder with test images: IDX files, CIFAR-10 batches or PNG images")
    .option("--count <n>", "number of test images", parseCount, 10)
    .option("--on <names>", "realisations, separated by commas: wasm, rtl", "wasm,rtl")
    .addOption(
      new Option("--simulator <name>", "simulator of the RTL").choices(["wasm", "icarus", "verilator"]).default("wasm"),
    )
    .option("--images <dir>", "memory images for the RTL, as `circulant emit` wrote them, in place of the model's")
    .option("--rtl <dir>", "Verilog sources in place of the package's")
    .option("--lanes <n>", "complex multipliers of the RTL", parseCount, DEFAULT_PARAMETERS.LANES)
    .addOption(new Option("--plant <fault>", "plant a one-bit fault in the RTL: verify must fail").choices(FAULTS))
    .option("--stalls <seed>", "let both streams of the RTL pause at random, from this seed", parseCount)
    .option("--json", "print the report as JSON")
    .addHelpText("after", "\nOperations, blocks, words and vectors count from 0, stages of a transform from 1.")
    .action(runVerify);
}

async function runVerify(file: string, options: VerifyOptions): Promise<void> {
  const names = options.on.split(",");
  const unknown = names.find((name) => name !== "wasm" && name !== "rtl");
  if (unknown !== undefined) throw new OptionError(`--on: expected wasm, rtl, got ${JSON.stringify(unknown)}`);
  const rtlOnly = (["plant", "images", "rtl", "stalls"] as const).find((name) => options[name] !== undefined);
  if (rtlOnly !== undefined && !names.includes("rtl")) {
    throw new OptionError(`--${rtlOnly}: expected rtl among --on, got ${options.on}`, { option: rtlOnly });
  }
  const { model } = loadModel(file);
  const set = readImageSet(options.data, "test");
  checkSize(set, model.input.shape);
  if (options.count > set.count) {
    throw new DataError(`${options.data}: expected ${options.count} test images, got ${set.count}`);
  }
  const inputs = pixelInputs(model, set.images, options.count);
  const reports: VerifyReport[] = [];
  for (const name of names) {
    const started = performance.now();
    const tracer = name === "wasm" ? sessionTracer(model, Session.fromModel(model)) : await openRtl(model, options);
    const bar = progressBar(tracer.name, inputs.length);
    const report = await verify(model.operations, inputs, tracer, (done) => bar.update(done));
    bar.stop();
    tracer.dispose();
    reports.push(report);
    if (!options.json) printReport(report, model, (performance.now() - started) / 1000);
  }
  if (options.json) console.log(JSON.stringify({ count: inputs.length, reports }));
  if (reports.some((report) => report.differing > 0)) process.exitCode = 1;
}

async function openRtl(model: Model, options: VerifyOptions): Promise<Tracer> {
  const program = networkProgram(model);
  const emitted = options.images !== undefined;
  const parameters = emitted
    ? smallestParameters(program, options.lanes)
    : parametersFor(program, { ...DEFAULT_PARAMETERS, LANES: options.lanes });
  let sources = engineSources(options.rtl);
  let images = memoryImages(program, parameters);
  if (options.images !== undefined) images = readImages(options.images, images);
  if (options.plant) ({ images, sources } = plantFault(options.plant, images, sources));
  return rtlTracer(model, {
    simulator: options.simulator,
    parameters,
    sources,
    images,
    ...(options.stalls === undefined ? {} : { stallSeed: options.stalls }),
    onProgress: (message) => process.stderr.write(`${message}\n`),
  });
}

/** The images of a folder in place of those of the model; one that is not there was not emitted for it is empty. */
function readImages(folder: string, images: readonly MemoryImage[]): readonly MemoryImage[] {
  return images.map((image) => {
    if (image.limbs.length === 0) return image;
    const path = join(folder, image.file);
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (cause) {
      throw new DataError(`${path}: expected a memory image (${(cause as Error).message})`, { file: path });
    }
    return { ...image, limbs: parseImage(text, image, path) };
  });
}

function printReport(report: VerifyReport, model: Model, seconds: number): void {
  console.log(`${report.name}: ${report.vectors} vectors against the reference, ${seconds.toFixed(1)} s`);
  console.log(formatTable(["operation", "tensor", "stages", "words", "differing"], tensorRows(report, model)));
  if (report.cycles.length > 0) {
    const mean = report.cycles.reduce((sum, cycles) => sum + cycles, 0) / report.cycles.length;
    console.log(`${report.name}: ${Math.round(mean)} cycles an inference, first word in to last word out`);
  }
  if (report.first) console.log(`first difference: ${describeDifference(report.first, report.name)}`);
  console.log(`${report.name}: ${report.differing} of ${report.words} words differ`);
}

/** A row a tensor, its stages together: those compared and, if words differ, how many in each that has some. */
function tensorRows({ tensors }: VerifyReport, model: Model): (string | number)[][] {
  const groups = new Map<string, TensorCount[]>();
  for (const count of tensors) {
    const key = `${count.operation} ${count.tensor}`;
    groups.set(key, [...(groups.get(key) ?? []), count]);
  }
  return [...groups.values()].map((counts) => {
    const [{ operation, tensor, stage }] = counts;
    const last = counts[counts.length - 1].stage;
    const words = counts.reduce((sum, count) => sum + count.words, 0);
    const differing = counts.reduce((sum, count) => sum + count.differing, 0);
    const wrong = counts.filter((count) => count.stage > 0 && count.differing > 0);
    const places = wrong.map((count) => `${count.differing} in stage ${count.stage}`).join(", ");
    const stages = stage === 0 ? "" : stage === last ? `${stage}` : `${stage} to ${last}`;
    return [model.operations[operation].name, tensor, stages, words, places || differing];
  });
}
