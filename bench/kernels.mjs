// Time of the kernels and of whole networks, in nanoseconds: median and minimum of the samples. Results are checked
// against the reference first. Run after a build: node bench/kernels.mjs [part of a name]
import { readFileSync } from "node:fs";
import Benchmark from "benchmark";
import { REFERENCE } from "../dist/conform/realisation.js";
import { wasmRealisation } from "../dist/conform/wasm.js";
import { Session } from "../dist/index.js";
import { operationWords, perform } from "../dist/layers/operation.js";
import { planMemory } from "../dist/model/memory.js";
import { operationGraph } from "../dist/runtime/graph.js";
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
    op: "dense",
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
  const operations = ks.map((k, i) => ({
    ...layer(`dense${i + 1}`, sides[i], sides[i + 1], k, i < ks.length - 1 ? "relu" : "identity"),
    inputs: [i],
  }));
  const input = { shape: [1, 1, sides[0]], fractionBits: 12, mean: 0, deviation: 1 };
  return { input, operations, labels: [], memory: planMemory(operations, sides) };
}

/** A convolution of a square picture, stride 1, its output as large as its input. */
function convolution(side, inputs, out, size, k, stride = 1) {
  const taps = size * size;
  const window = { height: side, width: side, kernel: [size, size], stride, pad: (size - 1) / 2 };
  const dense = layer("conv2d", inputs, out, k, "relu");
  return { ...dense, op: "conv2d", ...window, weights: words(taps * dense.weights.length, 2000) };
}

function same(what, actual, expected) {
  if (actual.some((value, i) => value !== expected[i])) throw new Error(`${what}: not the reference's words`);
}

/** Times `run`, which does `count` of what is named. Returns the minimum. */
function time(name, count, run) {
  if (!name.includes(only)) return Number.NaN;
  let minimum = Number.NaN;
  const suite = new Benchmark.Suite();
  suite.add(name, run, OPTIONS);
  suite.on("cycle", ({ target }) => {
    const samples = target.stats.sample.map((s) => (s * 1e9) / count).sort((a, b) => a - b);
    minimum = samples[0];
    const format = (ns) => ns.toFixed(1).padStart(10);
    console.log(`${name.padEnd(44)}${format(samples[samples.length >> 1])}${format(samples[0])}`);
  });
  suite.run();
  return minimum;
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

/** Times an operation; `products` are the multiply-accumulates of its dense equivalent, two operations each. */
function timeOperation(name, operation, products) {
  if (!name.includes(only)) return;
  const { tensors, output, run } = createWasmBackend(module, operationGraph(operation));
  const inputs = tensors.slice(0, -1).map((tensor) => words(tensor.length, 4000));
  const load = () => {
    for (const [i, tensor] of inputs.entries()) tensors[i].set(tensor);
  };
  load();
  run();
  same(name, output, perform(operation, inputs).outputs);
  load();
  const minimum = time(name, 1, run);
  if (products)
    console.log(`${"".padEnd(44)}${((2 * products) / minimum).toFixed(0).padStart(20)} dense-equivalent GOPS`);
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
  timeOperation(`dense ${inputs}x${out} k=${k}`, layer("dense", inputs, out, k, "relu"), inputs * out);
}

for (const [side, inputs, out, size, k, stride] of [
  [32, 3, 32, 3, 1, 1],
  [32, 64, 64, 3, 1, 1],
  [32, 64, 64, 3, 4, 1],
  [32, 64, 64, 3, 8, 1],
  [32, 64, 64, 3, 16, 1],
  [32, 64, 64, 3, 32, 1],
  [32, 64, 64, 1, 16, 1],
  [32, 64, 128, 3, 16, 2],
  [32, 16, 16, 3, 16, 1],
  [16, 128, 128, 3, 16, 1],
  [8, 256, 256, 3, 16, 1],
  [8, 256, 256, 3, 64, 1],
  [4, 256, 256, 3, 64, 1],
]) {
  const operation = convolution(side, inputs, out, size, k, stride);
  const products = (operationWords(operation).output * inputs * size * size) | 0;
  timeOperation(`conv2d ${side}x${side}x${inputs}-${out} ${size}x${size}/${stride} k=${k}`, operation, products);
}

const picture = { height: 32, width: 32, channels: 64, stride: 1, pad: 1, kernel: [3, 3] };
const depthwise = { op: "depthwise", ...picture, shift: 12, activation: { kind: "relu" }, weights: words(576, 2000) };
timeOperation("depthwise 32x32x64 3x3", { ...depthwise, bias: words(64, 500) });
timeOperation("maxpool 32x32x64 2x2/2", { op: "maxpool", ...picture, stride: 2, pad: 0, kernel: [2, 2] });
timeOperation("avgpool 32x32x64 32x32", { op: "avgpool", ...picture, pad: 0, kernel: [32, 32] });
timeOperation("add 65536", { op: "add", words: 65536, shifts: [1, 0], activation: { kind: "relu" } });

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
