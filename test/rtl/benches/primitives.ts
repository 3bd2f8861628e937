import { binAtLocation, bitReverse } from "../../../src/fft/order.ts";
import { add, half, mulr, requant, sub } from "../../../src/fixed/arithmetic.ts";
import { activate } from "../../../src/layers/activation.ts";
import { align } from "../../../src/layers/sum.ts";
import { EDGE_WORDS, type Random, randomWords } from "../../contract/random.ts";
import type { ModuleBench, Values } from "./bench.ts";

const CYCLES = 600;

/** A word of any kind, often one at an edge. */
export const word = (random: Random): number =>
  random(3) === 0 ? EDGE_WORDS[random(EDGE_WORDS.length)] : random(65536) - 32768;

/** A bench that puts new operands in at each cycle and sees their results some cycles later. */
export function streamed(
  module: string,
  parameters: Readonly<Record<string, number>>,
  latency: number,
  draw: () => Values,
  model: (inputs: Readonly<Record<string, number>>) => Values,
  rest: Partial<ModuleBench> = {},
): ModuleBench {
  const stimulus = Array.from({ length: CYCLES }, draw);
  const results = stimulus.map((row) => model(row as Readonly<Record<string, number>>));
  const expected = [...Array.from({ length: latency }, () => ({})), ...results.slice(0, CYCLES - latency)];
  return { module, parameters, stimulus, expected, ...rest };
}

/** The twins of the arithmetic and of the orders. */
export function primitiveBenches(random: Random): ModuleBench[] {
  const two = () => ({ a_i: word(random), b_i: word(random) });
  const orders = [3, 5, 10].flatMap((WIDTH) => [
    streamed(
      "bin_at_location",
      { WIDTH },
      0,
      () => ({ location_i: random(2 ** WIDTH) }),
      (it) => {
        return { bin_o: binAtLocation(it.location_i) };
      },
    ),
    streamed(
      "bit_reverse",
      { WIDTH },
      0,
      () => drawIndex(WIDTH, random),
      (it) => ({ y_o: bitReverse(it.i_i, it.bits_i) }),
    ),
  ]);
  return [
    streamed("add_sat", {}, 0, two, (it) => ({ y_o: add(it.a_i, it.b_i) })),
    streamed("sub_sat", {}, 0, two, (it) => ({ y_o: sub(it.a_i, it.b_i) })),
    streamed("mulr", {}, 1, two, (it) => ({ y_o: mulr(it.a_i, it.b_i) })),
    ...[2, 8, 11, 15, 16].map((BITS) => widenBench(BITS, random)),
    streamed(
      "half_if",
      {},
      0,
      () => ({ a_i: word(random), scaled_i: random(2) }),
      (it) => {
        return { y_o: it.scaled_i ? half(it.a_i) : it.a_i };
      },
    ),
    streamed(
      "requant",
      {},
      0,
      () => drawAccumulator(random),
      (it) => ({ y_o: requant(it.acc_i, it.shift_i) }),
    ),
    streamed(
      "align",
      {},
      0,
      () => ({ a_i: word(random), shift_i: random(31) - 15 }),
      (it) => {
        return { y_o: align(it.a_i, it.shift_i) };
      },
    ),
    streamed(
      "modulo_3",
      {},
      0,
      () => ({ a_i: random(2) ? random(2 ** 24) : random(64) }),
      (it) => ({ y_o: it.a_i % 3 }),
    ),
    ...orders,
    ...[1, 2].map((TABLE_WIDTH) => activationBench(TABLE_WIDTH, random)),
  ];
}

function drawIndex(width: number, random: Random): Values {
  const bits = random(width + 1);
  return { bits_i: bits, i_i: random(2 ** bits) };
}

function drawAccumulator(random: Random): Values {
  const shift = random(32);
  const tie = random(2) ? 2 ** Math.max(0, shift - 1) * (2 * random(8) + 1) : random(2 ** 32);
  return { acc_i: (tie + random(3) - 1) | 0, shift_i: shift };
}

function activationBench(TABLE_WIDTH: number, random: Random): ModuleBench {
  const tables = Array.from({ length: 2 ** TABLE_WIDTH }, () => randomWords(257, "mixed", random));
  const words = tables.flatMap((table) => [...table, ...Array.from({ length: 255 }, () => 0)]);
  const [lo, hi, table] = [-9000, 12000, random(2 ** TABLE_WIDTH)];
  // Which of the two is chosen at the end of the pipeline, so it stands still for a while.
  let [cycle, useTable] = [0, 0];
  const draw = () => {
    if (cycle++ % 40 === 0) useTable = 1 - useTable;
    return {
      z_i: random(2) ? word(random) : [lo - 1, lo, lo + 1, hi - 1, hi, hi + 1][random(6)],
      use_table_i: useTable,
    };
  };
  const bench = streamed("activation", { TABLE_WIDTH }, 3, draw, (it) => {
    const kind = it.use_table_i
      ? ({ kind: "table", table: tables[table] } as const)
      : ({ kind: "clip", lo, hi } as const);
    return { y_o: activate(kind, it.z_i) };
  });
  const expected = bench.expected?.map((row, i) => (i % 40 < 3 ? {} : row));
  const [first, ...rest] = bench.stimulus;
  return {
    ...bench,
    stimulus: [{ ...first, lo_i: lo, hi_i: hi, table_i: table }, ...rest],
    ...(expected ? { expected } : {}),
    contents: [{ path: "u_table.mem", width: 16, words }],
  };
}

/** Two words of so many bits side by side, and the same numbers in 16 bits. */
function widenBench(BITS: number, random: Random): ModuleBench {
  const draw = () => word(random) >> (16 - BITS);
  const pairs = Array.from({ length: CYCLES }, () => [draw(), draw()] as const);
  const low = (number: number) => number & (2 ** BITS - 1);
  return {
    module: "widen",
    parameters: { WORDS: 2, BITS },
    stimulus: pairs.map(([a, b]) => ({ words_i: low(a) + 2 ** BITS * low(b) })),
    expected: pairs.map(([a, b]) => ({ words_o: (a & 0xffff) + 2 ** 16 * (b & 0xffff) })),
  };
}
