import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { load } from "../runner/packages.mjs";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };
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
  const server = createServer(({ url }, response) => {
    const [, setting, name] = url.split("/");
    try {
      const body = readFileSync(join(outdir, name));
      response.writeHead(200, {
        "Content-Type": TYPES[extname(name)],
        "Cache-Control": "no-store",
        ...SETTINGS[setting],
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    address: (setting) => `http://127.0.0.1:${server.address().port}/${setting}/page.html`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
