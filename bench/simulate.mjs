// Clock cycles a second of the simulators on the same engine, model and input words. First each must make the words of
// the simulator in WebAssembly; then all are timed in turns, and the medians are printed. Run after a build:
//   node bench/simulate.mjs [model] [--rounds 5] [--only wasm,cxxrtl] [--json]
// What is not installed is left out with the reason: Icarus, Verilator, or g++ for CXXRTL and Verilator's C++.
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildCxxrtl, buildVerilated } from "./simulate/native.mjs";
import { openSimulator } from "./simulate/simulators.mjs";
import { findDifference, readWorkload } from "./simulate/workload.mjs";

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, only: { type: "string" }, json: { type: "boolean" } },
  allowPositionals: true,
});
const file = positionals[0] ?? "models/mnist-mlp.safetensors";
const rounds = Number(values.rounds);

/** Vectors of a slice, of the shorter one whose time is taken off, and what each stands for. */
const SUBJECTS = [
  { name: "wasm", vectors: [200, 2], open: (workload) => openSimulator("wasm", workload) },
  { name: "verilator-cc", vectors: [200], open: buildVerilated },
  { name: "verilator", vectors: [200, 2], open: (workload) => openSimulator("verilator", workload) },
  { name: "cxxrtl", vectors: [20], open: buildCxxrtl },
  { name: "icarus", vectors: [2, 1], open: (workload) => openSimulator("icarus", workload) },
];
const NOTES = {
  wasm: "Yosys netlist to WebAssembly, in Node",
  "verilator-cc": "Verilator, model and loop in C++, -O3",
  verilator: "Verilator, as `--simulator verilator` runs it: --binary with the bench in Verilog",
  cxxrtl: "Yosys write_cxxrtl -O6, g++ -O3",
  icarus: "Icarus Verilog, vvp",
};

const workload = readWorkload(file);
const opened = [];
try {
  await main();
} finally {
  for (const { folder } of opened) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const chosen = SUBJECTS.filter(({ name }) => values.only === undefined || values.only.split(",").includes(name));
  const expected = await (await openSimulator("wasm", workload)).run(1);
  for (const { name, vectors, open } of chosen) {
    const started = performance.now();
    const subject = await open(workload);
    if (subject.reason !== undefined) {
      console.error(`${name}: skipped, ${subject.reason}`);
      continue;
    }
    const buildSeconds = (performance.now() - started) / 1000;
    const difference = findDifference(expected, await subject.run(1));
    if (difference !== undefined) throw new Error(`${name}: ${difference}`);
    opened.push({ name, vectors, buildSeconds, rates: [], ...subject });
  }
  for (let round = 0; round < rounds; round++) for (const subject of opened) subject.rates.push(await rateOf(subject));
  report();
}

/** Cycles a second: those of the longer run over its time, less the shorter's, so that starting does not count. */
async function rateOf({ run, vectors: [long, short] }) {
  const whole = await run(long);
  if (short === undefined) return whole.cycles / whole.seconds;
  const part = await run(short);
  return (whole.cycles - part.cycles) / (whole.seconds - part.seconds);
}

function report() {
  const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
  const base = opened.find(({ name }) => name === "wasm") ?? opened[0];
  const rows = opened.map(({ name, rates, buildSeconds, version }) => ({
    ...{ name, version, note: NOTES[name], cyclesPerSecond: Math.round(median(rates)) },
    ratio: median(rates.map((rate, round) => rate / base.rates[round])),
    buildSeconds,
  }));
  if (values.json) return console.log(JSON.stringify({ file, rounds, node: process.version, rows }, null, 1));
  console.log(`${file}, ${workload.design.top}: medians of ${rounds} slices, in turns; Node ${process.version}\n`);
  console.log("| simulator | cycles a second | times wasm | start, s |\n|---|---|---|---|");
  for (const { note, version, cyclesPerSecond, ratio, buildSeconds } of rows) {
    const name = version === undefined ? note : `${note} (${version})`;
    console.log(
      `| ${name} | ${cyclesPerSecond.toLocaleString("en")} | ${ratio.toFixed(3)} | ${buildSeconds.toFixed(1)} |`,
    );
  }
}
