// What engines take, synthesised and by the model, side by side; run after a build: npm run resources -- [--memories xc7,ecp5] [--measure xc7,ecp5] [--fit]
//   --memories FAMILIES maps memories of many sizes
//   --measure FAMILIES  synthesises the configurations that bench/resources.json lacks, one after the other, and keeps each
//   --fit               makes src/synth/resource-table.ts from the counts of the configurations marked "fit"

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runYosys } from "@yowasp/yosys";
import Table from "cli-table3";
import { engineToSynthesise } from "../dist/synth/engine.js";
import { familyOf, resourcesOf } from "../dist/synth/family.js";
import { hasMemoryRules } from "../dist/synth/memories.js";
import { modelErrors, percentOff, readMeasured } from "../dist/synth/model-errors.js";
import { pipelineToSynthesise } from "../dist/synth/pipeline.js";
import { counted, FITTED, resourceFeatures, resources } from "../dist/synth/resources.js";
import { sampleProgram } from "../dist/synth/sample.js";
import { cellsCounted, countRun } from "../dist/synth/synthesise.js";
import { alike, CONFIGURATIONS, setOf } from "./resource-configurations.mjs";
import { fitNonNegative } from "./resource-fit.mjs";
import { measureMemories } from "./resource-memories.mjs";

const MEASURED = new URL("../bench/resources.json", import.meta.url);
const TABLE = new URL("../src/synth/resource-table.ts", import.meta.url);
const VERSION = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).peerDependencies[
  "@yowasp/yosys"
];

const { values } = parseArgs({
  options: { memories: { type: "string" }, measure: { type: "string" }, fit: { type: "boolean" } },
});
const record = existsSync(MEASURED)
  ? JSON.parse(readFileSync(MEASURED, "utf8"))
  : { tool: `Yosys ${VERSION}`, engines: [] };
if (record.tool !== `Yosys ${VERSION}`) {
  throw new Error(
    `bench/resources.json: expected counts of Yosys ${VERSION}, got ${record.tool}; delete it and measure`,
  );
}
record.engines = [...readMeasured(record.engines)];
const SHOWN = ["dsp", "lut", "ff", "carry", "blockRam", "lutRam"];
const PLAIN = { head: [], border: [], compact: true };
/** Engines that the parts of one are told from, at least. */
const LEAST = 4;

for (const family of (values.memories ?? "").split(",").filter(Boolean)) {
  const others = (record.memories ?? []).filter((it) => it.family !== family);
  record.memories = [...others, ...(await measureMemories(family))];
  writeFileSync(MEASURED, formatRecord(record));
}
for (const family of (values.measure ?? "").split(",").filter(Boolean)) await measure(family);
if (values.fit) fitTable();
else print();

/** Yosys in this thread, so that it is compiled once for all configurations. */
async function measure(name) {
  const family = familyOf(name);
  for (const { top, parameters } of CONFIGURATIONS) {
    const same = (it) => it.family === name && it.top === top && alike(it.parameters, parameters);
    if (record.engines.some(same)) continue;
    const started = performance.now();
    const design =
      top === "circulant_engine"
        ? engineToSynthesise(sampleProgram(parameters), parameters)
        : pipelineToSynthesise(parameters);
    const run = countRun(design, family);
    const files = Object.fromEntries(run.files.map(({ name: file, text }) => [file, text]));
    const written = await runYosys(["-q", "-p", run.script], files, { decodeASCII: true });
    const cells = resourcesOf(family, cellsCounted(written[run.output]));
    record.engines.push({ family: name, top, parameters, resources: cells });
    writeFileSync(MEASURED, formatRecord(record));
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${name} ${top} ${JSON.stringify(parameters)}: ${JSON.stringify(cells)}, ${seconds} s`);
  }
}

/** An engine a line. */
function formatRecord({ tool, memories = [], engines }) {
  const lines = (list) => (list.length === 0 ? "[]" : `[\n${list.map((it) => JSON.stringify(it)).join(",\n")}\n]`);
  return `{\n"tool": ${JSON.stringify(tool)},\n"memories": ${lines(memories)},\n"engines": ${lines(engines)}\n}\n`;
}

/** Of each family and engine with enough measured engines, what its parts take. */
function fitTable() {
  const families = {};
  for (const family of new Set(record.engines.map((it) => it.family))) {
    for (const top of ["circulant_engine", "circulant_pipeline"]) {
      const fitted = record.engines.filter((it) => it.family === family && it.top === top && setOf(it) === "fit");
      if (fitted.length < LEAST) continue;
      const rows = fitted.map(({ parameters }) => resourceFeatures(parameters, family));
      families[family] ??= {};
      families[family][top] = Object.fromEntries(
        FITTED.map((name) => {
          const real = fitted.map((it) => it.resources[name]);
          const beside = fitted.map(({ parameters }, i) => real[i] - counted(parameters, family)[name]);
          return [name, fitNonNegative(rows, beside, real)];
        }),
      );
    }
  }
  const table = { tool: record.tool, families };
  const [text] = readFileSync(TABLE, "utf8").split("export const RESOURCE_TABLE");
  writeFileSync(TABLE, `${text}export const RESOURCE_TABLE: ResourceTable = ${JSON.stringify(table)};\n`);
  execFileSync("npx", ["biome", "format", "--write", fileURLToPath(TABLE)], { stdio: "ignore" });
  print(table);
}

/** Configuration by configuration what synthesis counts and the model tells, then the errors. */
function print(table) {
  const known = record.engines.filter(({ family }) => hasMemoryRules(family));
  const list = new Table({ head: ["family", "engine", "set", "parameters", ...SHOWN], style: PLAIN });
  for (const engine of known) {
    const { family, top, parameters } = engine;
    const model = resources(parameters, family, table);
    const cells = SHOWN.map((name) => {
      const [told, real] = [model[name], engine.resources[name]];
      return told === undefined ? `${real} -` : `${real} ${told} ${percentOff(told, real).toFixed(1)} %`;
    });
    list.push([family, top.replace("circulant_", ""), setOf(engine), Object.values(parameters).join(" "), ...cells]);
  }
  console.log(`${record.tool}; each count: synthesis, model, error\n${list}`);
  const sum = new Table({
    head: ["family", "engines", "set", "resource", "number", "median %", "worst %"],
    style: PLAIN,
  });
  for (const family of new Set(known.map((it) => it.family))) {
    for (const set of ["fit", "held"]) {
      const chosen = known.filter((it) => it.family === family && setOf(it) === set);
      for (const { resource, engines, median, worst } of modelErrors(chosen, table)) {
        if (engines > 0) sum.push([family, chosen.length, set, resource, engines, median.toFixed(1), worst.toFixed(1)]);
      }
    }
  }
  console.log(`${sum}`);
}
