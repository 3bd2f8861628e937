import { join } from "node:path";
import { load } from "../runner/packages.mjs";

/**
 * Bundlers with the page in `page.js` of a folder. vite and webpack find the program of the threads by themselves; to
 * esbuild and rollup it is named, as `worker.js` beside the bundle.
 */
export const BUNDLERS = {
  async esbuild({ cache, entry, worker, outdir }) {
    const options = { bundle: true, splitting: true, format: "esm", minify: true, logLevel: "error" };
    await load(cache, "esbuild").build({ entryPoints: { page: entry, worker }, outdir, ...options });
  },
  async rollup({ cache, entry, worker, outdir }) {
    const { nodeResolve } = load(cache, "@rollup/plugin-node-resolve");
    const input = { page: entry, worker };
    const bundle = await load(cache, "rollup").rollup({ input, plugins: [nodeResolve()] });
    await bundle.write({ dir: outdir, format: "es", chunkFileNames: "[name].js" });
    await bundle.close();
  },
  async vite({ cache, entry, outdir }) {
    const output = { entryFileNames: "page.js" };
    const build = { outDir: outdir, emptyOutDir: true, rollupOptions: { input: entry, output } };
    await load(cache, "vite").build({ configFile: false, logLevel: "error", base: "./", build });
  },
  async webpack({ cache, entry, outdir }) {
    const output = { path: outdir, filename: "page.js", module: true, publicPath: "" };
    const compiler = load(
      cache,
      "webpack",
    )({
      mode: "production",
      entry,
      output,
      experiments: { outputModule: true },
      performance: { hints: false },
    });
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
    });
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
  },
};

/** Bundles the page of the threads. @returns the folder with `page.js` */
export async function bundlePage({ cache, folder }, name) {
  const outdir = join(folder, "threads/out", name);
  const worker = join(folder, "node_modules/circulant/dist/threads/worker.js");
  await BUNDLERS[name]({ cache, entry: join(folder, "threads/page.mjs"), worker, outdir });
  return outdir;
}
