import { createRequire } from "node:module";
import createKissfft from "@echogarden/kissfft-wasm";
import createPffft from "@echogarden/pffft-wasm/simd";
import { kissfftQ15 } from "./kissfft.mjs";

const require = createRequire(import.meta.url);
const FFT = require("fft.js");

/** A forward transform of real rows by each peer. Packages transform one row a call; their calls are in our loop. */
const PEERS = [
  { name: "fft.js float64", make: fftJs },
  { name: "pffft wasm SIMD float32", make: (rows, k) => pffft(rows, k, true) },
  { name: "pffft wasm SIMD float32, unordered", make: (rows, k) => pffft(rows, k, false) },
  { name: "kissfft wasm float32", make: kissfft },
  { name: "kissfft wasm q15", make: kissfftFixed },
];

/** Rows of pffft's vectors of four have at least so many words. */
const PFFFT_LEAST = 32;
/** Numbers of pffft.h. */
const PFFFT_REAL = 0;
const PFFFT_FORWARD = 0;

/**
 * The peers for rows of k words.
 *
 * @param words rows of int16
 * @returns `{ name, call, items, spectrum?, tolerance }`; `spectrum()` is the first row's, as bins `[re, im]`, 0 to k/2;
 *   and `skipped`, the reasons of those that are not there
 */
export async function fftPeers(words, k) {
  const contenders = [];
  const skipped = [];
  for (const { name, make } of PEERS) {
    const made = await make(words, k);
    if (made?.skipped) skipped.push(made.skipped);
    else if (made) contenders.push({ name, items: words.length / k, ...made });
  }
  return { contenders, skipped };
}

function fftJs(words, k) {
  const fft = new FFT(k);
  const rows = rowsOf(words, k, (row) => Array.from(row));
  const outputs = rows.map(() => fft.createComplexArray());
  const call = () => {
    for (let i = 0; i < rows.length; i++) fft.realTransform(outputs[i], rows[i]);
  };
  return { call, tolerance: 1e-12, spectrum: () => interleaved(outputs[0], k) };
}

async function pffft(words, k, ordered) {
  if (k < PFFFT_LEAST) return undefined;
  const module = await createPffft();
  const setup = module._pffft_new_setup(k, PFFFT_REAL);
  const [input, output, work] = [words.length, words.length, k].map((length) =>
    module._pffft_aligned_malloc(4 * length),
  );
  module.HEAPF32.set(words, input / 4);
  const name = ordered ? "_pffft_transform_ordered" : "_pffft_transform";
  module[name](setup, input, output, work, PFFFT_FORWARD);
  const transform = module[name];
  const bytes = 4 * words.length;
  const call = () => {
    for (let at = 0; at < bytes; at += 4 * k) transform(setup, input + at, output + at, work, PFFFT_FORWARD);
  };
  const spectrum = () => {
    if (!ordered) module._pffft_zreorder(setup, output, work, PFFFT_FORWARD);
    const from = ordered ? output : work;
    const row = module.HEAPF32.slice(from / 4, from / 4 + k);
    const bins = Array.from({ length: k / 2 }, (_, bin) => [row[2 * bin], row[2 * bin + 1]]);
    return [[row[0], 0], ...bins.slice(1), [row[1], 0]];
  };
  return { call, tolerance: 1e-6, spectrum };
}

async function kissfft(words, k) {
  const module = await createKissfft();
  const setup = module._kiss_fftr_alloc(k, 0, 0, 0);
  const input = module._malloc(4 * words.length);
  const pitch = 8 * (k / 2 + 1);
  const rows = words.length / k;
  const output = module._malloc(pitch * rows);
  module.HEAPF32.set(words, input / 4);
  module._kiss_fftr(setup, input, output);
  const transform = module._kiss_fftr;
  const call = () => {
    for (let i = 0; i < rows; i++) transform(setup, input + 4 * k * i, output + pitch * i);
  };
  const spectrum = () => interleaved(module.HEAPF32.slice(output / 4, output / 4 + k + 2), k);
  return { call, tolerance: 1e-6, spectrum };
}

/** It scales by 1/k, as 16 bits must. */
function kissfftFixed(words, k) {
  const { module, skipped } = kissfftQ15();
  if (skipped) return { skipped };
  const refuse = () => {
    throw new Error("kissfft q15: expected no call of the system");
  };
  const imports = { wasi_snapshot_preview1: { fd_close: refuse, fd_seek: refuse, fd_write: refuse } };
  const { memory, malloc, kiss_fftr_alloc, kiss_fftr } = new WebAssembly.Instance(module, imports).exports;
  const setup = kiss_fftr_alloc(k, 0, 0, 0);
  const rows = words.length / k;
  const pitch = 4 * (k / 2 + 1);
  const input = malloc(2 * words.length);
  const output = malloc(pitch * rows);
  new Int16Array(memory.buffer).set(words, input / 2);
  const call = () => {
    for (let i = 0; i < rows; i++) kiss_fftr(setup, input + 2 * k * i, output + pitch * i);
  };
  const spectrum = () => {
    const row = new Int16Array(memory.buffer, output, k + 2);
    return interleaved(
      Array.from(row, (word) => word * k),
      k,
    );
  };
  return { call, tolerance: 0.05, spectrum };
}

const rowsOf = (words, k, make) =>
  Array.from({ length: words.length / k }, (_, i) => make(words.subarray(i * k, (i + 1) * k)));

const interleaved = (values, k) =>
  Array.from({ length: k / 2 + 1 }, (_, bin) => [values[2 * bin], values[2 * bin + 1]]);
