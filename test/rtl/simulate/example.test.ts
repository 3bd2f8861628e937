import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../package/bundle.ts";
import { describeOn, SIMULATORS } from "./simulators.ts";
import { bitsAt, parseVcd } from "./vcd.ts";

/** What the example smooths, and the means of the last four, rounded down. */
const SAMPLES = Array.from({ length: 32 }, (_, i) => (i % 8 < 4 ? 1000 : -1000));
const MEANS = SAMPLES.map((_, i) =>
  Math.floor(SAMPLES.slice(Math.max(0, i - 3), i + 1).reduce((sum, sample) => sum + sample, 0) / 4),
);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-example-"));
  cpSync(join(ROOT, "examples/simulate"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/circulant"));
});
afterAll(() => rmSync(folder, { recursive: true }));

for (const simulator of SIMULATORS.slice(0, 2)) {
  describeOn(simulator, "the example with a Verilog file of one's own", () => {
    it("prints what the design computes, and writes its waveforms", () => {
      const { stdout, stderr } = spawnSync(process.execPath, ["main.js", simulator], { cwd: folder, encoding: "utf8" });
      expect(stderr).toBe("");
      expect(stdout.split("\n")).toEqual([
        "memories means: 32 x 16, samples: 32 x 16",
        "cycles 33",
        `means ${MEANS.join(" ")}`,
        "first written in cycle 1 at 0",
        "",
      ]);
      const signals = parseVcd(readFileSync(join(folder, "smooth.vcd"), "utf8"));
      const mean = signals.get("smooth.mean_o");
      for (let i = 0; i < 15; i++) {
        const bits = mean && bitsAt(mean, 10 * (i + 1));
        expect(BigInt.asIntN(16, BigInt(`0b${bits}`))).toBe(BigInt(MEANS[i]));
      }
    });
  });
}
