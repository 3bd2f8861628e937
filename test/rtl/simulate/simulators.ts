import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Design, SimulatorName } from "../../../src/rtl/simulate/design.ts";
import { availableSimulators } from "../../../src/rtl/simulate/open.ts";

export const SIMULATORS: readonly SimulatorName[] = ["wasm", "icarus", "verilator"];

/** Kept between runs of the tests. */
export const CACHE = join(tmpdir(), `circulant-test-${process.getuid?.() ?? "user"}`);

const available = availableSimulators();

/**
 * A suite on one simulator. Where it is not installed the suite is skipped and says why, or fails if the environment
 * demands the tools.
 */
export function describeOn(name: SimulatorName, what: string, suite: () => void): void {
  const found = available[name];
  if (found.available) {
    describe(`${what} on ${name}`, suite);
  } else if (process.env.REQUIRE_RTL_TOOLS === "1") {
    it(`${what} on ${name}`, () => expect.fail(found.reason));
  } else {
    console.log(`skipped: ${what} on ${name}: ${found.reason}`);
    describe.skip(`${what} on ${name}: ${found.reason}`, suite);
  }
}

/** A file of test/rtl/fixtures, its name that of its top module. */
export function fixture(top: string, rest: Partial<Design>): Design {
  const text = readFileSync(new URL(`../fixtures/${top}.v`, import.meta.url), "utf8");
  return { sources: [{ name: `${top}.v`, text }], top, parameters: {}, memories: [], trace: [], outputs: [], ...rest };
}

/** Words of a fixed pseudo-random sequence. */
export function randomWords(count: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 13)) >>> 0;
  });
}

/** Words through a FIFO between two ends that pause. */
export const FIFO = fixture("fifo_bench", {
  memories: [{ path: "words", width: 16, depth: 256 }],
  trace: [
    { name: "beat", enable: "beat_o", ports: ["word_o", "level_o"] },
    { name: "full", enable: "full_o", ports: ["level_o"] },
  ],
  outputs: ["received_o", "level_o"],
});
