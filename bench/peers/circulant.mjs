import { readFileSync } from "node:fs";
import { compile } from "../../dist/compile/index.js";
import { Session } from "../../dist/index.js";
import { quantiseInput } from "../../dist/model/input.js";
import { sequence } from "./random.mjs";

/** The two binaries as the build leaves them; `relaxed` only where the engine takes it. */
export function kernelModules() {
  const bytes = (name) => readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
  const [plain, relaxed] = [bytes("kernels"), bytes("kernels.relaxed")];
  const modules = { plain: new WebAssembly.Module(plain) };
  if (WebAssembly.validate(relaxed)) modules.relaxed = new WebAssembly.Module(relaxed);
  return modules;
}

/** Calibration inputs of a layer of random weights. */
const CALIBRATION = 8;

/** A layer of random weights and ReLU, compiled as any network is; inputs are uniform in -1 .. 1. */
export function randomLayer(inputs, out, k) {
  const { reals } = sequence(1);
  const [p, q] = [Math.ceil(out / k), Math.ceil(inputs / k)];
  const layer = {
    op: "dense",
    name: "dense1",
    inputs: [0],
    output: [1, 1, out],
    ...{ in: inputs, out, k, p, q },
    activation: "relu",
    bias: reals(out, 0.1),
    weights: reals(p * q * k, Math.sqrt(3 / inputs)),
  };
  const network = { input: { shape: [1, 1, inputs], mean: 0, deviation: 1 }, operations: [layer], labels: [] };
  const calibration = Array.from({ length: CALIBRATION }, () => reals(inputs, 1));
  return compile(network, calibration).model;
}

/**
 * Our contenders of a model: for each binary words in, words out (`runWords`; for a batch `wordsOf`), and
 * what the peers take in, float32 out (`runSync`).
 *
 * @param feed   `Float32Array` or `Uint8Array` of `batch` items
 * @param reals  the same inputs as real values
 * @throws Error if a word differs from the reference backend's
 */
export function ownContenders(model, modules, { feed, reals, batch }) {
  const words = quantiseInput(model.input, reals);
  const expected = Session.fromModel(model, { backend: "reference" }).runSync({ input: words }).words.data;
  return Object.entries(modules).flatMap(([binary, module]) => {
    const session = Session.fromModel(model, { module });
    const output = new Int16Array(expected.length);
    same(binary, session.runSync({ input: words }).words.data, expected);
    same(`${binary}, as fed`, session.runSync({ input: feed }).words.data, expected);
    const callWords = batch === 1 ? () => session.runWords(words, output) : () => session.wordsOf({ input: words });
    callWords();
    if (batch === 1) same(`${binary}, runWords`, output, expected);
    const common = { binary, items: batch };
    return [
      { ...common, name: `circulant ${binary} words`, call: callWords },
      {
        ...common,
        name: `circulant ${binary} reals`,
        call: () => session.runSync({ input: feed }),
        answer: () => session.runSync({ input: feed }).output.data,
      },
    ];
  });
}

export function same(what, actual, expected) {
  const at = expected.findIndex((word, i) => word !== actual[i]);
  if (at >= 0 || actual.length !== expected.length) {
    throw new Error(
      `circulant ${what}: expected the reference's words, got ${actual[at]} for ${expected[at]} at ${at}`,
    );
  }
}
