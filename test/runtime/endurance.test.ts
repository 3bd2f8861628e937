import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Session } from "../../src/index.ts";
import { createRandom } from "../contract/random.ts";
import { randomModel, randomNetwork } from "./models.ts";

const PAGE_BYTES = 65536;
const BENCH = fileURLToPath(new URL("../../bench/endurance.mjs", import.meta.url));

describe("the memory of a session", () => {
  it("is the planned one in whole pages, before and after it has run", () => {
    const random = createRandom(7);
    for (const make of [randomModel, randomNetwork]) {
      for (let i = 0; i < 50; i++) {
        using session = Session.fromModel(make(random));
        const { tensors, working, constants } = session.memory;
        const planned = PAGE_BYTES * Math.ceil((tensors + working + constants) / PAGE_BYTES);
        const { buffer } = session.inputView;
        session.runViews();
        session.runSync({ input: session.inputView.slice() });
        expect([buffer.byteLength, session.inputView.buffer, session.memoryBytes]).toEqual([planned, buffer, planned]);
      }
    }
  });

  it("is held by nothing once it is released, and nothing grows over many inferences, in a process of its own", () => {
    const args = [BENCH, "--inferences", "50000", "--cycles", "120"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
    const held = stdout.match(/^held after collection: .*$/gm) ?? [];
    expect(held).toHaveLength(4);
    for (const line of held) expect(line).toMatch(/, 0 memories$/);
  }, 300_000);
});
