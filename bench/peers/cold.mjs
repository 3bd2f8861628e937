// Import, load and first inference of the MNIST MLP in fresh processes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readImageSet } from "../../dist/data/read.js";
import { readModel } from "../../dist/model/read.js";
import { denseForm, runDense } from "./dense-form.mjs";
import { columnsOf, onnxForm } from "./onnx-forms.mjs";
import { median } from "./rounds.mjs";

const PROCESSES = 15;
const root = new URL("../../", import.meta.url);
const MODEL = fileURLToPath(new URL("models/mnist-mlp.safetensors", root));
/** What is imported: the package's entry, or the same as a bundler makes it, one minified file. */
const entry = (file) => new URL(`dist/${file}`, root).href;
const STAGES = ["import", "load", "run", "total"];

/** Milliseconds of each stage: medians, least totals, and how many times longer a peer takes, round by round. */
export async function cold({ scale, log }) {
  const folder = mkdtempSync(join(tmpdir(), "circulant-bench-"));
  try {
    const { contenders, answer } = prepare(folder);
    const samples = contenders.map(() => []);
    const rounds = Math.max(3, Math.round(PROCESSES * scale));
    // The first round fills the file cache and is not counted.
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const at = (turn + round + contenders.length) % contenders.length;
        const sample = start(contenders[at], answer);
        if (round >= 0) samples[at].push(sample);
      }
    }
    const results = contenders.map(({ name }, i) => {
      const stage = (key) => samples[i].map((sample) => sample[key]);
      const medians = Object.fromEntries(STAGES.map((key) => [key, median(stage(key))]));
      const ratio = median(stage("total").map((total, round) => total / samples[0][round].total));
      return { name, processes: rounds, median: medians, least: Math.min(...stage("total")), ratio };
    });
    log(table(results));
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes what the processes read: the peers' models and a digit. */
function prepare(folder) {
  const { images } = readImageSet(fileURLToPath(new URL("examples/digits", root)), "test");
  const model = readModel(readFileSync(MODEL));
  const { mean, deviation } = model.input;
  const pixels = images.subarray(0, 784);
  const dense = denseForm(model);
  const write = (name, bytes) => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };
  const digit = write("digit", pixels);
  const onnx = write("float32.onnx", onnxForm(dense, "float32", 1));
  const weights = dense.operations.filter(({ op }) => op === "dense");
  const words = weights.flatMap((layer) => [...columnsOf(layer), ...layer.bias]);
  const floats = write("float32.bin", Buffer.from(Float32Array.from(words).buffer));
  const exact = runDense(
    dense,
    Float32Array.from(pixels, (pixel) => (pixel / 255 - mean) / deviation),
  ).at(-1);
  return {
    answer: exact.indexOf(Math.max(...exact)),
    contenders: [
      { name: "circulant", script: "circulant", args: [MODEL, digit, entry("index.js")] },
      { name: "circulant, bundled", script: "circulant", args: [MODEL, digit, entry("bundle.js")] },
      { name: "onnxruntime-web float32", script: "onnxruntime-web", args: [onnx, digit] },
      { name: "onnxruntime-node float32", script: "onnxruntime-node", args: [onnx, digit] },
      { name: "tfjs-wasm float32", script: "tfjs", args: [floats, digit] },
    ],
  };
}

function start({ name, script, args }, answer) {
  const file = fileURLToPath(new URL(`cold/${script}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: expected exit 0, got ${status}\n${stderr}`);
  const sample = JSON.parse(stdout.trim().split("\n").at(-1));
  if (sample.answer !== answer) throw new Error(`${name}: expected the digit ${answer}, got ${sample.answer}`);
  return sample;
}

function table(results) {
  const line = (first, cells) => first.padEnd(30) + cells.map((cell) => cell.padStart(10)).join("");
  const rows = results.map(({ name, median, least, ratio }) =>
    line(name, [...STAGES.map((key) => median[key].toFixed(1)), least.toFixed(1), ratio.toFixed(1)]),
  );
  return [line("cold start, ms", [...STAGES, "least", "ratio"]), ...rows, ""].join("\n");
}
