// Layers and whole networks against the dense form in the peers.
import { CASES } from "./cases.mjs";
import { kernelModules } from "./circulant.mjs";
import { compareCase } from "./compare.mjs";
import { timesTable } from "./tables.mjs";

/** All cases whose name has `only`. */
export async function layers({ only, scale, log }) {
  const modules = kernelModules();
  const results = [];
  for (const entry of CASES.filter(({ name }) => name.includes(only))) {
    const result = await compareCase(entry, modules, 4000 * scale);
    results.push(result);
    log(timesTable(`${result.name}; "reals" takes ${result.feeds}`, "us an item", 1000, result.contenders));
  }
  return results;
}
