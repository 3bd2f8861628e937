import { describe, expect, it } from "vitest";
import type { Design, MemoryLoad, RunResult, SimulatorName } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { CASES, expectedValue, OPERATORS, type OperatorCase, operatorsText, ROWS } from "./operators.ts";
import { CACHE, describeOn, randomWords } from "./simulators.ts";

const LIMBS = 8;

/** Rows of 256 bits: random, small, one bit, all ones, and numbers near the edges. */
function operandRows(seed: number): Uint32Array {
  const rows = randomWords(ROWS * LIMBS, seed);
  for (let row = 0; row < ROWS; row++) {
    const words = rows.subarray(row * LIMBS, (row + 1) * LIMBS);
    const [first] = words;
    if (row % 8 === 1) words.fill(0, 1);
    if (row % 8 === 2) words.fill(0).set([first % 70]);
    if (row % 8 === 3) words.fill(0).set([1 << (first % 32)], (first >>> 5) % LIMBS);
    if (row % 8 === 4) words.fill(0xffffffff);
    if (row % 8 === 5) words.fill(0xffffffff).set([first]);
    if (row === 6 || row === 14) words.fill(0);
  }
  return rows;
}

const value = (words: Uint32Array): bigint => words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);

const [a, b] = [operandRows(3), operandRows(5)];
const operand = (rows: Uint32Array, row: number) => value(rows.subarray(row * LIMBS, (row + 1) * LIMBS));
const load: readonly MemoryLoad[] = [
  { path: "a_words", words: a },
  { path: "b_words", words: b },
];

function design(cases: readonly OperatorCase[]): Design {
  return {
    sources: [{ name: "operators.v", text: operatorsText(cases) }],
    top: "operators",
    parameters: {},
    memories: [
      { path: "a_words", width: 256, depth: ROWS },
      { path: "b_words", width: 256, depth: ROWS },
      ...cases.map(({ name, shape }) => ({ path: `r_${name}`, width: shape.y, depth: ROWS })),
    ],
    trace: [],
    outputs: [],
  };
}

async function results(simulator: SimulatorName, cases: readonly OperatorCase[]): Promise<RunResult["memories"]> {
  const simulation = await openSimulation(simulator, design(cases), { cacheDirectory: CACHE });
  const read = cases.map(({ name }) => ({ path: `r_${name}`, offset: 0, count: ROWS }));
  return (await simulation.run({ inputs: {}, load, read, maxCycles: 100 })).memories;
}

describe("an operator of Verilog in WebAssembly", () => {
  const computed = results("wasm", CASES);

  for (const { name } of OPERATORS) {
    it(`gives what the standard says: ${name}`, async () => {
      const memories = await computed;
      CASES.forEach((one, i) => {
        if (one.operator.name !== name) return;
        const limbs = memories[i].length / ROWS;
        for (let row = 0; row < ROWS; row++) {
          const [x, y] = [operand(a, row), operand(b, row)];
          const got = value(memories[i].subarray(row * limbs, (row + 1) * limbs));
          const expected = expectedValue(one, x, y);
          if (got !== expected) expect.fail(`${one.name} row ${row}: expected ${expected}, got ${got}`);
        }
      });
    });
  }
});

const same = (a: Uint32Array, b: Uint32Array) => a.every((word, i) => word === b[i]);

/** Verilator 5.006 looks only at the low words of a shift amount, and takes a minute to build all cases. */
const forVerilator = ({ operator, shape }: OperatorCase, i: number) =>
  i % 5 === 0 && !(/^s?sh[lr]$/.test(operator.name) && shape.b > 64);

const COMPARED = { icarus: CASES, verilator: CASES.filter(forVerilator) };

for (const simulator of ["icarus", "verilator"] as const) {
  describeOn(simulator, "the operators", () => {
    it("give the words that WebAssembly gives", async () => {
      const cases = COMPARED[simulator];
      const [expected, got] = [await results("wasm", cases), await results(simulator, cases)];
      const different = cases.filter((_, i) => !same(got[i], expected[i]));
      expect(different.map(({ name }) => name)).toEqual([]);
    });
  });
}
