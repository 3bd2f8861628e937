// The runtime's entries, each as one file: an engine that reads modules from files takes longer for thirty of them than
// for all else that loads a model.
import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { build } from "esbuild";

/**
 * The entries `circulant` and `circulant/threads` with the kernels as each kind of runtime takes them; `circulant/core` and
 * the program of a thread without.
 */
const BUNDLES = [
  ...["dist/index", "dist/threads/index"].flatMap((entry) => [
    { entry: `${entry}.js`, outfile: `${entry}.workerd.js`, conditions: ["workerd"] },
    { entry: `${entry}.js`, outfile: `${entry}.edge-light.js`, conditions: ["edge-light"] },
  ]),
  { entry: "dist/threads/worker.js", outfile: "dist/threads/worker.js", conditions: [] },
  { entry: "dist/threads/index.js", outfile: "dist/threads/index.js", conditions: [] },
  { entry: "dist/index.js", outfile: "dist/index.js", conditions: [] },
  { entry: "dist/core.js", outfile: "dist/core.js", conditions: [] },
];

/** The binary stays a file of its own where a runtime compiles it with the program. */
const binaryBeside = (outfile) => ({
  name: "binary beside",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => ({
      path: path.replace("./", `./${relative(dirname(outfile), "dist/kernels")}/`),
      external: true,
    }));
  },
});

/** What the fields of a model file mean is told by docs/model-file.md; no program reads it. */
const withoutMeanings = {
  name: "without meanings",
  setup({ onLoad }) {
    onLoad({ filter: /model[\\/]fields\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replace(/\bmeans: "[^"]*",/g, "");
      if (/\bmeans:/.test(contents)) throw new Error(`${path}: expected every meaning to be one string`);
      return { contents };
    });
  },
};

/** Bundles the built entries in place. */
export async function bundleEntries() {
  for (const { entry, outfile, conditions } of BUNDLES) {
    await build({
      ...{ entryPoints: [entry], outfile, conditions, allowOverwrite: true, bundle: true, format: "esm" },
      ...{ minify: true, logLevel: "error", plugins: [binaryBeside(outfile), withoutMeanings] },
    });
  }
}
