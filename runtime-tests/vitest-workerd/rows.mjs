import { join } from "node:path";
import { packageVersion } from "../runner/packages.mjs";
import { run } from "../runner/processes.mjs";

export function vitestWorkerdRows({ cache }) {
  return [
    {
      runtime: "vitest inside workerd",
      packages: true,
      async run({ folder }) {
        const vitest = join(cache, "node_modules/vitest/vitest.mjs");
        const stdout = await run(process.execPath, [vitest, "run", "--config", join(folder, "vitest-workerd/vitest.config.mjs")], {
          cwd: join(folder, "vitest-workerd"),
          env: { CI: "1" },
        });
        const report = JSON.parse(stdout.match(/^REPORT (.*)$/m)[1]);
        const version = packageVersion(cache, "@cloudflare/vitest-pool-workers");
        return { version, engine: `workerd ${packageVersion(cache, "workerd")}`, report };
      },
    },
  ];
}
