// Builds all: the AssemblyScript kernels into build/*.wasm, the inlined kernel module and the TypeScript into dist/.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const WASM = [
  { entry: "assembly/kernels.ts", target: "debug", out: "build/kernels.debug.wasm" },
  { entry: "assembly/kernels.ts", target: "release", out: "build/kernels.wasm" },
  { entry: "assembly/train.ts", target: "release", out: "build/train.wasm" },
];

async function compileWasm({ entry, target, out }) {
  const started = Date.now();
  rmSync(out, { force: true });
  const { error, stderr } = await asc.main([entry, "--config", "asconfig.json", "--target", target, "-o", out]);
  if (error || !existsSync(out)) throw new Error(`asc ${entry} (${target}) failed\n${stderr}`);
  const module = new WebAssembly.Module(readFileSync(out));
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) throw new Error(`${out}: expected no imports, got ${JSON.stringify(imports)}`);
  console.log(`${out}: ${statSync(out).size} bytes, ${Date.now() - started} ms`);
}

/** The kernels as a JavaScript module, so that no runtime has to find a file. */
function inlineKernels() {
  mkdirSync("dist/kernels", { recursive: true });
  copyFileSync("build/kernels.wasm", "dist/kernels/kernels.wasm");
  copyFileSync("build/train.wasm", "dist/kernels/train.wasm");
  const base64 = readFileSync("build/kernels.wasm").toString("base64");
  writeFileSync("dist/kernels/inline.js", `export const KERNELS_BASE64 =\n  "${base64}";\n`);
  writeFileSync("dist/kernels/inline.d.ts", "export declare const KERNELS_BASE64: string;\n");
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });
for (const job of WASM) if (existsSync(job.entry)) await compileWasm(job);
if (existsSync("build/kernels.wasm")) inlineKernels();

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { stdio: "inherit" });
chmodSync("dist/cli/main.js", 0o755);
