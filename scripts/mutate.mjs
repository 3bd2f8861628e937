// Mutation testing of the Verilog: makes wrong versions of its cells and counts those that the short contract vectors find.
//   npm run mutate                    all targets, both cores; goes on where it stopped
//   npm run mutate -- --target engine --only slide.v --sample 100 --workers 2
//   npm run mutate -- --record        writes the clock cycles of the right engine, test/mutation/cycles.json
// What it does is in test/mutation.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const outfile = path("build/mutate/main.mjs");
await build({
  entryPoints: [path("test/mutation/main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "error",
});
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
