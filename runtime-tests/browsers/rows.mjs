import { repeat } from "../runner/repeat.mjs";
import { missingTool } from "../runner/tools.mjs";
import { openChromium } from "./chromium.mjs";
import { openFirefox } from "./firefox.mjs";
import { serveSite } from "./site.mjs";
import { openWebKit } from "./webkit.mjs";

const BROWSERS = [
  { name: "Chromium", open: openChromium, tools: ["chromium"] },
  { name: "Firefox", open: openFirefox, tools: ["firefox-esr"] },
  { name: "WebKit", open: openWebKit, tools: ["WebKitWebDriver", "MiniBrowser", "Xvfb"] },
];

/** What a browser shows under a setting: its suffix in the table, and what else must hold. */
const RUNS = [
  { setting: "plain", name: "", isolated: false },
  { setting: "isolated", name: ", cross-origin isolated", isolated: true },
  { setting: "csp", name: ", CSP 'wasm-unsafe-eval'", isolated: false },
  { setting: "isolated-csp", name: ", both", isolated: true },
];

/** Each browser under each setting, and the error that it gives where the page's policy forbids WebAssembly. */
export function browserRows() {
  return BROWSERS.flatMap((browser) => {
    const row = (name, act) => ({
      runtime: `${browser.name}${name}`,
      packages: true,
      tools: browser.tools,
      missing: () => missingTool(browser.tools),
      run: (context) => withBrowser(browser, context, act),
    });
    return [
      ...RUNS.map(({ name, ...run }) => row(name, (site, open, context) => visit(run, site, open, context))),
      row(", CSP without it: a typed error", refusal),
    ];
  });
}

async function withBrowser({ open }, context, act) {
  const site = await serveSite(context);
  try {
    const browser = await open(context);
    try {
      return { version: browser.version, engine: browser.engine, ...(await act(site, browser, context)) };
    } finally {
      await browser.close();
    }
  } finally {
    site.close();
  }
}

async function visit({ setting, isolated }, site, browser, { repeats }) {
  const results = await repeat(Math.max(1, repeats), () => browser.visit(site.address(setting)));
  for (const { crossOriginIsolated, error } of results) {
    if (error) throw new Error(`${error.name}: ${error.message}`);
    if (crossOriginIsolated !== isolated) {
      throw new Error(`crossOriginIsolated: expected ${isolated}, got ${crossOriginIsolated}`);
    }
  }
  return { report: results[0].report, firsts: results.slice(0, repeats).map(({ first }) => first) };
}

/** The page must say that its policy is in the way, and with which word to let the kernels in. */
async function refusal(site, browser) {
  const { error, report } = await browser.visit(site.address("csp-without-wasm"));
  if (report) throw new Error("a policy without 'wasm-unsafe-eval': expected an error, got an answer");
  if (error.code !== "RUNTIME" || !error.message.includes("'wasm-unsafe-eval'")) {
    throw new Error(`expected a RuntimeError with the remedy 'wasm-unsafe-eval', got ${JSON.stringify(error)}`);
  }
  return { refused: true };
}
