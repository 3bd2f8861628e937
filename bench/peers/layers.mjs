// Layers and whole networks against the dense form in the peers.
import { CASES } from "./cases.mjs";
import { kernelModules } from "./circulant.mjs";
import { compareCase } from "./compare.mjs";

/** All cases whose name has `only`. */
export async function layers({ only, scale, log }) {
  const modules = kernelModules();
  const results = [];
  for (const entry of CASES.filter(({ name }) => name.includes(only))) {
    const result = await compareCase(entry, modules, 4000 * scale);
    results.push(result);
    log(layerTable(result));
  }
  return results;
}

/** A case as lines of text. Microseconds of an item. */
function layerTable({ name, contenders, feeds }) {
  const own = contenders.filter(({ ratios }) => !ratios).map((one) => one.name);
  const heads = ["us an item", "median", "10th", "error", ...own.map((name) => name.replace("circulant ", "x "))];
  const micro = (ns) => (ns / 1000).toPrecision(4);
  const rows = contenders.map(({ name, median, p10, error, ratios, quietRatios }) => [
    name,
    micro(median),
    micro(p10),
    error?.toExponential(1) ?? "equal",
    ...own.map((ours) => (ratios ? `${ratios[ours].toFixed(1)} ${quietRatios[ours].toFixed(1)}` : "")),
  ]);
  const lines = [heads, ...rows].map(([head, ...cells]) => head.padEnd(30) + cells.map((c) => c.padStart(15)).join(""));
  const note = `x: median of the rounds' ratios, ratio of 10th percentiles; "reals" takes ${feeds} and gives float32`;
  return `${name}\n${lines.join("\n")}\n${note}\n`;
}
