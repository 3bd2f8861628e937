// circulant beside its peers: npm run bench:peers -- --help. Run after a build.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installPeers, nodeBinary } from "./peers/install.mjs";

const HELP = `npm run bench:peers -- [options]

  --part NAME       layers; may be given several times (default: all)
  --only TEXT       of the layers, those whose name has TEXT
  --quick           a quarter of the rounds
  --json FILE       write the results as JSON
  --write-docs      write tables and plots of docs/performance.md; parts that did not run stay as they are
  --node 22         run under that Node, which has relaxed SIMD by default (Linux on x64)`;

/** Load average of a machine that does nothing else. */
const MOST_LOAD = 0.5;

const PARTS = {
  layers: async () => (await import("./peers/layers.mjs")).layers,
  transforms: async () => (await import("./peers/transforms.mjs")).transforms,
  cold: async () => (await import("./peers/cold.mjs")).cold,
  scaling: async () => (await import("./peers/scaling.mjs")).scaling,
  training: async () => (await import("./peers/training.mjs")).training,
};

const { values: options } = parseArgs({
  options: {
    part: { type: "string", multiple: true, default: Object.keys(PARTS) },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    "write-docs": { type: "boolean", default: false },
    node: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
installPeers();
process.exit(options.node ? runUnder(options.node) : await main());

function runUnder(major) {
  const args = process.argv.slice(2).filter((arg, i, all) => !arg.startsWith("--node") && all[i - 1] !== "--node");
  return spawnSync(nodeBinary(major), [fileURLToPath(import.meta.url), ...args], { stdio: "inherit" }).status;
}

async function main() {
  const { only, part: parts } = options;
  const unknown = parts.find((name) => !(name in PARTS));
  if (unknown !== undefined || (only && options["write-docs"])) {
    const known = Object.keys(PARTS).join(", ");
    console.error(
      unknown ? `--part: expected ${known}, got ${unknown}` : "--write-docs: expected whole parts, got --only",
    );
    return 2;
  }
  const started = Date.now();
  const results = await environment();
  if (results.load > MOST_LOAD) {
    const load = results.load.toFixed(1);
    console.error(`the machine is busy (load ${load}): ratios hold roughly, times do not; quote neither`);
  }
  for (const name of parts) {
    const part = await PARTS[name]();
    results[name] = await part({ only, scale: options.quick ? 0.25 : 1, log: console.log });
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options["write-docs"]) await (await import("./peers/docs.mjs")).writeDocs(results);
  console.log(`${Math.round((Date.now() - started) / 1000)} s, Node ${process.version}`);
  return 0;
}

/** Where the figures are from; the last of the binaries is the one that a session would choose. */
async function environment() {
  const { kernelModules } = await import("./peers/circulant.mjs");
  const { node, v8 } = process.versions;
  const machine = { cpu: cpus()[0].model, cores: availableParallelism(), load: loadavg()[0] };
  return { node: `v${node}`, v8, ...machine, binaries: Object.keys(kernelModules()) };
}
