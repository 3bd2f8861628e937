import { join } from "node:path";
import { runForJson } from "../runner/processes.mjs";
import { repeat } from "../runner/repeat.mjs";
import { versionOf } from "../runner/tools.mjs";

/** No permission of any kind, and no question asked. */
const ARGUMENTS = ["run", "--no-prompt", "--quiet", "--node-modules-dir=manual"];

export function denoRows({ cache }) {
  return [
    {
      runtime: "Deno, no permissions",
      packages: true,
      async run({ folder, repeats }) {
        const deno = denoPath(cache);
        const act = (program) =>
          runForJson(deno, [...ARGUMENTS, program], { cwd: folder, env: denoEnvironment(cache) });
        const report = await act("shared/suite-program.mjs");
        const firsts = await repeat(repeats, () => act("shared/first-program.mjs"));
        return {
          version: versionOf(deno, /(?<=deno )\S+/),
          engine: `V8 ${versionOf(deno, /(?<=v8 )\S+/)}`,
          report,
          firsts,
        };
      },
    },
  ];
}

export const denoPath = (cache) => join(cache, "node_modules/deno/deno");

/** Deno keeps what it compiles in a folder of the cache and asks for no update. */
export const denoEnvironment = (cache) => ({ DENO_DIR: join(cache, "deno"), DENO_NO_UPDATE_CHECK: "1" });
