import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { serveFiles } from "../runner/files.mjs";
import { load } from "../runner/packages.mjs";

const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const policy = (source) => ({ "Content-Security-Policy": `default-src 'self'; script-src 'self' ${source}` });

/** Headers with which the page is served, by the first part of its path. */
export const SETTINGS = {
  plain: {},
  isolated: ISOLATED,
  csp: policy("'wasm-unsafe-eval'"),
  "isolated-csp": { ...ISOLATED, ...policy("'wasm-unsafe-eval'") },
  "csp-without-wasm": policy(""),
};

/** Bundles the page and serves it under each setting until `close`. */
export async function serveSite({ cache, folder }) {
  const outdir = join(folder, "browsers/out");
  await load(cache, "esbuild").build({
    entryPoints: [join(folder, "browsers/page.mjs")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    logLevel: "error",
  });
  copyFileSync(join(folder, "browsers/page.html"), join(outdir, "page.html"));
  const { origin, close } = await serveFiles((url) => {
    const [, setting, name] = url.split("/");
    return { file: join(outdir, name), headers: SETTINGS[setting] };
  });
  return { address: (setting) => `${origin}/${setting}/page.html`, close };
}
