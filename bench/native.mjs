// WebAssembly against its native ceiling: the same kernels, translated to C with SSE4.1 intrinsics and compiled by gcc.
// Both run the same steps on the same image of memory; first all its bytes are compared, then both are timed in turns,
// short slices of each, and the ratio of the medians is printed. Run after a build, with gcc on x86:
//   node bench/native.mjs [part of a name] [--json] [--rounds 41]
// With --experimental-wasm-relaxed-simd (Node 20; later ones need no flag) the relaxed binary is timed too.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { engine } from "../dist/index.js";
import { pixelWords } from "../dist/model/input.js";
import { readModel } from "../dist/model/read.js";
import { graphOf } from "../dist/runtime/graph.js";
import { STEP_WORDS } from "../dist/runtime/program.js";
import { createWasmBackend } from "../dist/runtime/wasm.js";
import { CASES, MODELS } from "./cases.mjs";
import { buildNative, startNative } from "./native/build.mjs";

/** Time of a slice, in nanoseconds. */
const SLICE = 400_000;
const WARM_UP = 30_000_000;
const COLUMNS = ["native ns", "wasm ns", "wasm/native", "relaxed ns", "relaxed/native"];

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "41" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const modules = [compiled("kernels"), ...(engine().relaxedSimd ? [compiled("kernels.relaxed")] : [])];
const native = buildNative(modules[0]);
if (native.reason !== undefined) console.log(`native: skipped, ${native.reason}`);
else await measureAll(native);

function compiled(name) {
  return new WebAssembly.Module(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));
}

async function measureAll({ program, folder }) {
  const results = [];
  if (!values.json) printLine("", COLUMNS);
  try {
    for (const one of subjects().filter(({ name }) => name.includes(positionals[0] ?? ""))) {
      for await (const result of measure(one, program, folder)) {
        results.push(result);
        if (!values.json) print(result);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (values.json) console.log(JSON.stringify({ node: process.version, compiler: native.compiler, results }, null, 1));
  else console.log(`medians of ${rounds} slices, in turns; ${native.compiler}`);
}

/** Operations with several steps, whose steps are timed too, and whole models. */
function subjects() {
  const operations = CASES.filter(({ name }) => /^(dense|conv2d)/.test(name)).map(({ name, make }) => {
    return { name, each: name.startsWith("dense"), backend: (module) => make(module).backend };
  });
  const models = MODELS.map(({ name, read }) => {
    const model = readModel(read());
    const backend = (module) => createWasmBackend(module, graphOf(model), pixelWords(model.input));
    return { name, each: false, backend };
  });
  return [...operations, ...models];
}

/** A result for the whole program, then for each of its steps if asked for. */
async function* measure({ name, each, backend }, program, folder) {
  const backends = modules.map(backend);
  const [{ kernels, plan }] = backends;
  for (const other of backends) fill(other.input);
  const [image, written] = ["image", "written"].map((file) => join(folder, file));
  writeFileSync(image, new Uint8Array(kernels.memory.buffer));
  const child = startNative(program, image, plan.program.offset);
  try {
    const count = plan.steps.length;
    await child.ask(`run 0 ${count}`);
    await child.ask(`write ${written}`);
    for (const other of backends) {
      other.run();
      checkBytes(name, readFileSync(written), new Uint8Array(other.kernels.memory.buffer));
    }
    yield await timed(name, child, backends, 0, count);
    if (each && count > 1) {
      for (let i = 0; i < count; i++) {
        yield await timed(`  ${plan.steps[i].operation}, step ${i + 1}`, child, backends, i, 1);
      }
    }
  } finally {
    child.end();
  }
}

/** Words of a fixed sequence. */
function fill(words) {
  let state = 9;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    words[i] = ((state >>> 8) % 8001) - 4000;
  }
}

function checkBytes(name, actual, expected) {
  const at = expected.findIndex((byte, i) => byte !== actual[i]);
  if (at >= 0) throw new Error(`${name}: expected the bytes of the wasm memory, got another at ${at}`);
}

async function timed(name, child, backends, first, steps) {
  const runners = [
    async (repeats) => Number(await child.ask(`time ${first} ${steps} ${repeats}`)),
    ...backends.map(({ kernels, plan }) => {
      const address = plan.program.offset + 4 * STEP_WORDS * first;
      return async (repeats) => {
        const start = process.hrtime.bigint();
        for (let i = 0; i < repeats; i++) kernels.run(address, steps);
        return Number(process.hrtime.bigint() - start);
      };
    }),
  ];
  const repeats = [];
  for (const run of runners) repeats.push(await calibrate(run));
  const times = runners.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runners.entries()) times[i].push((await run(repeats[i])) / repeats[i]);
  }
  const [nativeNs, wasmNs, relaxedNs] = times.map(median);
  return { name, nativeNs, wasmNs, ratio: wasmNs / nativeNs, relaxedNs, relaxedRatio: relaxedNs / nativeNs };
}

/** Repeats of a slice, after the engine has compiled what is hot. */
async function calibrate(run) {
  for (let spent = 0, repeats = 1; ; repeats *= 2) {
    const time = await run(repeats);
    spent += time;
    if (spent > WARM_UP && time > SLICE) return Math.max(1, Math.round((repeats * SLICE) / time));
    if (time > SLICE) repeats /= 2;
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
