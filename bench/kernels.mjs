// Time of the kernels and of whole networks, in nanoseconds: median and minimum of the samples. Results are checked
// against the reference first. Run after a build: node bench/kernels.mjs [part of a name]
import { readFileSync } from "node:fs";
import Benchmark from "benchmark";
import { REFERENCE } from "../dist/conform/realisation.js";
import { wasmRealisation } from "../dist/conform/wasm.js";
import { Session } from "../dist/index.js";
import { instantiate } from "../dist/runtime/kernels.js";
import { createWasmBackend } from "../dist/runtime/wasm.js";

/** Short samples, so that some fall between the pauses of a busy machine. */
const OPTIONS = { minTime: 0.002, minSamples: 100, maxTime: 0.4 };
const only = process.argv[2] ?? "";
const module = new WebAssembly.Module(readFileSync(new URL("../build/kernels.wasm", import.meta.url)));

let state = 1;
/** A word of a fixed sequence, -range .. range. */
function word(range) {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return ((state >>> 8) % (2 * range + 1)) - range;
}

const words = (length, range) => Int16Array.from({ length }, () => word(range));

function layer(name, inputs, out, k, kind) {
  const blocks = Math.ceil(inputs / k) * Math.ceil(out / k);
  return {
    name,
    in: inputs,
    out,
    k,
    forward: k - 1,
    inverse: 0,
    shift: 12,
    activation: { kind },
    weights: words(blocks * k, 2000),
    bias: words(out, 500),
    format: { input: 12, weight: 12, output: 12 },
  };
}

function network(sides, ks) {
  const layers = ks.map((k, i) =>
    layer(`dense${i + 1}`, sides[i], sides[i + 1], k, i < ks.length - 1 ? "relu" : "identity"),
  );
  return { input: { shape: [sides[0]], fractionBits: 12, mean: 0, deviation: 1 }, layers, labels: [] };
}

function same(what, actual, expected) {
  if (actual.some((value, i) => value !== expected[i])) throw new Error(`${what}: not the reference's words`);
}

/** Times `run`, which does `count` of what is named. */
function time(name, count, run) {
  if (!name.includes(only)) return;
  const suite = new Benchmark.Suite();
  suite.add(name, run, OPTIONS);
  suite.on("cycle", ({ target }) => {
    const samples = target.stats.sample.map((s) => (s * 1e9) / count).sort((a, b) => a - b);
    const format = (ns) => ns.toFixed(1).padStart(10);
    console.log(`${name.padEnd(44)}${format(samples[samples.length >> 1])}${format(samples[0])}`);
  });
  suite.run();
}

console.log(`${"ns".padEnd(44)}${"median".padStart(10)}${"minimum".padStart(10)}`);

const realisation = wasmRealisation(module, "wasm release");
const kernels = instantiate(module);
kernels.memory.grow(2);
const tile = Math.ceil(kernels.heap / 64) * 64;
for (let stages = 1; stages <= 11; stages++) {
  const k = 1 << stages;
  const x = words(k, 32767);
  same("rfft", realisation.rfft(x, k - 1), REFERENCE.rfft(x, k - 1));
  same("irfft", realisation.irfft(x, 0), REFERENCE.irfft(x, 0));
  new Int16Array(kernels.memory.buffer, tile, 8 * k).set(words(8 * k, 3000));
  time(`rfft k=${k}, scaled, of 8`, 8, () => kernels.rfft(tile, stages, k - 1, 1, stages));
  time(`irfft k=${k}, unscaled, of 8`, 8, () => kernels.irfft(tile, stages, 0, stages, 1));
}

for (const [inputs, out, k] of [
  [1024, 1024, 64],
  [1024, 1024, 128],
  [784, 1024, 64],
  [512, 512, 64],
  [4096, 4096, 256],
  [1024, 10, 16],
  [1024, 10, 1],
]) {
  const dense = layer("dense", inputs, out, k, "relu");
  const backend = createWasmBackend(module, [dense]);
  backend.input.set(words(inputs, 4000));
  backend.run();
  same("layer", backend.output, REFERENCE.dense(dense, backend.input));
  time(`layer ${inputs}x${out} k=${k}`, 1, () => backend.run());
}

for (const [sides, ks] of [
  [
    [784, 1024, 1024, 10],
    [64, 64, 16],
  ],
  [
    [784, 1024, 1024, 10],
    [64, 64, 64],
  ],
  [
    [784, 1024, 1024, 10],
    [128, 128, 16],
  ],
  [
    [784, 512, 512, 10],
    [64, 64, 16],
  ],
]) {
  const model = network(sides, ks);
  const session = Session.fromModel(model, { module });
  const reference = Session.fromModel(model, { backend: "reference" });
  const input = words(sides[0], 4000);
  const output = new Int16Array(10);
  session.runWords(input, output);
  same("network", output, reference.runSync({ input }).words.data);
  const name = `network ${sides.join("-")} k=${ks}`;
  time(`${name}, words`, 1, () => session.runWords(input, output));
  const pixels = Uint8Array.from({ length: sides[0] }, () => word(100) + 100);
  time(`${name}, pixels`, 1, () => session.runSync({ input: pixels }));
}
