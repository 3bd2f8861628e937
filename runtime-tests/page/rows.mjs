import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openChromium } from "../browsers/chromium.mjs";
import { serveFiles } from "../runner/files.mjs";
import { run } from "../runner/processes.mjs";
import { missingTool } from "../runner/tools.mjs";

const TOOLS = ["chromium"];

/** Corners of a seven, as shares of the pad. */
const SEVEN = [
  [0.3, 0.25],
  [0.7, 0.25],
  [0.55, 0.55],
  [0.45, 0.85],
];
/** Keys that draw a one: up, pen down, down, pen up. */
const ONE = [...Array(11).fill("ArrowUp"), " ", ...Array(22).fill("ArrowDown"), " "];

/** The page of examples/page in a real browser: drawn on with a pointer, with keys, and asked for its digests. */
export function pageRows() {
  return [
    {
      runtime: "example page, drawn on",
      packages: true,
      tools: TOOLS,
      missing: () => missingTool(TOOLS),
      run: onPage,
    },
  ];
}

async function onPage(context) {
  const site = join(context.folder, "page-site");
  const page = join(context.folder, "page");
  cpSync(join(context.root, "examples/page"), page, { recursive: true });
  await run(process.execPath, ["build.mjs", site], { cwd: page });
  const { models } = await import(pathToFileURL(join(context.folder, "shared/assets.mjs")).href);
  for (const [name, model] of Object.entries(models)) {
    writeFileSync(join(site, `${name}.safetensors`), Buffer.from(model, "base64"));
  }
  const server = await serveFiles((url) => ({ file: join(site, url === "/" ? "index.html" : url) }));
  const browser = await openChromium(context);
  try {
    const tab = await browser.newPage();
    const problems = [];
    tab.on("pageerror", ({ message }) => problems.push(message));
    await tab.setViewportSize({ width: 390, height: 844 });
    await tab.goto(server.origin);
    await tab.locator("html[data-ready]").waitFor({ state: "attached" });
    const digests = {};
    for (const model of await tab
      .locator("#model option")
      .evaluateAll((options) => options.map(({ value }) => value))) {
      await tab.selectOption("#model", model);
      await draw(tab);
      await expectAnswer(tab, "7", `${model}, a seven drawn with the pointer`);
      await expectDatapath(tab, "7", `${model}, a seven drawn with the pointer`);
      await tab.click("#clear");
      await tab.focus("#pad");
      for (const key of ONE) await tab.keyboard.press(key);
      await expectAnswer(tab, "1", `${model}, a one drawn with keys`);
      await expectDatapath(tab, "1", `${model}, a one drawn with keys`);
      digests[model] = await check(tab);
      await tab.click("#clear");
    }
    await expectFit(tab);
    if (problems.length > 0) throw new Error(`page: expected no error, got ${problems.join("; ")}`);
    return { version: browser.version, engine: browser.engine, report: { digests } };
  } finally {
    await browser.close();
    server.close();
  }
}

async function draw(tab) {
  const box = await tab.locator("#pad canvas").boundingBox();
  const [first, ...rest] = SEVEN.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
  await tab.mouse.move(...first);
  await tab.mouse.down();
  for (const point of rest) await tab.mouse.move(...point, { steps: 6 });
  await tab.mouse.up();
}

async function expectAnswer(tab, digit, what) {
  const answer = tab.locator("#answer", { hasText: new RegExp(`^${digit} `) });
  await answer.waitFor({ timeout: 20_000 }).catch(async () => {
    throw new Error(`${what}: expected the answer ${digit}, got ${await tab.textContent("#answer")}`);
  });
  const pictures = await tab.locator("#layers canvas").count();
  if (pictures === 0) throw new Error(`${what}: expected pictures of the layers, got none`);
}

/** The simulated Verilog must have answered, with the kernels' words, in cycles that the clock turns into time. */
async function expectDatapath(tab, digit, what) {
  const verdict = tab.locator("#rtl-verdict strong");
  await verdict.waitFor({ timeout: 120_000 });
  const [equal, answer, cycles, time] = await Promise.all(
    ["#rtl-verdict", "#rtl-answer", "#rtl-cycles", "#rtl-clock"].map((id) => tab.textContent(id)),
  );
  const words = Number(equal.match(/^Equal: all ([\d,]+) words/)?.[1].replaceAll(",", ""));
  if (!(words > 10_000)) throw new Error(`${what}: expected equal words of the datapath, got ${equal}`);
  if (answer !== digit) throw new Error(`${what}: expected the datapath's answer ${digit}, got ${answer}`);
  const milliseconds = `${(Number(cycles.replaceAll(",", "")) / 100_000).toFixed(3)} ms`;
  if (time !== milliseconds) throw new Error(`${what}: expected ${milliseconds} at 100 MHz, got ${time}`);
}

/** The digest that the page shows, which must say that it is the reference's. */
async function check(tab) {
  await tab.click("#check");
  const verdict = tab.locator("#verdict", { hasText: "SHA-256" });
  await verdict.waitFor({ timeout: 60_000 });
  const text = await verdict.textContent();
  const digest = text.match(/[0-9a-f]{64}/)?.[0];
  if (!text.startsWith("Equal")) throw new Error(`check: expected Equal, got ${text}`);
  return digest;
}

/** On a phone nothing may stand beyond the right edge. */
async function expectFit(tab) {
  const [wide, across] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  if (wide > across) throw new Error(`page: expected at most ${across} pixels across, got ${wide}`);
}
