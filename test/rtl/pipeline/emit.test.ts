import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { emitPipeline } from "../../../src/rtl/pipeline/emit.ts";
import { pipelineProgram } from "../../../src/rtl/pipeline/program.ts";
import type { EngineProgram } from "../../../src/rtl/program.ts";
import { randomNetwork } from "../../compile/random-network.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../../contract/random.ts";
import { narrowNetwork } from "../narrow.ts";
import { chain } from "../networks.ts";
import { missingSimulator } from "../tools.ts";
import { outputsOf } from "./compare.ts";

const random = createRandom(20261127);
const window = { height: 4, width: 3, kernel: [2, 2], stride: 1, pad: 1 } as const;
const network = chain(
  { op: "conv2d", ...randomConv2d({ in: 3, out: 6, k: 2 }, window, "mixed", random) },
  { op: "flatten", words: 120 },
  { op: "dense", ...randomDense({ in: 120, out: 9, k: 32 }, "mixed", random) },
);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The folder of a network's emitted engine. */
function emit(source: EngineProgram): string {
  const folder = mkdtempSync(join(tmpdir(), "circulant-emit-"));
  folders.push(folder);
  const program = pipelineProgram(source, { shape: { LOG2_PATHS: 2, BLOCKS: 2, LOG2_STREAM: 1 }, slots: 2 });
  const inputs = randomWords(3 * source.input.words, "mixed", random);
  const files = emitPipeline(program, { inputs, outputs: outputsOf(source, inputs) }, "test");
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  return folder;
}

/** What the emitted bench prints. */
function bench(folder: string): string {
  const run = (program: string, args: readonly string[]) =>
    execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run("iverilog", ["-g2005", "-s", "circulant_tb", "-o", "tb", "-f", "circulant_pipeline.f", "circulant_tb.v"]);
  return run("vvp", ["tb"]);
}

describe("the streaming engine as it is emitted", () => {
  const reason = missingSimulator("icarus");
  it.skipIf(reason)(`passes its own bench, which fails on one wrong bit ${reason ?? ""}`, () => {
    const folder = emit(network);
    expect(bench(folder)).toContain("PASS: 15 beats equal");

    const expected = readFileSync(join(folder, "expected.hex"), "utf8");
    const last = expected.lastIndexOf("\n", expected.length - 2) + 8;
    const flipped = (Number.parseInt(expected[last], 16) ^ 1).toString(16);
    writeFileSync(join(folder, "expected.hex"), expected.slice(0, last) + flipped + expected.slice(last + 1));
    expect(bench(folder)).toContain("FAIL: beat 14");
    expect(bench(folder)).not.toContain("PASS");
    writeFileSync(join(folder, "expected.hex"), expected);

    const multiplier = join(folder, "twiddle_product.v");
    const text = readFileSync(multiplier, "utf8");
    writeFileSync(multiplier, text.replace("32'sd16384", "32'sd0"));
    expect(bench(folder)).toContain("FAIL");
  });

  it.skipIf(reason)(`with narrow weights passes it, and fails without their signs ${reason ?? ""}`, () => {
    const folder = emit(narrowNetwork(9, randomNetwork(5, [48, 48, 10], 8)).program);
    expect(readFileSync(join(folder, "parameters.vh"), "utf8")).toContain(".WEIGHT_BITS(9)");
    expect(bench(folder)).toMatch(/^PASS: \d+ beats equal/m);

    const widen = join(folder, "widen.v");
    const text = readFileSync(widen, "utf8");
    writeFileSync(widen, text.replace("{words_i[BITS*word+BITS-1]}", "{1'b0}"));
    expect(bench(folder)).toContain("FAIL");
  });
});
