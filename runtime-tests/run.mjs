// Runs the packed package wherever it says that it runs, and prints one table: node runtime-tests/run.mjs --help
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeDocs } from "./runner/docs.mjs";
import { judge } from "./runner/judge.mjs";
import { allRows } from "./runner/rows.mjs";
import { install, readGolden, stage } from "./runner/stage.mjs";
import { reasons, summary, table } from "./runner/table.mjs";
import { installTools } from "./runner/tools.mjs";

const HELP = `npm run test:edge -- [options]

  --only TEXT       rows whose name has TEXT; may be given several times
  --without TEXT    no row whose name has TEXT; may be given several times
  --strict          a skipped row fails the run, as in continuous integration
  --repeats N       processes for the median of the first inference (default 7; 0: none)
  --plant           flip one bit of a weight: every row must fail
  --write-docs      write the rows into docs/determinism.md if none failed or was skipped
  --package FOLDER  test an unpacked package in place of the packed one
  --cache FOLDER    where packages are installed (default .cache/runtime-tests)`;

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [""] },
    without: { type: "string", multiple: true, default: [] },
    strict: { type: "boolean", default: false },
    repeats: { type: "string", default: "7" },
    plant: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    package: { type: "string" },
    cache: { type: "string", default: join(root, ".cache/runtime-tests") },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
process.exit(await main());

async function main() {
  const { cache, plant, only, without } = options;
  const rows = allRows({ cache, root }).filter(({ runtime }) => {
    return only.some((text) => runtime.includes(text)) && !without.some((text) => runtime.includes(text));
  });
  if (rows.length === 0) {
    console.error(`--only: expected a part of a row's name, got ${only.join(", ")}`);
    return 2;
  }
  await timed("tools", () => installTools([...new Set(rows.flatMap(({ tools = [] }) => tools))]));
  if (rows.some(({ packages }) => packages)) await timed("packages", () => install(join(root, "runtime-tests"), cache));
  const installs = rows.some(({ installs }) => installs);
  const folders = await timed("stage", () => stage({ root, cache, package_: options.package, plant, installs }));
  const context = { root, cache, ...folders, golden: readGolden(root), repeats: Number(options.repeats) };
  const outcomes = [];
  for (const row of rows) {
    const outcome = await judge(row, context);
    console.log(`${outcome.status.padEnd(7)} ${outcome.seconds.toFixed(1).padStart(6)} s  ${outcome.runtime}`);
    if (outcome.status === "failed") console.log(outcome.reason);
    outcomes.push(outcome);
  }
  console.log(`\n${table(outcomes)}\n`);
  for (const reason of reasons(outcomes)) console.log(`${reason}\n`);
  if (options["write-docs"] && outcomes.every(({ status }) => status === "passed")) {
    const names = allRows({ cache, root }).map(({ runtime }) => runtime);
    writeDocs(join(root, "docs/determinism.md"), table(outcomes).split("\n"), names);
  }
  console.log(summary(outcomes));
  const isBad = ({ status }) => status === "failed" || (options.strict && status === "skipped");
  return outcomes.some(isBad) ? 1 : 0;
}

async function timed(what, act) {
  const started = Date.now();
  const result = await act();
  console.log(`${what.padEnd(11)} ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
