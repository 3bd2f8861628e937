import { join } from "node:path";
import { runForJson } from "../runner/processes.mjs";
import { repeat } from "../runner/repeat.mjs";
import { versionOf } from "../runner/tools.mjs";

const MAJORS = [20, 22, 24, 26];
const ENTRIES = {
  import: ["shared/suite-program.mjs", "shared/first-program.mjs"],
  "require()": ["node/suite-program.cjs", "node/first-program.cjs"],
};

/** Each Node with `import` and with `require()`, and the Node that runs this. */
export function nodeRows({ cache }) {
  const nodes = MAJORS.map((major) => [`Node ${major}`, join(cache, `node_modules/node-${major}/bin/node`)]);
  const rows = nodes.flatMap(([name, path]) => {
    return Object.entries(ENTRIES).map(([entry, programs]) => ({
      ...nodeRow(`${name}, ${entry}`, path, programs),
      packages: true,
    }));
  });
  return [nodeRow("this Node", process.execPath, ENTRIES.import), ...rows];
}

/** A row that runs two programs of the stage: one prints the suite's report, one the first inference. */
export function nodeRow(runtime, path, [suite, first]) {
  return {
    runtime,
    async run({ folder, repeats }) {
      const report = await runForJson(path, [suite], { cwd: folder });
      const firsts = await repeat(repeats, () => runForJson(path, [first], { cwd: folder }));
      return {
        version: versionOf(path),
        engine: `V8 ${versionOf(path, /\d[\d.]+/, ["-p", "process.versions.v8"])}`,
        report,
        firsts,
      };
    },
  };
}
