// Counts what the cases of the benchmark execute, and the bytes of what is shipped.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { CASES } from "../bench/cases.mjs";
import { STEP_WORDS } from "../dist/runtime/program.js";
import { COUNTERS, instrument, readCounts } from "./instrument.mjs";

const ROOT = new URL("../", import.meta.url);
const ARTEFACTS = ["build/kernels.wasm", "build/kernels.relaxed.wasm", "build/train.wasm", "dist/bundle.js"];

/** What a run of a case executes, and each kind of step of an operation: a function from a case to entries by name. */
export function counterOf(wasm) {
  const module = new WebAssembly.Module(instrument(wasm));
  return ({ name, make }) => {
    const { made, instance } = withInstance(() => make(module));
    const during = (action) => {
      const before = readCounts(instance);
      action();
      const after = readCounts(instance);
      return Object.fromEntries(COUNTERS.map((counter) => [counter, after[counter] - before[counter]]));
    };
    return { [name]: during(made.run), ...countSteps(name, made.backend, during) };
  };
}

/** Steps by kernel, where an operation has several. */
function countSteps(name, backend, during) {
  const entries = {};
  const { steps, program } = backend?.plan ?? { steps: [] };
  if (steps.length < 2) return entries;
  for (const [i, { operation }] of steps.entries()) {
    const counts = during(() => backend.kernels.run(program.offset + 4 * STEP_WORDS * i, 1));
    const entry = `${name}, ${operation}`;
    const sum = entries[entry];
    entries[entry] = sum ? Object.fromEntries(COUNTERS.map((key) => [key, sum[key] + counts[key]])) : counts;
  }
  return entries;
}

/** The last instance that `create` makes: a session does not show its own. */
function withInstance(create) {
  const { Instance } = WebAssembly;
  let instance;
  WebAssembly.Instance = class extends Instance {
    constructor(module) {
      super(module);
      instance = this;
    }
  };
  try {
    return { made: create(), instance };
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/** Bytes of a file, raw and by gzip at its best. */
export function sizeOf(bytes) {
  return { bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

/** The plain binary. */
export function shippedKernels() {
  return readFileSync(new URL("build/kernels.wasm", ROOT));
}

/** Every count of the kernels, and every size, by name. */
export function measure(wasm = shippedKernels()) {
  const count = counterOf(wasm);
  const counts = CASES.map(count);
  const sizes = ARTEFACTS.map((file) => ({ [`size ${file}`]: sizeOf(readFileSync(new URL(file, ROOT))) }));
  return Object.assign({}, ...counts, ...sizes);
}
