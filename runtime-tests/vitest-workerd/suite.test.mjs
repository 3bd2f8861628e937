import * as circulant from "circulant";
import { expect, it } from "vitest";
import * as assets from "../shared/assets.mjs";
import { runSuite } from "../shared/suite.mjs";

it("runs the suite inside workerd", async ({ task }) => {
  expect(navigator.userAgent).toBe("Cloudflare-Workers");
  task.meta.report = await runSuite(circulant, assets);
});
