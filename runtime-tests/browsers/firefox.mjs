import { load } from "../runner/packages.mjs";
import { toolPath } from "../runner/tools.mjs";

/** Opens Firefox over WebDriver BiDi. `visit` gives what a page reports. */
export async function openFirefox({ cache }) {
  const browser = await load(cache, "puppeteer-core").launch({
    browser: "firefox",
    executablePath: toolPath("firefox-esr"),
    headless: true,
    timeout: 180_000,
    protocolTimeout: 180_000,
  });
  return {
    version: (await browser.version()).split("/").at(-1),
    engine: "SpiderMonkey",
    async visit(address) {
      const page = await browser.newPage();
      await page.goto(address);
      const report = await page.waitForSelector("html[data-report]", { timeout: 120_000 });
      const text = await report.evaluate(({ dataset }) => dataset.report);
      await page.close();
      return JSON.parse(text);
    },
    close: () => browser.close(),
  };
}
