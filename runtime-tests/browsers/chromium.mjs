import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "../runner/packages.mjs";
import { toolPath } from "../runner/tools.mjs";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

/** Opens Chromium with a fresh profile. `visit` gives what a page reports; `newPage` is playwright's. */
export async function openChromium({ cache }) {
  const profile = mkdtempSync(join(tmpdir(), "circulant-chromium-"));
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", removeProfile);
  const { chromium } = load(cache, "playwright-core");
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: toolPath("chromium"),
    headless: true,
    args: ARGUMENTS,
    timeout: 120_000,
  });
  return {
    version: browser.browser()?.version() ?? "",
    engine: "V8",
    newPage: () => browser.newPage(),
    async visit(address) {
      const page = await browser.newPage();
      await page.goto(address);
      const report = page.locator("html[data-report]");
      await report.waitFor({ state: "attached", timeout: 120_000 });
      const text = await report.getAttribute("data-report");
      await page.close();
      return JSON.parse(text);
    },
    async close() {
      await browser.close();
      process.off("exit", removeProfile);
      removeProfile();
    },
  };
}
