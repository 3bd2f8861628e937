import * as circulant from "circulant";
import { expect, it } from "vitest";
import * as assets from "../shared/assets.mjs";
import { runSuite } from "../shared/suite.mjs";

it("runs the suite inside workerd", async () => {
  expect(navigator.userAgent).toBe("Cloudflare-Workers");
  console.log(`REPORT ${JSON.stringify(await runSuite(circulant, assets))}`);
});
