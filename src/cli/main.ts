#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { CirculantError, OptionError } from "../errors.ts";

/** The commands, each in a file of its own that is read only when it is called for help or for work. */
const COMMANDS: readonly ((program: Command) => Promise<void>)[] = [
  async (program) => (await import("./demo.ts")).addDemo(program),
  async (program) => (await import("./train.ts")).addTrain(program),
  async (program) => (await import("./compile.ts")).addCompile(program),
  async (program) => (await import("./inspect.ts")).addInspect(program),
  async (program) => (await import("./run.ts")).addRun(program),
  async (program) => (await import("./eval.ts")).addEval(program),
  async (program) => (await import("./verify.ts")).addVerify(program),
  async (program) => (await import("./conform.ts")).addConform(program),
  async (program) => (await import("./emit.ts")).addEmit(program),
];

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const EXAMPLES = `
Examples:
  circulant train --data mnist --out mlp.checkpoint
  circulant compile mlp.checkpoint --data mnist --out mlp.safetensors
  circulant inspect mlp.safetensors
  circulant eval mlp.safetensors --data mnist --json
  circulant verify mlp.safetensors --data mnist --count 100

Results go to standard output, talk and progress to standard error.
Exit codes: 0 done, 1 the work failed or a comparison found a difference, 2 wrong use.`;

async function main(): Promise<number> {
  const program = new Command("circulant")
    .description("Block-circulant networks in 16-bit fixed point, with the same bits in WebAssembly and in Verilog.")
    .version(version)
    .showHelpAfterError("(circulant --help shows the commands and their options)")
    .addHelpText("after", EXAMPLES);
  for (const add of COMMANDS) await add(program);
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
