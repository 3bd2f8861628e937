// The runtime's entries, each as one file: an engine that reads modules from files takes longer for thirty of them than
// for all else that loads a model.
import { build } from "esbuild";

/** The entry `circulant` with the kernels as each kind of runtime takes them, and `circulant/core` without. */
const BUNDLES = [
  { entry: "dist/index.js", outfile: "dist/index.workerd.js", conditions: ["workerd"] },
  { entry: "dist/index.js", outfile: "dist/index.edge-light.js", conditions: ["edge-light"] },
  { entry: "dist/index.js", outfile: "dist/index.js", conditions: [] },
  { entry: "dist/core.js", outfile: "dist/core.js", conditions: [] },
];

/** The binary stays a file of its own where a runtime compiles it with the program. */
const binaryBeside = {
  name: "binary beside",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => ({
      path: path.replace("./", "./kernels/"),
      external: true,
    }));
  },
};

/** Bundles the built entries in place. */
export async function bundleEntries() {
  for (const { entry, outfile, conditions } of BUNDLES) {
    await build({
      ...{ entryPoints: [entry], outfile, conditions, allowOverwrite: true, bundle: true, format: "esm" },
      ...{ minifyWhitespace: true, minifySyntax: true, logLevel: "error", plugins: [binaryBeside] },
    });
  }
}
