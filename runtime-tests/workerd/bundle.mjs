import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../runner/packages.mjs";

/** What a module of a Worker is, by how its name ends. */
const KINDS = { js: "esModule", wasm: "wasm" };

/**
 * Bundles the worker as wrangler would: the condition `workerd`, compiled wasm beside the program. The package stays a
 * module of its own, so that its import can be timed.
 *
 * @param out   the folder for it
 * @param entry the program, called worker.mjs
 * @returns the folder, and its modules in the order in which a Worker lists them
 */
export async function bundleWorker({ cache, folder }, out, entry = "workerd/worker.mjs") {
  const { build } = load(cache, "esbuild");
  const outdir = join(folder, out);
  await build({
    entryPoints: [join(folder, entry)],
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

/** Bundles a worker and writes its configuration for workerd beside it. @returns the folder */
export async function stageWorker(context, entry, out) {
  const { outdir, modules } = await bundleWorker(context, out, entry);
  writeFileSync(join(outdir, "config.capnp"), configuration(modules));
  return outdir;
}

export const workerdPath = (cache) => join(cache, "node_modules/workerd-newest/bin/workerd");

function configuration(modules) {
  const list = modules.map(({ name, kind }) => `(name = "${name}", ${kind} = embed "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [${list.join(", ")}],
  compatibilityDate = "2026-03-01"
);
`;
}
