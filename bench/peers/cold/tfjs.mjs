import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const start = performance.now();
const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const imported = performance.now();
const [, , weightFile, pixelFile] = process.argv;
wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
await tf.setBackend("wasm");
const floats = new Float32Array(new Uint8Array(readFileSync(weightFile)).buffer);
const SIDES = [784, 1024, 1024, 10];
let at = 0;
const take = (shape) => {
  const words = shape.reduce((a, b) => a * b);
  at += words;
  return tf.tensor(floats.subarray(at - words, at), shape);
};
const layers = SIDES.slice(1).map((out, i) => ({ b: take([SIDES[i], out]), bias: take([out]) }));
const loaded = performance.now();
const pixels = Float32Array.from(readFileSync(pixelFile), (pixel) => (pixel / 255 - 0.1307) / 0.3081);
let a = tf.tensor(pixels, [1, 784]);
for (const [i, { b, bias }] of layers.entries()) {
  a = tf.fused.matMul({ a, b, bias, activation: i < layers.length - 1 ? "relu" : "linear" });
}
const output = a.dataSync();
const answered = performance.now();

const { largest, reportStages } = await import("./report.mjs");
reportStages([start, imported, loaded, answered], largest([...output]));
