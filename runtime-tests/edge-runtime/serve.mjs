// Serves the bundled program: node serve.mjs FOLDER PORT WASM_FILES. As on the platform, wasm comes compiled.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeRuntime, runServer } from "edge-runtime";

const [folder, port, files] = process.argv.slice(2);
const modules = JSON.parse(files).map((name) => [name, new WebAssembly.Module(readFileSync(join(folder, name)))]);

const runtime = new EdgeRuntime({
  initialCode: readFileSync(join(folder, "program.js"), "utf8"),
  extend: (context) => Object.assign(context, { WASM_MODULES: Object.fromEntries(modules) }),
});
await runServer({ runtime, port: Number(port), host: "127.0.0.1" });
