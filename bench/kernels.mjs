// Time of the kernels, of operations, networks and the shipped models: nanoseconds, median and minimum of the samples;
// instructions of SIMD by the nanosecond and, with the estimated clock rate, by the cycle. Results are compared with the
// reference's first. Run after a build; Node 20 needs --experimental-wasm-relaxed-simd for --relaxed:
//   node bench/kernels.mjs [part of a name] [--json] [--relaxed]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Benchmark from "benchmark";
import { counterOf, shippedKernels } from "../scripts/count.mjs";
import { CASES } from "./cases.mjs";
import { clockRate } from "./clock.mjs";

/** Short samples, so that some fall between the pauses of a busy machine. */
const OPTIONS = { minTime: 0.002, minSamples: 100, maxTime: 0.4 };
/** Readings of the clock rate before and after the samples of a case, of which the highest was disturbed least. */
const RATES = 10;
const COLUMNS = ["median ns", "minimum ns", "v128", "v128/ns", "v128/cycle", "dense GOPS"];

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, relaxed: { type: "boolean" } },
  allowPositionals: true,
});
const binary = values.relaxed ? "kernels.relaxed.wasm" : "kernels.wasm";
const module = new WebAssembly.Module(readFileSync(new URL(`../build/${binary}`, import.meta.url)));
/** The relaxed binary executes as many instructions as the plain one. */
const count = counterOf(shippedKernels());
const results = [];

if (!values.json) printLine("", COLUMNS);
for (const one of CASES.filter(({ name }) => name.includes(positionals[0] ?? ""))) {
  const result = measure(one);
  results.push(result);
  if (!values.json) print(result);
}
const rate = median(results.map(({ cyclesPerNs }) => cyclesPerNs));
if (values.json) console.log(JSON.stringify({ binary, node: process.version, cyclesPerNs: rate, results }, null, 1));
else {
  console.log(
    `rates by the minimum; v128/cycle at an estimated ${rate.toFixed(2)} cycles a ns, by chains of additions`,
  );
  console.log("before and after each case; dense GOPS: two operations for each weight and window of the dense form");
}

/** Compares a case with the reference, times it, and counts what it executes; all by the item. */
function measure(one) {
  const { name, items, denseOperations } = one;
  const made = one.make(module);
  const [actual, expected] = [made.words(), made.expected()];
  if (actual.some((word, i) => word !== expected[i])) throw new Error(`${name}: not the reference's words`);
  const rates = Array.from({ length: RATES }, clockRate);
  const samples = sample(name, made.run).map((seconds) => (seconds * 1e9) / items);
  rates.push(...Array.from({ length: RATES }, clockRate));
  const ns = Math.min(...samples);
  const cyclesPerNs = Math.max(...rates);
  const counts = Object.fromEntries(Object.entries(count(one)[name]).map(([key, value]) => [key, value / items]));
  return {
    name,
    medianNs: median(samples),
    minimumNs: ns,
    ...counts,
    v128PerNs: counts.v128 / ns,
    cyclesPerNs,
    v128PerCycle: counts.v128 / ns / cyclesPerNs,
    ...(denseOperations > 0 ? { denseGops: denseOperations / ns } : {}),
  };
}

/** Seconds a run, sample by sample. */
function sample(name, run) {
  const suite = new Benchmark.Suite();
  let samples = [];
  suite.add(name, run, OPTIONS);
  suite.on("cycle", ({ target }) => {
    if (target.error) throw target.error;
    samples = target.stats.sample;
  });
  suite.run();
  return samples;
}

function print({ name, medianNs, minimumNs, v128, v128PerNs, v128PerCycle, denseGops }) {
  const numbers = [medianNs.toFixed(1), minimumNs.toFixed(1), Math.round(v128), v128PerNs.toFixed(2)];
  printLine(name, [...numbers, v128PerCycle.toFixed(2), denseGops?.toFixed(0) ?? ""]);
}

function printLine(name, cells) {
  console.log(`${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(12)).join("")}`.trimEnd());
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
