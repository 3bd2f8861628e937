import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { describeDifference, type TensorCount } from "../conform/compare.ts";
import { pipelineTracer } from "../conform/pipeline-tracer.ts";
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
import { openWaveFile } from "../rtl/simulate/wave-file.ts";
import { engineSources } from "../rtl/sources.ts";
import { Session } from "../runtime/session.ts";
import { loadModel } from "./files.ts";
import { checkSize, pixelInputs } from "./inputs.ts";
import { parseCount, parseWhole } from "./numbers.ts";
import { addShape, type ShapeOptions, shapeOf } from "./pipeline-shape.ts";
import { progressBar } from "./progress.ts";
import { formatTable } from "./table.ts";

/** Cycles of waveforms that are written unless told otherwise. */
const WINDOW = 1024;

interface VerifyOptions extends ShapeOptions {
  readonly data: string;
  readonly count: number;
  readonly on: string;
  readonly simulator: SimulatorName;
  readonly images?: string;
  readonly rtl?: string;
  readonly lanes: number;
  readonly plant?: Fault;
  readonly stalls?: number;
  readonly wave?: string;
  readonly waveFrom?: number;
  readonly waveTo?: number;
  readonly waveScope?: readonly string[];
  readonly waveVector?: number;
  readonly json?: boolean;
}

/** Adds `circulant verify`. */
export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("compare every word that WebAssembly and the simulated RTL make with the reference")
    .argument("<model>", "model file")
    .requiredOption("--data <dir>", "folder with test images: IDX files, CIFAR-10 batches or PNG images")
    .option("--count <n>", "number of test images", parseCount, 10)
    .option("--on <names>", "realisations, separated by commas: wasm, rtl, pipeline (the streaming engine)", "wasm,rtl")
    .addOption(
      new Option("--simulator <name>", "simulator of the RTL").choices(["wasm", "icarus", "verilator"]).default("wasm"),
    )
    .option("--images <dir>", "memory images for the RTL, as `circulant emit` wrote them, in place of the model's")
    .option("--rtl <dir>", "Verilog sources in place of the package's")
    .option("--lanes <n>", "complex multipliers of the RTL", parseCount, DEFAULT_PARAMETERS.LANES);
  addShape(command)
    .addOption(new Option("--plant <fault>", "plant a one-bit fault in the RTL: verify must fail").choices(FAULTS))
    .option("--stalls <seed>", "let both streams of the RTL pause at random, from this seed", parseCount)
    .option("--wave <file>", "write waveforms of the RTL: .vcd, or .fst where vcd2fst is installed")
    .option(
      "--wave-from <cycle>",
      "first cycle, 0 being the first after reset (default: near the first difference)",
      parseWhole,
    )
    .option("--wave-to <cycle>", `last cycle (default: ${WINDOW} cycles)`, parseWhole)
    .option("--wave-scope <name>", "scope or signal, as u_engine.u_load; may be given several times", collect)
    .option("--wave-vector <n>", "vector (default: that of the first difference, else 0)", parseWhole)
    .option("--json", "print the report as JSON")
    .addHelpText("after", "\nOperations, blocks, words and vectors count from 0, stages of a transform from 1.")
    .action(runVerify);
}

async function runVerify(file: string, options: VerifyOptions): Promise<void> {
  const names = options.on.split(",");
  const unknown = names.find((name) => !["wasm", "rtl", "pipeline"].includes(name));
  if (unknown !== undefined)
    throw new OptionError(`--on: expected wasm, rtl, pipeline, got ${JSON.stringify(unknown)}`);
  const rtlOnly = (["plant", "images", "rtl", "stalls", "wave"] as const).find((name) => options[name] !== undefined);
  const simulated = names.includes("rtl") || (["stalls", "wave"].includes(rtlOnly ?? "") && names.includes("pipeline"));
  if (rtlOnly !== undefined && !simulated) {
    throw new OptionError(`--${rtlOnly}: expected rtl among --on, got ${options.on}`, { option: rtlOnly });
  }
  if (options.wave !== undefined && names.includes("rtl") && names.includes("pipeline")) {
    throw new OptionError(`--wave: expected rtl or pipeline among --on, got ${options.on}`, { option: "wave" });
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
    const tracer = await openTracer(name, model, options);
    const bar = progressBar(tracer.name, inputs.length);
    const report = await verify(model.operations, inputs, tracer, (done) => bar.update(done));
    bar.stop();
    const seconds = (performance.now() - started) / 1000;
    reports.push(report);
    if (!options.json) printReport(report, model, seconds);
    if (options.wave !== undefined) await writeWaves(tracer, inputs, report, options.wave, options);
    tracer.dispose();
  }
  if (options.json) console.log(JSON.stringify({ count: inputs.length, reports }));
  if (reports.some((report) => report.differing > 0)) process.exitCode = 1;
}

/** Writes the waveforms of a window: the one that is asked for, or the one around the first difference. */
async function writeWaves(
  tracer: Tracer,
  inputs: readonly Int16Array[],
  report: VerifyReport,
  path: string,
  options: VerifyOptions,
): Promise<void> {
  if (!tracer.dump) return;
  const { waveVector: vector = report.first?.vector ?? 0, waveScope: scopes } = options;
  if (vector >= inputs.length) {
    throw new OptionError(`--wave-vector: expected less than the ${inputs.length} vectors, got ${vector}`);
  }
  const { waveFrom: from = windowAround(report.firstCycle ?? 0).from } = options;
  const { waveTo: to = from + WINDOW - 1 } = options;
  if (to < from) throw new OptionError(`--wave-to: expected a cycle from ${from} on, got ${to}`);
  const file = openWaveFile(path);
  await tracer.dump(inputs[vector], { from, to, ...(scopes ? { scopes } : {}), write: file.write }).finally(file.close);
  if (!options.json) console.log(`${path}: waveforms of vector ${vector}, cycles ${from} to ${to}`);
}

function windowAround(cycle: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, cycle - WINDOW / 2), to: cycle + WINDOW / 2 - 1 };
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  return [...names, name];
}

async function openTracer(name: string, model: Model, options: VerifyOptions): Promise<Tracer> {
  if (name === "wasm") return sessionTracer(model, Session.fromModel(model));
  if (name === "rtl") return openRtl(model, options);
  return pipelineTracer(model, {
    simulator: options.simulator,
    shape: shapeOf(options),
    ...(options.stalls === undefined ? {} : { stallSeed: options.stalls }),
    onProgress: (message) => process.stderr.write(`${message}\n`),
  });
}

async function openRtl(model: Model, options: VerifyOptions): Promise<Tracer> {
  const program = networkProgram(model);
  const emitted = options.images !== undefined;
  const { lanes: LANES, weightBits } = options;
  const WEIGHT_BITS = weightBits ?? DEFAULT_PARAMETERS.WEIGHT_BITS;
  const parameters = emitted
    ? smallestParameters(program, LANES, weightBits)
    : parametersFor(program, { ...DEFAULT_PARAMETERS, LANES, WEIGHT_BITS });
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
  const { first, firstCycle } = report;
  if (first) console.log(`first difference: ${describeDifference(first, report.name)}`);
  if (first && firstCycle !== undefined) {
    const { from, to } = windowAround(firstCycle);
    console.log(
      `written in cycle ${firstCycle}; to look at it: --wave FILE.vcd --wave-vector ${first.vector} --wave-from ${from} --wave-to ${to}`,
    );
  }
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
