import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openChromium } from "../browsers/chromium.mjs";
import { openFirefox } from "../browsers/firefox.mjs";
import { SETTINGS } from "../browsers/site.mjs";
import { openWebKit } from "../browsers/webkit.mjs";
import { bunPath } from "../bun/rows.mjs";
import { denoEnvironment, denoPath } from "../deno/rows.mjs";
import { missingNode, nodePath } from "../node/rows.mjs";
import { serveFiles } from "../runner/files.mjs";
import { load, packageVersion } from "../runner/packages.mjs";
import { runForJson } from "../runner/processes.mjs";
import { missingTool, versionOf } from "../runner/tools.mjs";
import { bundlePage } from "./bundle.mjs";

const MAJORS = [20, 22, 24, 26];

/** Browsers, how the page was bundled, and the headers that it comes with. */
const PAGES = [
  { name: "Chromium", open: openChromium, tools: ["chromium"] },
  { name: "Chromium, cross-origin isolated", open: openChromium, tools: ["chromium"], setting: "isolated" },
  { name: "Chromium, CSP 'wasm-unsafe-eval'", open: openChromium, tools: ["chromium"], setting: "csp" },
  { name: "Firefox", open: openFirefox, tools: ["firefox-esr"] },
  { name: "WebKit", open: openWebKit, tools: ["WebKitWebDriver", "MiniBrowser", "Xvfb"] },
  ...["rollup", "vite", "webpack"].map((bundler) => {
    return { name: `bundle by ${bundler}`, open: openChromium, tools: ["chromium"], bundler };
  }),
];

/** Batches in two worker threads wherever there are such, and the error where there are none. */
export function threadRows({ cache }) {
  const program = (name, path, before, options, facts) => ({
    runtime: `threads, ${name}`,
    packages: true,
    async run({ folder }) {
      const report = await runForJson(path, [...before, "threads/program.mjs"], { cwd: folder, ...options });
      return { version: versionOf(path, facts.version), engine: facts.engine(), report };
    },
  });
  const nodes = MAJORS.map((major) => {
    const path = nodePath(cache, major);
    const row = program(`Node ${major}`, path, [], {}, { engine: () => nodeEngine(path) });
    return { ...row, missing: () => missingNode(cache, major) };
  });
  const deno = denoPath(cache);
  const arguments_ = ["run", "--no-prompt", "--quiet", "--node-modules-dir=manual"];
  return [
    ...nodes,
    program(
      "Deno, no permissions",
      deno,
      arguments_,
      { env: denoEnvironment(cache) },
      {
        version: /(?<=deno )\S+/,
        engine: () => `V8 ${versionOf(deno, /(?<=v8 )\S+/)}`,
      },
    ),
    program("Bun", bunPath(cache), ["run"], {}, { engine: () => "JavaScriptCore" }),
    ...PAGES.map(pageRow),
    { runtime: "threads, workerd: a typed error", packages: true, run: refusal },
  ];
}

const nodeEngine = (path) => `V8 ${versionOf(path, /\d[\d.]+/, ["-p", "process.versions.v8"])}`;

function pageRow({ name, open, tools, setting = "plain", bundler }) {
  return {
    runtime: `threads, ${name}`,
    packages: true,
    tools,
    missing: () => missingTool(tools),
    async run(context) {
      const outdir = await bundlePage(context, bundler ?? "esbuild");
      copyFileSync(join(context.folder, "browsers/page.html"), join(outdir, "page.html"));
      const { origin, close } = await serveFiles((url) => ({
        file: join(outdir, new URL(url, "http://site").pathname),
        headers: SETTINGS[setting],
      }));
      const browser = await open(context).catch((error) => {
        close();
        throw error;
      });
      try {
        const { error, report } = await browser.visit(`${origin}/page.html`);
        if (error) throw new Error(`${error.name}: ${error.message}`);
        const { version, engine } = browser;
        if (bundler === undefined) return { version, engine, report };
        return { version: packageVersion(context.cache, bundler), engine: `Chromium ${version}`, report };
      } finally {
        await browser.close();
        close();
      }
    },
  };
}

/** A Worker must say that it has no threads, also where it has a module of their name. */
async function refusal({ cache, folder }) {
  const outdir = join(folder, "threads/out/workerd");
  mkdirSync(outdir, { recursive: true });
  await load(cache, "esbuild").build({
    entryPoints: [join(folder, "threads/worker.mjs")],
    ...{ outdir, bundle: true, format: "esm", conditions: ["workerd", "worker", "browser"], logLevel: "error" },
    ...{ loader: { ".wasm": "copy" }, assetNames: "[name]" },
  });
  const { Miniflare } = load(cache, "miniflare");
  for (const compatibilityFlags of [[], ["nodejs_compat"]]) {
    const miniflare = new Miniflare({
      ...{ compatibilityDate: "2026-03-01", compatibilityFlags, modulesRoot: outdir },
      modules: [
        {
          type: "ESModule",
          path: join(outdir, "worker.js"),
          contents: readFileSync(join(outdir, "worker.js"), "utf8"),
        },
        {
          type: "CompiledWasm",
          path: join(outdir, "kernels.wasm"),
          contents: readFileSync(join(outdir, "kernels.wasm")),
        },
      ],
    });
    try {
      const answer = await (await miniflare.dispatchFetch("http://worker/")).json();
      if (answer.threads !== false || answer.error?.fields?.problem !== "NO_THREADS") {
        throw new Error(`${compatibilityFlags}: expected no threads and their error, got ${JSON.stringify(answer)}`);
      }
    } finally {
      await miniflare.dispose();
    }
  }
  return {
    version: packageVersion(cache, "miniflare"),
    engine: `workerd ${packageVersion(cache, "workerd")}`,
    refused: true,
  };
}
