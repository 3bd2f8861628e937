// What is timed and counted: transforms, operations, networks and the shipped models. A case makes what it runs from a
// compiled module, so that a binary with counters runs as the shipped one does.
import { readdirSync, readFileSync } from "node:fs";
import { REFERENCE } from "../dist/conform/realisation.js";
import { wasmRealisation } from "../dist/conform/wasm.js";
import { Session } from "../dist/index.js";
import { perform } from "../dist/layers/operation.js";
import { planMemory } from "../dist/model/memory.js";
import { denseWork } from "../dist/model/work.js";
import { operationGraph } from "../dist/runtime/graph.js";
import { instantiate } from "../dist/runtime/kernels.js";
import { createWasmBackend } from "../dist/runtime/wasm.js";

const FOLDER = new URL("../models/", import.meta.url);

/** The shipped models' files. */
export const MODELS = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".safetensors"))
  .map((file) => ({
    name: `model ${file.replace(".safetensors", "")}`,
    read: () => readFileSync(new URL(file, FOLDER)),
  }));

/** Words of a fixed sequence, -range .. range. */
function sequence(seed) {
  let state = seed;
  const word = (range) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) % (2 * range + 1)) - range;
  };
  return (length, range) => Int16Array.from({ length }, () => word(range));
}

function layer(name, inputs, out, k, kind, words) {
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
  const words = sequence(3);
  const operations = ks.map((k, i) => ({
    ...layer(`dense${i + 1}`, sides[i], sides[i + 1], k, i < ks.length - 1 ? "relu" : "identity", words),
    inputs: [i],
  }));
  const input = { shape: [1, 1, sides[0]], fractionBits: 12, mean: 0, deviation: 1 };
  return { input, operations, labels: [], memory: planMemory(operations, sides) };
}

/** A convolution of a square picture, stride 1, its output as large as its input. */
function convolution(side, inputs, out, size, k, stride, words) {
  const taps = size * size;
  const window = { height: side, width: side, kernel: [size, size], stride, pad: (size - 1) / 2 };
  const dense = layer("conv2d", inputs, out, k, "relu", words);
  return { ...dense, op: "conv2d", ...window, weights: words(taps * dense.weights.length, 2000) };
}

/** The transforms of a tile, eight at once. */
function transformCase(direction, stages) {
  const k = 1 << stages;
  const isForward = direction === "rfft";
  return {
    name: isForward ? `rfft k=${k}, scaled, of 8` : `irfft k=${k}, unscaled, of 8`,
    items: 8,
    make(module) {
      const kernels = instantiate(module);
      kernels.memory.grow(2);
      const tile = Math.ceil(kernels.heap / 64) * 64;
      const words = sequence(k);
      const x = words(k, 32767);
      new Int16Array(kernels.memory.buffer, tile, 8 * k).set(words(8 * k, 3000));
      const schedule = isForward ? k - 1 : 0;
      return {
        run: isForward
          ? () => kernels.rfft(tile, stages, schedule, 1, stages)
          : () => kernels.irfft(tile, stages, schedule, stages, 1),
        words: () => wasmRealisation(module, "wasm")[direction](x, schedule),
        expected: () => REFERENCE[direction](x, schedule),
      };
    },
  };
}

/** An operation alone, its tensors in natural order. */
function operationCase(name, describe) {
  return {
    name,
    items: 1,
    denseOperations: denseWork(describe(() => new Int16Array(0))),
    make(module) {
      const words = sequence(2);
      const operation = describe(words);
      const backend = createWasmBackend(module, operationGraph(operation));
      const { tensors, output, run } = backend;
      const inputs = tensors.slice(0, -1).map((tensor) => words(tensor.length, 4000));
      const load = () => {
        for (const [i, tensor] of inputs.entries()) tensors[i].set(tensor);
      };
      load();
      return {
        run,
        backend,
        words() {
          load();
          run();
          const made = output.slice();
          load();
          return made;
        },
        expected: () => perform(operation, inputs).outputs,
      };
    },
  };
}

/** A network from words to words, or from pixels. */
function modelCase(name, load, pixels) {
  return {
    name,
    items: 1,
    make(module) {
      const model = load();
      const open = (options) => (model.operations ? Session.fromModel : Session.createSync)(model, options);
      const session = open({ module });
      const input = pixels ?? sequence(5)(session.inputView.length, 4000);
      const output = new Int16Array(session.outputView.length);
      return {
        run: pixels ? () => session.runSync({ input }) : () => session.runWords(input, output),
        words: () => session.runSync({ input }).words.data,
        expected: () => open({ backend: "reference" }).runSync({ input }).words.data,
      };
    },
  };
}

/** A dense layer alone. */
export function denseCase(inputs, out, k) {
  return operationCase(`dense ${inputs}x${out} k=${k}`, (words) => layer("dense", inputs, out, k, "relu", words));
}

function* transformCases() {
  for (let stages = 1; stages <= 11; stages++) {
    yield transformCase("rfft", stages);
    yield transformCase("irfft", stages);
  }
}

function* operationCases() {
  for (const [inputs, out, k] of [
    [1024, 1024, 64],
    [1024, 1024, 128],
    [784, 1024, 64],
    [512, 512, 64],
    [4096, 4096, 256],
    [1024, 10, 16],
    [1024, 10, 1],
  ]) {
    yield denseCase(inputs, out, k);
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
    yield operationCase(`conv2d ${side}x${side}x${inputs}-${out} ${size}x${size}/${stride} k=${k}`, (words) =>
      convolution(side, inputs, out, size, k, stride, words),
    );
  }
  const picture = { height: 32, width: 32, channels: 64, stride: 1, pad: 1, kernel: [3, 3] };
  const bare = { shift: 12, activation: { kind: "relu" } };
  yield operationCase("depthwise 32x32x64 3x3", (words) => {
    return { op: "depthwise", ...picture, ...bare, weights: words(576, 2000), bias: words(64, 500) };
  });
  const pool = (op, window) => () => ({ op, ...picture, ...window });
  yield operationCase("maxpool 32x32x64 2x2/2", pool("maxpool", { stride: 2, pad: 0, kernel: [2, 2] }));
  yield operationCase("avgpool 32x32x64 32x32", pool("avgpool", { pad: 0, kernel: [32, 32] }));
  const sum = { op: "add", words: 65536, shifts: [1, 0], activation: { kind: "relu" } };
  yield operationCase("add 65536", () => sum);
}

function* networkCases() {
  const hidden = [784, 1024, 1024, 10];
  for (const [sides, ks] of [
    [hidden, [64, 64, 16]],
    [hidden, [64, 64, 64]],
    [hidden, [128, 128, 16]],
    [
      [784, 512, 512, 10],
      [64, 64, 16],
    ],
  ]) {
    const name = `network ${sides.join("-")} k=${ks}`;
    const pixels = Uint8Array.from(sequence(4)(sides[0], 100), (word) => word + 100);
    yield modelCase(`${name}, words`, () => network(sides, ks));
    yield modelCase(`${name}, pixels`, () => network(sides, ks), pixels);
  }
  for (const { name, read } of MODELS) yield modelCase(name, read);
}

/** All cases, those that take least first. */
export const CASES = [...transformCases(), ...operationCases(), ...networkCases()];
