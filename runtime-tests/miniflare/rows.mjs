import { packageVersion } from "../runner/packages.mjs";
import { reportOfServer } from "../runner/served.mjs";
import { bundleWorker } from "../workerd/bundle.mjs";

export function miniflareRows() {
  return [
    {
      runtime: "Miniflare",
      packages: true,
      async run(context) {
        const { cache, folder, repeats } = context;
        const { outdir, modules } = await bundleWorker(context, "miniflare/out");
        const server = (port) => ({
          command: process.execPath,
          args: ["miniflare/serve.mjs", outdir, String(port), JSON.stringify(modules)],
          cwd: folder,
        });
        const version = packageVersion(cache, "miniflare");
        return {
          version,
          engine: `workerd ${packageVersion(cache, "workerd")}`,
          ...(await reportOfServer(server, repeats)),
        };
      },
    },
  ];
}
