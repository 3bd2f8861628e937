import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { load, packageVersion } from "../runner/packages.mjs";
import { reportOfServer } from "../runner/served.mjs";

export function edgeRuntimeRows() {
  return [
    {
      runtime: "edge-runtime",
      packages: true,
      async run({ cache, folder, repeats }) {
        const { outdir, files } = await bundle(cache, folder);
        const server = (port) => ({
          command: process.execPath,
          args: ["edge-runtime/serve.mjs", outdir, String(port), JSON.stringify(files)],
          cwd: folder,
        });
        const version = packageVersion(cache, "edge-runtime");
        return { version, engine: `V8 ${process.versions.v8}`, ...(await reportOfServer(server, repeats)) };
      },
    },
  ];
}

/** Bundles as a platform's builder does: the condition `edge-light`, and `x.wasm?module` is the compiled module. */
async function bundle(cache, folder) {
  const { build } = load(cache, "esbuild");
  const outdir = join(folder, "edge-runtime/out");
  mkdirSync(outdir, { recursive: true });
  const files = [];
  const compiledWasm = {
    name: "compiled-wasm",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => {
        return { path: resolve(resolveDir, path.replace("?module", "")), namespace: "compiled-wasm" };
      });
      onLoad({ filter: /./, namespace: "compiled-wasm" }, ({ path }) => {
        copyFileSync(path, join(outdir, basename(path)));
        files.push(basename(path));
        return { contents: `export default WASM_MODULES["${basename(path)}"];` };
      });
    },
  };
  await build({
    entryPoints: [join(folder, "edge-runtime/program.mjs")],
    outdir,
    bundle: true,
    format: "iife",
    conditions: ["edge-light", "browser"],
    plugins: [compiledWasm],
    logLevel: "error",
  });
  return { outdir, files };
}
