import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { nodeRow } from "../node/rows.mjs";
import { load, packageVersion } from "../runner/packages.mjs";
import { stageFor } from "./stage-for.mjs";

/** Bundlers with no configuration but where the bundle comes from and where it goes. */
const BUNDLERS = {
  async esbuild({ cache, entry, outdir }) {
    const { build } = load(cache, "esbuild");
    await build({ entryPoints: [entry], outdir, bundle: true, format: "esm", minify: true, logLevel: "error" });
  },
  async rollup({ cache, entry, outdir }) {
    const { rollup } = load(cache, "rollup");
    const { nodeResolve } = load(cache, "@rollup/plugin-node-resolve");
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
    await bundle.write({ dir: outdir, format: "es" });
    await bundle.close();
  },
  async vite({ cache, entry, outdir }) {
    const { build } = load(cache, "vite");
    const lib = { entry, formats: ["es"], fileName: "bundle" };
    await build({ configFile: false, logLevel: "error", build: { outDir: outdir, lib } });
  },
  async webpack({ cache, entry, outdir }) {
    const { webpack } = load(cache, "webpack");
    const output = { path: outdir, filename: "bundle.js", module: true, library: { type: "module" } };
    const compiler = webpack({ mode: "production", entry, output, experiments: { outputModule: true } });
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
    });
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
  },
};

/** The package bundled by each, then run in Node as the package itself is. */
export function bundlerRows() {
  return Object.entries(BUNDLERS).map(([name, bundle]) => ({
    runtime: `bundle by ${name}`,
    packages: true,
    async run(context) {
      const { cache, folder } = context;
      const outdir = join(folder, "bundlers", name);
      mkdirSync(outdir, { recursive: true });
      await bundle({ cache, entry: join(folder, "bundlers/bundle.mjs"), outdir });
      const programs = stageFor(folder, outdir);
      const result = await nodeRow("", process.execPath, programs).run({ ...context, folder: outdir });
      return { ...result, version: packageVersion(cache, name), engine: `Node ${result.version}` };
    },
  }));
}
