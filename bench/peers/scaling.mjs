// Time against n, k, batch and threads, and the border where a dense layer wins.
import { availableParallelism } from "node:os";
import { Session } from "../../dist/index.js";
import { quantiseInput } from "../../dist/model/input.js";
import { kernelModules, randomLayer, same } from "./circulant.mjs";
import { denseForm } from "./dense-form.mjs";
import { onnxruntimeContenders } from "./onnxruntime.mjs";
import { sequence } from "./random.mjs";
import { interleave, median, quantile } from "./rounds.mjs";
import { threadContenders } from "./threads.mjs";

const SIDES = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const LARGEST_K = 2048;
/** Words of weights of one layer: a plain matrix of 4096 x 4096 is past what this part is about. */
const MOST_WEIGHTS = 2 ** 22;
/** Sides up to which dense peers are timed: beyond, circulant wins for every k. */
const MOST_DENSE = 2048;
const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const THREADS_BATCH = 256;

/** All four; the binary is the one that this engine would choose. */
export async function scaling({ scale, log }) {
  const modules = kernelModules();
  const [binary, module] = Object.entries(modules).at(-1);
  const sides = [];
  for (const n of SIDES) {
    sides.push(await timeSide(n, module, 1500 * scale));
    log(sideLine(sides[sides.length - 1]));
  }
  const batches = await timeBatches(module, 4000 * scale);
  for (const { batch, times } of batches) log(`batch ${batch}: ${timesLine(times, "us an item")}`);
  const threads = await timeThreads(module, 3000 * scale);
  log(threads.skipped ?? threads.times.map(({ name, p10 }) => `${name} threads: ${micro(p10)} us an item`).join(", "));
  return { binary, sides, batches, threads };
}

const micro = (ns) => (ns / 1000).toPrecision(3);
const timesLine = (times, unit) => `${times.map(({ name, p10 }) => `${name} ${micro(p10)}`).join(", ")} ${unit} (10th)`;
const sideLine = ({ n, own, dense }) =>
  `n = ${n}, us (10th): ${own.map(({ k, p10 }) => `k=${k} ${micro(p10)}`).join(", ")}; ${timesLine(dense, "")}`;

/** One layer of n x n with every k, and its dense form in the peers. */
async function timeSide(n, module, budgetMs) {
  const sizes = [];
  for (let k = 1; k <= Math.min(n, LARGEST_K); k *= 2) if ((n * n) / k <= MOST_WEIGHTS) sizes.push(k);
  const reals = sequence(5).reals(n, 1);
  const own = sizes.map((k) => ownLayer(randomLayer(n, n, k), module, reals, `${k}`));
  const largest = randomLayer(n, n, Math.min(n, LARGEST_K));
  const forms = ["float32", "int8 dynamic"];
  const peers = n <= MOST_DENSE ? await onnxruntimeContenders(denseForm(largest), { reals, batch: 1, forms }) : [];
  const timed = await interleave([...own, ...peers], { budgetMs, leastRounds: 20 });
  for (const { release } of peers) await release();
  const times = timed.map(timeOf);
  return {
    n,
    own: times.slice(0, sizes.length).map((time, i) => ({ ...time, k: sizes[i] })),
    dense: times.slice(sizes.length),
  };
}

const timeOf = ({ name, samples }) => ({ name, median: median(samples), p10: quantile(samples, 0.1) });

function ownLayer(model, module, reals, name) {
  const session = Session.fromModel(model, { module });
  const words = quantiseInput(model.input, reals);
  const output = new Int16Array(session.outputView.length);
  session.runWords(words, output);
  same(`n=${reals.length}, k=${name}`, output, referenceWords(model, words));
  return { name, call: () => session.runWords(words, output) };
}

const referenceWords = (model, input) =>
  Session.fromModel(model, { backend: "reference" }).runSync({ input }).words.data;

/** 1024 x 1024, k = 64: words of a batch, and the float peers. */
async function timeBatches(module, budgetMs) {
  const model = randomLayer(1024, 1024, 64);
  const dense = denseForm(model);
  const session = Session.fromModel(model, { module });
  const results = [];
  for (const batch of BATCHES) {
    const reals = sequence(6).reals(1024 * batch, 1);
    const words = quantiseInput(model.input, reals);
    same(`batch ${batch}`, session.runSync({ input: words }).words.data, referenceWords(model, words));
    const own = { name: "circulant words", items: batch, call: () => session.runSync({ input: words }) };
    const forms = ["float32", "int8 dynamic"];
    const peers = await onnxruntimeContenders(dense, { reals, batch, forms });
    const timed = await interleave([own, ...peers], { budgetMs: budgetMs / BATCHES.length });
    for (const { release } of peers) await release();
    results.push({ batch, times: timed.map(timeOf) });
  }
  return results;
}

/** A batch of the same layer over threads: 1, 2, and as many as the machine has. */
async function timeThreads(module, budgetMs) {
  const model = randomLayer(1024, 1024, 64);
  const words = quantiseInput(model.input, sequence(7).reals(1024 * THREADS_BATCH, 1));
  const counts = [...new Set([1, 2, availableParallelism()])];
  const { contenders, skipped } = await threadContenders(model, module, { words, batch: THREADS_BATCH, counts });
  if (skipped) return { skipped };
  const expected = referenceWords(model, words);
  for (const { name, answer } of contenders) same(`${name} threads`, await answer(), expected);
  const timed = await interleave(contenders, { budgetMs });
  for (const { release } of contenders) await release();
  return { batch: THREADS_BATCH, times: timed.map(timeOf) };
}
