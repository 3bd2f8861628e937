// WebAssembly against its native ceiling: the same kernels, translated to C with SSE4.1 intrinsics and compiled by gcc.
// Both run the same steps on the same image of memory; first all its bytes are compared, then both are timed in turns,
// short slices of each, and the median of the ratios is printed. Run after a build, with gcc on x86:
//   node bench/native.mjs [part of a name] [--json] [--rounds 41] [--flags "-O3 -mavx"]
// With --experimental-wasm-relaxed-simd (Node 20; later ones need no flag) the relaxed binary is timed too.
import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { engine } from "../dist/index.js";
import { buildNative } from "./native/build.mjs";
import { findDifference, nativeOf, REPEATS, repeatSteps, subjects } from "./native/subject.mjs";

/** Nanoseconds of a slice, and before the first: a busy machine compiles what is hot late. */
const SLICE = 400_000;
const WARM_UP = 150_000_000;
const COLUMNS = ["native ns", "wasm ns", "wasm/native", "relaxed ns", "relaxed/native"];

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "41" }, flags: { type: "string" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const modules = [compiled("kernels"), ...(engine().relaxedSimd ? [compiled("kernels.relaxed")] : [])];
const native = buildNative(modules[0], { flags: values.flags?.split(" ") });
if (native.reason !== undefined) console.log(`native: skipped, ${native.reason}`);
else await measureAll();

function compiled(name) {
  return new WebAssembly.Module(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));
}

async function measureAll() {
  const results = [];
  if (!values.json) printLine("", COLUMNS);
  try {
    for (const one of subjects().filter(({ name }) => name.includes(positionals[0] ?? ""))) {
      for await (const result of measure(one)) {
        results.push(result);
        if (!values.json) print(result);
      }
    }
  } finally {
    rmSync(native.folder, { recursive: true });
  }
  if (values.json) console.log(JSON.stringify({ node: process.version, compiler: native.compiler, results }, null, 1));
  else console.log(`medians of ${rounds} slices, in turns; ${native.compiler}`);
}

/** A result for the whole program, then for each of its steps that is asked for. */
async function* measure({ name, backend, steps, whole }) {
  const backends = modules.map(backend);
  const [address] = backends.map(repeatSteps);
  const [{ plan }] = backends;
  const child = nativeOf(native, backends[0]);
  try {
    const at = await findDifference(native, child, backends);
    if (at >= 0) throw new Error(`${name}: expected the bytes of the wasm memory, got another at ${at}`);
    if (whole) yield { name, ...(await timed(child, backends, plan.program.offset, plan.steps.length)) };
    for (const [i, step] of plan.steps.entries()) {
      if (!steps(step) || plan.steps.length === 1) continue;
      const label = whole ? `  ${step.operation}, step ${i + 1}` : `${step.operation} ${name}`;
      yield { name: label, ...(await timed(child, backends, address(i), REPEATS, REPEATS)) };
    }
  } finally {
    child.end();
  }
}

/** Times of the program at an address, divided by `parts`. */
async function timed(child, backends, address, steps, parts = 1) {
  const runners = [
    async (repeats) => Number(await child.ask(`time ${address} ${steps} ${repeats}`)),
    ...backends.map(({ kernels }) => async (repeats) => {
      const start = process.hrtime.bigint();
      for (let i = 0; i < repeats; i++) kernels.run(address, steps);
      return Number(process.hrtime.bigint() - start);
    }),
  ];
  const repeats = [];
  for (const run of runners) repeats.push(await calibrate(run));
  const times = runners.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runners.entries()) times[i].push((await run(repeats[i])) / repeats[i]);
  }
  const [nativeNs, wasmNs, relaxedNs] = times.map((all) => median(all) / parts);
  // of each round by itself: what else the machine does meets a round's slices alike
  const ratioOf = (all) => all && median(all.map((time, round) => time / times[0][round]));
  return { nativeNs, wasmNs, ratio: ratioOf(times[1]), relaxedNs, relaxedRatio: ratioOf(times[2]) };
}

/** Repeats of a slice, after the engine has compiled what is hot. */
async function calibrate(run) {
  for (let spent = 0, repeats = 1; ; ) {
    const time = await run(repeats);
    spent += time;
    if (spent > WARM_UP && time > SLICE / 2) return Math.max(1, Math.round((repeats * SLICE) / time));
    if (time < SLICE) repeats *= 2;
  }
}

function print({ name, nativeNs, wasmNs, ratio, relaxedNs, relaxedRatio }) {
  const relaxed = relaxedNs === undefined ? [] : [relaxedNs.toFixed(1), relaxedRatio.toFixed(2)];
  printLine(name, [nativeNs.toFixed(1), wasmNs.toFixed(1), ratio.toFixed(2), ...relaxed]);
}

function printLine(name, cells) {
  console.log(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(15)).join("")}`);
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
