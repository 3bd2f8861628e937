// Why one inference runs on one thread: the time of a layer, of its half (what each of two threads would do, for both need
// all transforms of the input), and of handing work to a thread and back: woken by Atomics.notify, or spinning, which
// takes a core. Run after a build: node bench/threads-layer.mjs
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { formatTable } from "../dist/cli/table.js";
import { Session } from "../dist/index.js";
import { layerModel, words } from "./random-model.mjs";

const ROUNDS = 400;
/** Places of the words that both threads see, a cache line apart. */
const [MODE, REQUEST, REPLY] = [0, 16, 32];
const [WAIT, SPIN] = [0, 1];

/** A thread that answers each request with its number. */
const ANSWER = `
  const { Atomics } = globalThis;
  const words = new Int32Array(require("node:worker_threads").workerData);
  for (;;) {
    const done = Atomics.load(words, ${REPLY});
    if (Atomics.load(words, ${MODE}) === ${WAIT}) Atomics.wait(words, ${REQUEST}, done);
    else while (Atomics.load(words, ${REQUEST}) === done);
    Atomics.store(words, ${REPLY}, Atomics.load(words, ${REQUEST}));
  }`;

const shared = new Int32Array(new SharedArrayBuffer(256));
const thread = new Worker(ANSWER, { eval: true, workerData: shared.buffer });

let requests = 0;
/** Hands over a request and spins until it is answered. */
function handOver() {
  requests++;
  Atomics.store(shared, REQUEST, requests);
  Atomics.notify(shared, REQUEST);
  while (Atomics.load(shared, REPLY) !== requests);
}

function idle(microseconds) {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Microseconds of an act, of `repeats` at a time. */
function time(act, repeats = 1) {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) act();
  return (1000 * (performance.now() - start)) / repeats;
}

const SHAPES = [
  [1024, 64],
  [2048, 128],
  [4096, 256],
];
const layers = SHAPES.map(([side, k]) => {
  const [whole, half] = [side, side / 2].map((out) => {
    const session = Session.fromModel(layerModel(side, out, k));
    session.inputView.set(words(side, 4000));
    return session;
  });
  return { name: `${side}x${side} k=${k}`, whole, half, times: { whole: [], half: [] } };
});
const hands = { wake: [], spin: [] };

await new Promise((resolve) => setTimeout(resolve, 500));
for (const { whole, half } of layers) for (const session of [whole, half]) time(() => session.runViews(), 2000);
for (let round = 0; round < ROUNDS; round++) {
  for (const { whole, half, times } of layers) {
    times.whole.push(time(() => whole.runViews(), 20));
    times.half.push(time(() => half.runViews(), 20));
  }
  Atomics.store(shared, MODE, WAIT);
  handOver();
  idle(200);
  hands.wake.push(time(handOver));
  Atomics.store(shared, MODE, SPIN);
  handOver();
  hands.spin.push(time(handOver, 20));
}
await thread.terminate();

const [wake, spin] = [hands.wake, hands.spin].map(median);
console.log(`hand work over and back: ${wake.toFixed(1)} us if the thread sleeps, ${spin.toFixed(1)} us if it spins`);
const rows = layers.map(({ name, times }) => {
  const [whole, half] = [times.whole, times.half].map(median);
  const gain = (hand) => `${(whole / (half + hand)).toFixed(2)}x`;
  return [name, whole.toFixed(2), half.toFixed(2), gain(wake), gain(spin)];
});
console.log(formatTable(["layer", "us", "us of its half", "two threads, woken", "two threads, one spinning"], rows));
console.log(`Node ${process.version}, ${availableParallelism()} cores; medians of ${ROUNDS} rounds`);
