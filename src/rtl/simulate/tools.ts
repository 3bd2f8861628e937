import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulationError } from "../../errors.ts";
import { BENCH } from "./bench.ts";
import type { SimulatorName } from "./design.ts";

export type ExternalName = Exclude<SimulatorName, "wasm">;

/** How a simulator is built and run, in a folder that holds the sources. */
export interface Tool {
  /** Programs that must be there, each with the argument that makes it end at once. */
  readonly programs: readonly (readonly [string, string])[];
  readonly remedy: string;
  readonly build: (files: readonly string[], waves: boolean) => readonly [string, readonly string[]];
  /** What the build leaves, in the folder. */
  readonly built: string;
  readonly run: readonly string[];
}

export const TOOLS: Readonly<Record<ExternalName, Tool>> = {
  icarus: {
    programs: [
      ["iverilog", "-V"],
      ["vvp", "-V"],
    ],
    remedy: "apt-get install iverilog",
    build: (files) => ["iverilog", ["-g2005", "-s", BENCH, "-o", "simulation", ...files]],
    built: "simulation",
    run: ["vvp", "-n", "simulation"],
  },
  verilator: {
    programs: [
      ["verilator", "--version"],
      ["g++", "--version"],
      ["make", "--version"],
    ],
    remedy: "apt-get install verilator g++ make",
    build: (files, waves) => [
      "verilator",
      [
        ...["--binary", "--timing", "--top-module", BENCH, "-O3", "-CFLAGS", "-O2", "-j", "2"],
        ...(waves ? ["--trace", "--trace-underscore"] : []),
        ...["-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-TIMESCALEMOD"],
        ...["--default-language", "1364-2005", "--Mdir", "obj", "-o", "../simulation", ...files],
      ],
    ],
    built: "simulation",
    run: ["./simulation"],
  },
};

/** Whether a simulator can be used here. */
export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** Looks for the programs of an external simulator. */
export function findTool(name: ExternalName): Availability {
  const { programs, remedy } = TOOLS[name];
  const missing = programs.find(([program, argument]) => spawnSync(program, [argument], { stdio: "ignore" }).error);
  return missing ? { available: false, reason: `${missing[0]} is not installed (${remedy})` } : { available: true };
}

/** Runs with a folder that is gone afterwards. */
export async function inFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), "circulant-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program of a simulator and gives what it prints. */
export function execute(
  simulator: ExternalName,
  folder: string,
  program: string,
  commandLine: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 2 ** 28 };
    execFile(program, commandLine, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const text = `${stderr}\n${stdout}`.trim().slice(0, 2000) || error.message;
      reject(new SimulationError(`${simulator}: expected ${program} to succeed, got ${text}`, { simulator, program }));
    });
  });
}
