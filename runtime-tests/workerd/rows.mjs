import { packageVersion } from "../runner/packages.mjs";
import { reportOfServer } from "../runner/served.mjs";
import { stageWorker, workerdPath } from "./bundle.mjs";

export function workerdRows() {
  return [
    {
      runtime: "workerd",
      packages: true,
      async run(context) {
        const { cache, repeats } = context;
        const cwd = await stageWorker(context, "workerd/worker.mjs", "workerd/out");
        const server = (port) => ({
          command: workerdPath(cache),
          args: ["serve", "config.capnp", "-s", `http=127.0.0.1:${port}`],
          cwd,
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
