#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { CirculantError, OptionError } from "../errors.ts";

/** The commands in the order of the help. Only the one that is called is read, or all to show the help. */
const COMMANDS: Readonly<Record<string, (program: Command) => Promise<void>>> = {
  demo: async (program) => (await import("./demo.ts")).addDemo(program),
  zoo: async (program) => (await import("./zoo.ts")).addZoo(program),
  data: async (program) => (await import("./data.ts")).addData(program),
  train: async (program) => (await import("./train.ts")).addTrain(program),
  project: async (program) => (await import("./project.ts")).addProject(program),
  finetune: async (program) => (await import("./finetune.ts")).addFinetune(program),
  compile: async (program) => (await import("./compile.ts")).addCompile(program),
  design: async (program) => (await import("./design.ts")).addDesign(program),
  inspect: async (program) => (await import("./inspect.ts")).addInspect(program),
  run: async (program) => (await import("./run.ts")).addRun(program),
  eval: async (program) => (await import("./eval.ts")).addEval(program),
  verify: async (program) => (await import("./verify.ts")).addVerify(program),
  conform: async (program) => (await import("./conform.ts")).addConform(program),
  compare: async (program) => (await import("./compare.ts")).addCompare(program),
  cycles: async (program) => (await import("./cycles.ts")).addCycles(program),
  serve: async (program) => (await import("./serve.ts")).addServe(program),
  emit: async (program) => (await import("./emit.ts")).addEmit(program),
  synth: async (program) => (await import("./synth.ts")).addSynth(program),
  doctor: async (program) => (await import("./doctor.ts")).addDoctor(program),
  keygen: async (program) => (await import("./sign.ts")).addKeygen(program),
  sign: async (program) => (await import("./sign.ts")).addSign(program),
};

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const EXAMPLES = `
Examples:
  circulant data mnist --out mnist
  circulant train --data mnist --out mlp.checkpoint
  circulant compile mlp.checkpoint --data mnist --out mlp.safetensors
  circulant inspect mlp.safetensors
  circulant eval mlp.safetensors --data mnist --json
  circulant verify mlp.safetensors --data mnist --count 100
  circulant serve mlp.safetensors --port 8080

Results go to standard output, talk and progress to standard error.
Exit codes: 0 done, 1 the work failed or a comparison found a difference, 2 wrong use.`;

async function main(): Promise<number> {
  const program = new Command("circulant")
    .description("Block-circulant networks in 16-bit fixed point, with the same bits in WebAssembly and in Verilog.")
    .version(version)
    .showHelpAfterError("(circulant --help shows the commands and their options)")
    .addHelpText("after", EXAMPLES);
  const [, , name] = process.argv;
  const called = Object.hasOwn(COMMANDS, name ?? "") ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const add of called) await add(program);
  exitOverride(program);
  try {
    await program.parseAsync();
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CirculantError)) throw error;
    process.stderr.write(`circulant: ${error.message}\n`);
    return error instanceof OptionError ? 2 : 1;
  }
}

/** Makes the program and each of its commands throw where commander would end the process. */
function exitOverride(program: Command): void {
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
}

process.exitCode = await main();
