import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../runner/processes.mjs";
import { missingTool, toolPath, versionOf } from "../runner/tools.mjs";
import { memoryImage } from "./image.mjs";

const PAGE_BYTES = 65536;
const TOOLS = ["wasm-interp"];

/** The shipped kernels in an engine that is no JavaScript engine: an interpreter that shares no code with any of them. */
export function wasmInterpRows() {
  return [
    {
      runtime: "wasm-interp, no JavaScript",
      tools: TOOLS,
      missing: () => missingTool(TOOLS),
      async run(context) {
        const out = join(context.folder, "wasm-interp/out");
        mkdirSync(out, { recursive: true });
        const assets = await import(pathToFileURL(join(context.folder, "shared/assets.mjs")).href);
        const digests = {};
        for (const [name, model] of Object.entries(assets.models)) {
          const file = await buildSelfTest(context, out, name, Buffer.from(model, "base64"), assets.digits);
          digests[name] = digestIn(await run(toolPath("wasm-interp"), [file, "--run-all-exports"], { seconds: 900 }));
        }
        return {
          version: versionOf(toolPath("wasm-interp")),
          engine: "wabt's interpreter",
          report: { kernels: "plain", digests },
        };
      },
    },
  ];
}

/** One module without imports: the shipped kernels, the self-test, and a session's memory as data. */
async function buildSelfTest({ root, folder, golden }, out, name, model, digits) {
  const installed = join(folder, "node_modules/circulant");
  const { main: asc } = await import("assemblyscript/asc");
  const test = join(out, "selftest.wasm");
  const flags = [
    "--runtime",
    "stub",
    "--importMemory",
    "--noExportMemory",
    "--use",
    "abort=",
    "-O3",
    "--noAssert",
    "--baseDir",
    root,
  ];
  const { error, stderr } = await asc([join(folder, "wasm-interp/env.ts"), ...flags, "-o", test]);
  if (error) throw new Error(`self-test: ${error.message}\n${stderr}`);
  const image = await memoryImage(installed, model, Buffer.from(digits, "base64"), golden.images);
  const data = join(out, `${name}.wat`);
  writeFileSync(data, dataModule(image));
  const file = join(out, `${name}.wasm`);
  const merge = join(dirname(createRequire(import.meta.url).resolve("binaryen/package.json")), "bin/wasm-merge");
  const modules = [join(installed, "dist/kernels/kernels.wasm"), "env", test, "selftest", data, "data"];
  const features = ["--enable-simd", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"];
  await run(process.execPath, [merge, ...modules, ...features, "--enable-mutable-globals", "-o", file]);
  return file;
}

/** A module that fills the memory of `env` when it starts. */
function dataModule({ pieces, bytes }) {
  const text = (piece) => Buffer.from(piece).toString("hex").replace(/../g, "\\$&");
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return `(module
  (import "env" "memory" (memory 1))
  ${pieces.map((piece, i) => `(data $piece${i} "${text(piece.bytes)}")`).join("\n  ")}
  (func $fill
    (drop (memory.grow (i32.sub (i32.const ${pages}) (memory.size))))
    ${pieces.map(({ at, bytes }, i) => `(memory.init $piece${i} (i32.const ${at}) (i32.const 0) (i32.const ${bytes.length}))`).join("\n    ")})
  (start $fill))
`;
}

function digestIn(stdout) {
  const words = [...stdout.matchAll(/^word\d\(\) => i32:(\d+)$/gm)].map(([, word]) => Number(word));
  if (words.length !== 8) throw new Error(`self-test: expected 8 words of a digest, got ${stdout.slice(-300)}`);
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}
