import { copyFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { traceReference } from "../conform/trace.ts";
import { formatImage, memoryImages } from "../rtl/images.ts";
import { smallestParameters } from "../rtl/parameters.ts";
import { emitPipeline } from "../rtl/pipeline/emit.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { networkProgram } from "../rtl/program.ts";
import { engineSources, RTL_FOLDER } from "../rtl/sources.ts";
import { addEngine, type EngineOptions } from "./engine-option.ts";
import { loadModel, makeFolder } from "./files.ts";
import { shapeOf } from "./pipeline-shape.ts";

/** Adds `circulant emit`. */
export function addEmit(program: Command): void {
  const command = program
    .command("emit")
    .description("write the Verilog, its memory images ($readmemh) and parameters for a model")
    .argument("<model>", "model file")
    .requiredOption("--out <dir>", "folder to write to");
  addEngine(command)
    .option("--json", "print what was written as JSON")
    .action((file, options) => (options.engine === "pipeline" ? runPipeline(file, options) : runEmit(file, options)));
}

interface EmitOptions extends EngineOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Vectors of the bench that goes with the engine. */
const GOLDEN = 3;

function runPipeline(file: string, options: EmitOptions): void {
  const { model } = loadModel(file);
  const program = pipelineProgram(networkProgram(model), { shape: shapeOf(options), slots: options.slots });
  const { words } = program.source.input;
  // Words of all sizes, the same in every run.
  const inputs = Int16Array.from({ length: GOLDEN * words }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >> 16) >> (i % 8));
  const outputs = Array.from({ length: GOLDEN }, (_, i) => {
    return traceReference(model.operations, inputs.slice(i * words, (i + 1) * words), false).at(-1)?.words ?? [];
  });
  const golden = { inputs, outputs: Int16Array.from(outputs.flatMap((made) => [...made])) };
  const files = emitPipeline(program, golden, basename(file));
  makeFolder(options.out);
  for (const { name, text } of files) writeFileSync(join(options.out, name), text);
  const { parameters } = program;
  if (options.json) console.log(JSON.stringify({ out: options.out, parameters, files: files.map(({ name }) => name) }));
  else console.log(`${options.out}: ${files.length} files; README.md says how to simulate and synthesise them`);
}

function runEmit(file: string, options: EmitOptions): void {
  const network = networkProgram(loadModel(file).model);
  const parameters = smallestParameters(network, options.lanes, options.weightBits);
  const images = memoryImages(network, parameters).filter((image) => image.limbs.length > 0);
  makeFolder(options.out);
  for (const image of images) writeFileSync(join(options.out, image.file), formatImage(image));
  const modules = engineSources()
    .map(({ name }) => name)
    .filter((name) => !name.endsWith("_bench.v"));
  for (const name of modules) copyFileSync(join(RTL_FOLDER, name), join(options.out, name));
  writeFileSync(join(options.out, "circulant_engine.f"), modules.map((name) => `${name}\n`).join(""));
  const overrides = [
    ...Object.entries(parameters).map(([name, value]) => `.${name}(${value})`),
    ...images.map(({ parameter, file: name }) => `.${parameter}("${name}")`),
  ];
  writeFileSync(
    join(options.out, "parameters.vh"),
    `// circulant_engine #(\`include "parameters.vh") u_engine (...)\n${overrides.join(",\n")}\n`,
  );
  if (options.json) console.log(JSON.stringify({ out: options.out, parameters, files: images.map((it) => it.file) }));
  else {
    for (const { file: name, width, limbs } of images) {
      console.log(`${name}: ${limbs.length / Math.ceil(width / 32)} words of ${width} bits`);
    }
    console.log(`${options.out}: ${modules.length} Verilog modules, circulant_engine.f, parameters.vh`);
  }
}
