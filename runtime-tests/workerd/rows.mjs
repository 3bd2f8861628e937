import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../runner/packages.mjs";
import { reportOfServer } from "../runner/served.mjs";
import { bundleWorker } from "./bundle.mjs";

export function workerdRows() {
  return [
    {
      runtime: "workerd",
      packages: true,
      async run(context) {
        const { cache, repeats } = context;
        const { outdir, modules } = await bundleWorker(context, "workerd/out");
        writeFileSync(join(outdir, "config.capnp"), configuration(modules));
        const server = (port) => ({
          command: join(cache, "node_modules/workerd-newest/bin/workerd"),
          args: ["serve", "config.capnp", "-s", `http=127.0.0.1:${port}`],
          cwd: outdir,
        });
        return {
          version: packageVersion(cache, "workerd-newest"),
          engine: "V8",
          ...(await reportOfServer(server, repeats)),
        };
      },
    },
  ];
}

function configuration(modules) {
  const list = modules.map(({ name, kind }) => `(name = "${name}", ${kind} = embed "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [${list.join(", ")}],
  compatibilityDate = "2026-03-01"
);
`;
}
