// Builds all: the AssemblyScript kernels into build/*.wasm, the inlined kernel module and the TypeScript into dist/.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { bundleEntries } from "./bundle-entries.mjs";
import { writeKernelModules } from "./kernel-modules.mjs";
import { forbiddenOpcodes } from "./opcodes.mjs";
import { writeRuntimeSizes } from "./runtime-sizes.mjs";
import { shipSimulations } from "./ship-simulations.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const WASM = [
  { entry: "assembly/kernels.ts", target: "debug", out: "build/kernels.debug.wasm", kind: "plain" },
  { entry: "assembly/kernels.ts", target: "release", out: "build/kernels.wasm", kind: "plain" },
  { entry: "assembly/kernels.ts", target: "relaxed", out: "build/kernels.relaxed.wasm", kind: "relaxed" },
  { entry: "assembly/probes.ts", target: "debug", out: "build/probes.debug.wasm", kind: "plain" },
  { entry: "assembly/probes.ts", target: "release", out: "build/probes.wasm", kind: "plain" },
  { entry: "assembly/probes.ts", target: "relaxed", out: "build/probes.relaxed.wasm", kind: "relaxed" },
  { entry: "assembly/train.ts", target: "release", out: "build/train.wasm", kind: "training" },
];

async function compileWasm({ entry, target, out, kind }) {
  const started = Date.now();
  rmSync(out, { force: true });
  const { error, stderr } = await asc.main([entry, "--config", "asconfig.json", "--target", target, "-o", out]);
  if (error || !existsSync(out)) throw new Error(`asc ${entry} (${target}) failed\n${stderr}`);
  const wasm = readFileSync(out);
  const forbidden = forbiddenOpcodes(wasm, kind);
  if (forbidden.length > 0) throw new Error(`${out}: expected only instructions of the list, got ${forbidden}`);
  console.log(`${out}: ${statSync(out).size} bytes, ${Date.now() - started} ms`);
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });
for (const job of WASM) await compileWasm(job);
writeKernelModules();

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { stdio: "inherit" });
chmodSync("dist/cli/main.js", 0o755);
await bundleEntries();
await writeRuntimeSizes();
await shipSimulations();
