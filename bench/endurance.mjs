// Memory of one process over a million inferences by each way to run, and over ten thousand sessions that are loaded and
// released. Run after a build: node bench/endurance.mjs [--inferences 1000000] [--cycles 10000]
//
// Nothing is collected by force between the rows, so they show what a program sees. What is held after a collection is
// compared at the end: that must not have grown, and no memory of a released session may be left.
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Session } from "../dist/index.js";
import { readModel } from "../dist/model/read.js";

const { values } = parseArgs({
  options: { inferences: { type: "string", default: "1000000" }, cycles: { type: "string", default: "10000" } },
});
const ROWS = 10;
/** Bytes by which what is held may differ: the engine compiles and keeps code now and then. */
const HELD_BYTES = 2 ** 20;
const PAGE_BYTES = 65536;

const folder = fileURLToPath(new URL("../models/", import.meta.url));
const MODELS = readdirSync(folder)
  .filter((name) => name.endsWith(".safetensors"))
  .map((name) => {
    const bytes = new Uint8Array(readFileSync(folder + name));
    return { name: name.replace(".safetensors", ""), bytes, model: readModel(bytes), ...sample(bytes) };
  });

/** An input, its words by the reference, and the whole pages of the planned memory. */
function sample(bytes) {
  const reference = Session.createSync(bytes, { backend: "reference" });
  const input = Int16Array.from(reference.inputView, (_, i) => ((i * 37) % 512) - 256);
  const expected = reference.runSync({ input }).words.data;
  const session = Session.createSync(bytes);
  const { tensors, working, constants } = session.memory;
  session.release();
  return { input, expected, plannedBytes: PAGE_BYTES * Math.ceil((tensors + working + constants) / PAGE_BYTES) };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Bytes that are held after collections; what has a finaliser is freed between them. */
async function heldBytes() {
  for (let i = 0; i < 4; i++) {
    collect();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Memories of sessions that the engine has not freed yet. */
let live = 0;
const freed = new FinalizationRegistry(() => live--);

const HEADS = ["done", "seconds", "RSS MB", "heap MB", "external MB", "memories"];
const line = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(""));
function showMemory(done, started) {
  const { rss, heapUsed, external } = process.memoryUsage();
  const megabytes = [rss, heapUsed, external].map((bytes) => (bytes / 1e6).toFixed(1));
  line([done, ((performance.now() - started) / 1000).toFixed(1), ...megabytes, live]);
}

/** Does something many times and shows memory ten times meanwhile. What is held must not grow after the first tenth. */
async function endure(title, count, act) {
  console.log(`\n${title}`);
  line(HEADS);
  const started = performance.now();
  let before = 0;
  for (let i = 0; i < count; i++) {
    const pending = act(i);
    if (pending) await pending;
    if ((i + 1) % Math.ceil(count / ROWS) === 0) {
      await nextTurn();
      showMemory(i + 1, started);
      if (before === 0) before = await heldBytes();
    }
  }
  const grown = (await heldBytes()) - before;
  console.log(`held after collection: ${grown} bytes more than after the first tenth, ${live} memories`);
  if (grown > HELD_BYTES || live > 0) process.exitCode = 1;
}

function expectWords(words, { name, expected }) {
  for (let i = 0; i < expected.length; i++) {
    if (words[i] !== expected[i]) throw new Error(`${name}: word ${i}: expected ${expected[i]}, got ${words[i]}`);
  }
}

console.log(`${process.version}, ${process.arch}`);
console.log("\nwasm memory, bytes");
line(["model", "file", "planned", "taken"]);
for (const { name, bytes, plannedBytes } of MODELS) {
  const session = Session.createSync(bytes);
  const taken = session.inputView.buffer.byteLength;
  line([name, bytes.length, plannedBytes, taken]);
  if (taken !== plannedBytes || taken !== session.memoryBytes) process.exitCode = 1;
  session.release();
}

const mlp = MODELS.find(({ name }) => name === "mnist-mlp");
const inferences = Number(values.inferences);
{
  const { input, plannedBytes } = mlp;
  const output = new Int16Array(mlp.expected.length);
  const session = Session.createSync(mlp.bytes);
  const ways = {
    runWords() {
      session.runWords(input, output);
      expectWords(output, mlp);
    },
    runSync: () => expectWords(session.runSync({ input }).words.data, mlp),
    run: async () => expectWords((await session.run({ input })).words.data, mlp),
  };
  for (const [name, act] of Object.entries(ways)) await endure(`${name}, mnist-mlp`, inferences, act);
  if (session.inputView.buffer.byteLength !== plannedBytes) throw new Error("memory: expected it as it was, it grew");
  session.release();
}

/** Ways to load, in turns. */
const LOADS = [
  ({ bytes }) => Session.create(bytes),
  ({ bytes }) => Session.createSync(bytes),
  ({ model }) => Session.fromModel(model),
];

await endure(
  "create, createSync, fromModel of all models in turns; one inference; release",
  Number(values.cycles),
  cycle,
);

async function cycle(i) {
  const model = MODELS[i % MODELS.length];
  const session = await LOADS[Math.floor(i / MODELS.length) % LOADS.length](model);
  const { buffer } = session.inputView;
  live++;
  freed.register(buffer);
  if (buffer.byteLength !== model.plannedBytes) {
    throw new Error(`${model.name}: expected ${model.plannedBytes} bytes of memory, got ${buffer.byteLength}`);
  }
  expectWords(session.runSync({ input: model.input }).words.data, model);
  session.release();
}
