import { join } from "node:path";
import { runForJson } from "../runner/processes.mjs";
import { repeat } from "../runner/repeat.mjs";
import { versionOf } from "../runner/tools.mjs";

export function bunRows({ cache }) {
  return [
    {
      runtime: "Bun",
      packages: true,
      async run({ folder, repeats }) {
        const bun = bunPath(cache);
        const act = (program) => runForJson(bun, ["run", program], { cwd: folder });
        const report = await act("shared/suite-program.mjs");
        const firsts = await repeat(repeats, () => act("shared/first-program.mjs"));
        return { version: versionOf(bun), engine: "JavaScriptCore", report, firsts };
      },
    },
  ];
}

export const bunPath = (cache) => join(cache, "node_modules/bun/bin/bun.exe");
