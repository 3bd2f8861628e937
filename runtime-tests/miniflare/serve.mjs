// Serves the bundled worker: node serve.mjs FOLDER PORT MODULES, the modules as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const KINDS = { esModule: "ESModule", wasm: "CompiledWasm" };
const [folder, port, modules] = process.argv.slice(2);

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(port),
  compatibilityDate: "2026-03-01",
  modulesRoot: folder,
  modules: JSON.parse(modules).map(({ name, kind }) => {
    const path = join(folder, name);
    return { type: KINDS[kind], path, contents: readFileSync(path) };
  }),
});
await miniflare.ready;
