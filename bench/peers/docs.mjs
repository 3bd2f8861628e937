// Tables and plots of docs/performance.md from docs/performance/node-*.json: node bench/peers/docs.mjs
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawAll } from "../plots/all.mjs";
import {
  coldTable,
  layerTable,
  machineTable,
  scalingTable,
  threadLines,
  trainingTable,
  transformTable,
} from "./markdown.mjs";

const PAGE = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../docs/performance/", import.meta.url));

const TABLES = {
  machine: machineTable,
  layers: layerTable,
  transforms: transformTable,
  cold: coldTable,
  scaling: scalingTable,
  threads: threadLines,
  training: trainingTable,
};

/** Keeps the results of a run, those of parts that it left out as they were, and writes the page anew. */
export async function writeDocs(results) {
  mkdirSync(FOLDER, { recursive: true });
  const file = `${FOLDER}node-${/\d+/.exec(results.node)[0]}.json`;
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  writeFileSync(file, `${JSON.stringify({ ...before, ...results }, rounded, 1)}\n`);
  await writePage();
}

/** Four digits are more than a time is worth. */
const rounded = (_, value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);

async function writePage() {
  const files = readdirSync(FOLDER).filter((name) => /^node-\d+\.json$/.test(name));
  const runs = files.sort().map((name) => JSON.parse(readFileSync(FOLDER + name, "utf8")));
  let page = readFileSync(PAGE, "utf8");
  for (const [name, table] of Object.entries(TABLES)) page = put(page, name, table(runs));
  writeFileSync(PAGE, page);
  await drawAll(FOLDER, runs);
}

/** Puts lines between the marks of a name. */
function put(page, name, lines) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const from = page.indexOf(begin) + begin.length;
  const to = page.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${PAGE}: expected the marks ${begin.trim()} and ${end}`);
  return `${page.slice(0, from)}\n${lines.join("\n")}\n\n${page.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writePage();
