// The runtime as a program carries it, bundled and minified, and its sizes: what `circulant doctor` measures.
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bundles the built entry with its kernels inlined, and with the binary as a file beside it. */
export async function writeRuntimeSizes() {
  const wasm = readFileSync("dist/kernels/kernels.wasm");
  const inline = [await bundle(["browser"])];
  writeFileSync("dist/bundle.js", inline[0]);
  const module = [await bundle(["workerd"]), wasm];
  writeFileSync("dist/runtime-sizes.json", JSON.stringify({ inline: sizes(inline), module: sizes(module) }));
}

async function bundle(conditions) {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "circulant";', resolveDir: process.cwd() },
    ...{ bundle: true, minify: true, format: "esm", write: false, logLevel: "error", conditions },
    external: ["*.wasm"],
  });
  return outputFiles[0].contents;
}

function sizes(parts) {
  const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
  return { bytes: sum((part) => part.length), gzipBytes: sum((part) => gzipSync(part, { level: 9 }).length) };
}
