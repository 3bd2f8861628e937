import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { add, half, mulr, requant, sub } from "../../src/fixed/arithmetic.ts";
import { align } from "../../src/layers/sum.ts";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { lintUnsignedShifts } from "../../src/rtl/simulate/yosys.ts";
import { engineSources, RTL_FOLDER } from "../../src/rtl/sources.ts";
import { createRandom, EDGE_WORDS } from "../contract/random.ts";
import { missingSimulator } from "./tools.ts";

const DEPTH = 1 << 16;
const SEED = 20261123;

const EDGE_ACCUMULATORS = [
  -(2 ** 31),
  -(2 ** 31) + 1,
  -(2 ** 30),
  -65536,
  -32769,
  -32768,
  -1,
  0,
  1,
  32767,
  32768,
  65535,
  2 ** 30,
  2 ** 31 - 2,
  2 ** 31 - 1,
];

function design(sources = engineSources()): Design {
  return {
    sources,
    top: "primitives_bench",
    parameters: { ADDRESS_WIDTH: 16 },
    memories: [
      { path: "u_operands.mem", width: 37, depth: DEPTH },
      { path: "u_results.mem", width: 112, depth: DEPTH },
    ],
    trace: [],
    outputs: [],
  };
}

/** The first operand whose results are not those of the reference; operand = a + b 2^16 or an accumulator. */
async function firstDifference(simulation: Simulation, operands: readonly (readonly [number, number])[]) {
  const { memories } = await simulation.run({
    inputs: { count_i: operands.length },
    load: [{ path: "u_operands.mem", words: Uint32Array.from(operands.flat()) }],
    read: [{ path: "u_results.mem", offset: 0, count: operands.length }],
    maxCycles: 2 * DEPTH,
  });
  const [results] = memories;
  const word = (at: number, place: number) => {
    const limb = results[4 * at + (place >> 1)];
    return ((place & 1 ? limb >>> 16 : limb) << 16) >> 16;
  };
  const at = operands.findIndex(([operand, shift], i) => {
    const acc = operand | 0;
    const a = (acc << 16) >> 16;
    const b = acc >> 16;
    const left = (shift << 27) >> 27;
    const expected = [
      add(a, b),
      sub(a, b),
      mulr(a, b),
      half(a),
      requant(acc, shift),
      align(a, left),
      (acc & 0xffffff) % 3,
    ];
    return expected.some((value, place) => value !== word(i, place));
  });
  return at < 0 ? undefined : operands[at];
}

const pair = (a: number, b: number) => (a & 0xffff) | (b << 16);

describe("the primitives in Verilog", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("wasm", design());
  });
  afterAll(() => simulation.dispose());

  it.each(EDGE_WORDS)("equal the reference for every word beside %i", async (edge) => {
    const operands = Array.from({ length: DEPTH }, (_, word) => [pair(word, edge), word & 31] as const);
    expect(await firstDifference(simulation, operands)).toBeUndefined();
    const swapped = operands.map(([, shift], word) => [pair(edge, word), shift] as const);
    expect(await firstDifference(simulation, swapped)).toBeUndefined();
  });

  it("equal the reference for every shift of accumulators at the edges and at ties", async () => {
    const operands = Array.from({ length: 32 }, (_, shift) =>
      EDGE_ACCUMULATORS.flatMap((edge) =>
        [-1, 0, 1].flatMap((near) => [edge + near, edge + near + 2 ** Math.max(0, shift - 1)]),
      ).map((acc) => [acc | 0, shift] as const),
    ).flat();
    expect(await firstDifference(simulation, operands)).toBeUndefined();
  });

  it(`equal the reference for 2^20 random operands (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 16; round++) {
      const operands = Array.from({ length: DEPTH }, () => [pair(random(65536), random(65536)), random(32)] as const);
      expect(await firstDifference(simulation, operands)).toBeUndefined();
    }
  });

  it.each([
    ["rounding", "mulr.v", "32'sd16384", "32'sd0"],
    ["saturation", "add_sat.v", "{15{~sum[16]}}", "{15{sum[16]}}"],
    ["last bit out", "requant.v", "{32'd0, shifted[0]}", "{33'd0}"],
    ["remainder", "modulo_3.v", "{1'b0, by_12[12:6]}", "{2'd0, by_12[11:6]}"],
    ["left shift", "align.v", "wide <<< left", "wide <<< left[3:1]"],
  ])("a fault in the %s is seen", async (_, name, from, to) => {
    const sources = engineSources().map((it) => (it.name === name ? { ...it, text: it.text.replace(from, to) } : it));
    const faulty = await openSimulation("wasm", design(sources));
    const random = createRandom(SEED);
    const operands = Array.from({ length: DEPTH }, () => [pair(random(65536), random(65536)), random(32)] as const);
    expect(await firstDifference(faulty, operands)).toBeDefined();
    faulty.dispose();
  });
});

describe("lint", () => {
  it("finds no arithmetic shift of an unsigned word", async () => {
    await lintUnsignedShifts(engineSources(), "engine_bench");
  });

  it("finds one that is planted", async () => {
    const unsigned = "{acc_i, 1'b0} >>> shift_i";
    const sources = engineSources().map((it) => ({ ...it, text: it.text.replace("doubled >>> shift_i", unsigned) }));
    await expect(lintUnsignedShifts(sources, "engine_bench")).rejects.toThrow(/requant|unsigned/);
  });

  const missing = missingSimulator("verilator");
  it.skipIf(missing).each([["engine_bench"], ["engine_bench", "-GWEIGHT_BITS=9"], ["primitives_bench"]])(
    `of verilator has no warning for %s %s ${missing ?? ""}`,
    (top, ...options) => {
      const files = engineSources().map(({ name }) =>
        name.endsWith("_bench.v") ? `${RTL_FOLDER}/bench/${name}` : `${RTL_FOLDER}/${name}`,
      );
      execFileSync("verilator", ["--lint-only", "-Wall", ...options, "--top-module", top, ...files], { stdio: "pipe" });
    },
  );
});
