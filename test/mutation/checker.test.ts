import { expect, it } from "vitest";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { wrongOfChecker } from "./checker.ts";
import { checkerData } from "./checker-data.ts";

it("the comparison names every planted fault, and nothing in right words", async () => {
  expect(await wrongOfChecker(await checkerData((design) => openSimulation("wasm", design)))).toBeUndefined();
});
