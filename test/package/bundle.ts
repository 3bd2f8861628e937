import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** The root of the package, in which it finds itself by name. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What workerd and edge bundlers make of an import of a .wasm file: a compiled module. */
const compiledWasm: Plugin = {
  name: "compiled-wasm",
  setup(bundler) {
    bundler.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => ({
      path: fileURLToPath(new URL(path.replace("?module", ""), `file://${resolveDir}/`)),
      namespace: path.endsWith("?module") ? "edge" : "static",
    }));
    for (const namespace of ["static", "edge"]) {
      bundler.onLoad({ filter: /\.wasm$/, namespace }, ({ path }) => {
        const bytes = JSON.stringify([...readFileSync(path)]);
        return { contents: `export default new WebAssembly.Module(Uint8Array.from(${bytes}));` };
      });
    }
  },
};

/** A program, bundled and minified with the package as it is published. */
export interface Bundle {
  readonly text: string;
  /** Files of the package and other modules in it, relative to the root; "static:" or "edge:" before a .wasm file. */
  readonly inputs: readonly string[];
}

/**
 * Bundles a program for a runtime.
 *
 * @param program    its text; imports are found from the root
 * @param conditions of the runtime, as "workerd"
 */
export async function bundle(program: string, conditions: readonly string[], format: "esm" | "iife"): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format,
    write: false,
    logLevel: "error",
    metafile: true,
    conditions: [...conditions],
    plugins: [compiledWasm],
  });
  const inputs = Object.keys(metafile.inputs)
    .filter((input) => input !== "<stdin>")
    .map((input) => input.replace(ROOT, ""));
  return { text: outputFiles[0].text, inputs };
}
