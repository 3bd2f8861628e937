// Batches in worker threads against one session in the calling thread, as ratios of their times: a round runs each once,
// so that what else the machine does falls on all. Words are checked first. Run after a build: node bench/threads.mjs
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { formatTable } from "../dist/cli/table.js";
import { capabilities, readModel, Session } from "../dist/index.js";
import { volume } from "../dist/model/shape.js";
import { ThreadedSession } from "../dist/threads/index.js";
import { layerModel, word } from "./random-model.mjs";

const cores = availableParallelism();
const { values: options } = parseArgs({
  options: {
    /** Numbers of threads. */
    threads: { type: "string", default: [...new Set([1, 2, cores])].join() },
    items: { type: "string", default: "1,2,4,8,16,32,64,128,256,512,1024" },
    only: { type: "string", default: "" },
    /** Least items of a piece, in place of the package's own choice. */
    piece: { type: "string" },
    /** Of each row. */
    seconds: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const numbers = (text) => text.split(",").map(Number);
const WARM_ROUNDS = 3;
const LEAST_ROUNDS = 5;

const shipped = (name) => readModel(readFileSync(new URL(`../models/${name}.safetensors`, import.meta.url)));
const MODELS = {
  "mnist-mlp": () => shipped("mnist-mlp"),
  "cifar10-cnn": () => shipped("cifar10-cnn"),
  "dense 4096x4096 k=256": () => layerModel(4096, 4096, 256),
};

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Times each way once a round. Gives the milliseconds of each, round by round. */
async function race(ways, seconds) {
  const times = ways.map(() => []);
  for (
    let round = -WARM_ROUNDS, end = Number.POSITIVE_INFINITY;
    round < LEAST_ROUNDS || performance.now() < end;
    round++
  ) {
    if (round === 0) end = performance.now() + 1000 * seconds;
    for (const [i, way] of ways.entries()) {
      const start = performance.now();
      await way();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times;
}

async function bench(name, model) {
  const counts = numbers(options.threads);
  const pieceItems = options.piece === undefined ? {} : { pieceItems: Number(options.piece) };
  const one = Session.fromModel(model);
  const crews = await Promise.all(
    counts.map((threads) => ThreadedSession.fromModel(model, { threads, ...pieceItems })),
  );
  const pixels = volume(model.input.shape);
  const rows = [];
  for (const items of numbers(options.items)) {
    const input = Uint8Array.from({ length: items * pixels }, () => word(100) + 100);
    const expected = one.runSync({ input }).words.data;
    for (const crew of crews) {
      const { data } = (await crew.run({ input })).words;
      if (data.some((word, i) => word !== expected[i])) throw new Error(`${name}: not the session's words`);
    }
    const ways = [() => one.runSync({ input }), ...crews.map((crew) => () => crew.run({ input }))];
    const [alone, ...together] = await race(ways, Number(options.seconds));
    const ratios = together.map((times) => median(times.map((time, round) => alone[round] / time)));
    const microseconds = (1000 * median(alone)) / items;
    rows.push({
      items,
      rounds: alone.length,
      microseconds,
      ratios: Object.fromEntries(counts.map((n, i) => [n, ratios[i]])),
    });
  }
  one.release();
  await Promise.all(crews.map((crew) => crew.release()));
  return { name, rows };
}

const report = {
  node: process.version,
  processor: cpus()[0].model,
  cores,
  kernels: capabilities().binary,
  models: [],
};
for (const [name, make] of Object.entries(MODELS)) {
  if (!name.includes(options.only)) continue;
  const { rows } = await bench(name, make());
  report.models.push({ name, rows });
  if (options.json) continue;
  const counts = numbers(options.threads);
  const head = ["items", "us an item, no thread", ...counts.map((n) => `${n} ${n === 1 ? "thread" : "threads"}`)];
  const cells = rows.map(({ items, microseconds, ratios }) => {
    return [items, microseconds.toFixed(1), ...counts.map((n) => `${ratios[n].toFixed(2)}x`)];
  });
  console.log(`${name}: times faster than the calling thread alone`);
  console.log(formatTable(head, cells));
}
if (options.json) console.log(JSON.stringify(report, undefined, 2));
else console.log(`Node ${report.node}, ${report.processor}, ${cores} cores, ${report.kernels} kernels`);
