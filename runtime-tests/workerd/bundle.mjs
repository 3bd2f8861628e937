import { readdirSync } from "node:fs";
import { join } from "node:path";
import { load } from "../runner/packages.mjs";

/** What a module of a Worker is, by how its name ends. */
const KINDS = { js: "esModule", wasm: "wasm" };

/**
 * Bundles the worker as wrangler would: the condition `workerd`, compiled wasm beside the program. The package stays a
 * module of its own, so that its import can be timed.
 *
 * @param out the folder for it
 * @returns the folder, and its modules in the order in which a Worker lists them
 */
export async function bundleWorker({ cache, folder }, out) {
  const { build } = load(cache, "esbuild");
  const outdir = join(folder, out);
  await build({
    entryPoints: [join(folder, "workerd/worker.mjs")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    logLevel: "error",
  });
  const names = readdirSync(outdir).sort((a, b) => Number(b === "worker.js") - Number(a === "worker.js"));
  return { outdir, modules: names.map((name) => ({ name, kind: KINDS[name.split(".").at(-1)] })) };
}
