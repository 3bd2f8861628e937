import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { conform } from "../conform/conform.ts";
import { pipelineRealisation } from "../conform/pipeline.ts";
import { REFERENCE, type Realisation } from "../conform/realisation.ts";
import { rtlRealisation } from "../conform/rtl.ts";
import { parseVectors } from "../conform/vectors.ts";
import { wasmRealisation } from "../conform/wasm.ts";
import { OptionError } from "../errors.ts";
import type { SimulatorName } from "../rtl/simulate/design.ts";
import { compiledKernels } from "../runtime/capabilities.ts";
import { readBytes } from "./files.ts";

const REALISATIONS: Readonly<Record<string, (simulator: SimulatorName) => Realisation>> = {
  reference: () => REFERENCE,
  wasm: () => wasmRealisation(compiledKernels(), "wasm"),
  rtl: (simulator) => rtlRealisation({ simulator }),
  pipeline: (simulator) => pipelineRealisation({ simulator }),
};

/** Adds `circulant conform`. */
export function addConform(program: Command): void {
  program
    .command("conform")
    .description("run conformance vectors and compare every word")
    .argument("<files...>", "vector files: one JSON object a line (docs/conformance.md); - is standard input")
    .option("--on <names>", "realisations, separated by commas: reference, wasm, rtl, pipeline", "reference,wasm,rtl")
    .addOption(
      new Option("--simulator <name>", "simulator of the RTL").choices(["wasm", "icarus", "verilator"]).default("wasm"),
    )
    .option("--json", "print one JSON object a vector")
    .action(runConform);
}

async function runConform(
  files: readonly string[],
  options: { on: string; simulator: SimulatorName; json?: boolean },
): Promise<void> {
  const names = options.on.split(",");
  const unknown = names.find((name) => !Object.hasOwn(REALISATIONS, name));
  if (unknown !== undefined) {
    throw new OptionError(`--on: expected ${Object.keys(REALISATIONS).join(", ")}, got ${JSON.stringify(unknown)}`);
  }
  let passed = 0;
  let failed = 0;
  const vectors = files.map((file) => ({ file, vectors: parseVectors(readText(file), file) }));
  for (const name of names) {
    const realisation = REALISATIONS[name](options.simulator);
    for (const { file, vectors: list } of vectors) {
      let differing = 0;
      for await (const { vector, difference } of conform(realisation, list)) {
        if (difference) differing++;
        const { index, expected, actual } = difference ?? {};
        if (options.json) {
          const place = { file, line: vector.line, op: vector.op, realisation: realisation.name };
          console.log(JSON.stringify({ ...place, passed: !difference, ...difference }));
        } else if (difference) {
          console.log(
            `${file}:${vector.line}: ${vector.op} on ${realisation.name}: word ${index}: expected ${expected}, got ${actual}`,
          );
        }
      }
      if (!options.json) console.log(`${realisation.name}: ${file}: ${list.length - differing} of ${list.length}`);
      passed += list.length - differing;
      failed += differing;
    }
    realisation.dispose();
  }
  console.log(options.json ? JSON.stringify({ passed, failed }) : `${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function readText(file: string): string {
  return file === "-" ? readFileSync(0, "utf8") : new TextDecoder().decode(readBytes(file));
}
