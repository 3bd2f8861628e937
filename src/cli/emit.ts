import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { formatImage, memoryImages } from "../rtl/images.ts";
import { DEFAULT_PARAMETERS, smallestParameters } from "../rtl/parameters.ts";
import { networkProgram } from "../rtl/program.ts";
import { engineSources, RTL_FOLDER } from "../rtl/sources.ts";
import { loadModel, makeFolder } from "./files.ts";
import { parseCount } from "./numbers.ts";

/** Adds `circulant emit`. */
export function addEmit(program: Command): void {
  program
    .command("emit")
    .description("write the Verilog, its memory images ($readmemh) and parameters for a model")
    .argument("<model>", "model file")
    .requiredOption("--out <dir>", "folder to write to")
    .option("--lanes <n>", "complex multipliers of the spectral product", parseCount, DEFAULT_PARAMETERS.LANES)
    .option("--json", "print what was written as JSON")
    .action(runEmit);
}

function runEmit(file: string, options: { out: string; lanes: number; json?: boolean }): void {
  const network = networkProgram(loadModel(file).model);
  const parameters = smallestParameters(network, options.lanes);
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
