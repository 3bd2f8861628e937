import { readFileSync } from "node:fs";
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
        const file = join(folder, "vitest-workerd/report.json");
        const config = join(folder, "vitest-workerd/vitest.config.mjs");
        const args = [vitest, "run", "--config", config, "--reporter=json", `--outputFile=${file}`];
        await run(process.execPath, args, { cwd: folder, env: { CI: "1" } });
        const [{ assertionResults }] = JSON.parse(readFileSync(file, "utf8")).testResults;
        const [{ report }] = assertionResults.map(({ meta }) => meta);
        const version = packageVersion(cache, "@cloudflare/vitest-pool-workers");
        return { version, engine: `workerd ${packageVersion(cache, "workerd")}`, report };
      },
    },
  ];
}
