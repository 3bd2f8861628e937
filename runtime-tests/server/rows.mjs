import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bunPath } from "../bun/rows.mjs";
import { denoEnvironment, denoPath } from "../deno/rows.mjs";
import { packageVersion } from "../runner/packages.mjs";
import { freePort, withServer } from "../runner/processes.mjs";
import { versionOf } from "../runner/tools.mjs";
import { stageWorker, workerdPath } from "../workerd/bundle.mjs";
import { digestsOfServer } from "./ask.mjs";

/** circulant/server where it says that it runs, and the command of the installed package, asked over HTTP. */
export function serverRows({ cache }) {
  return [
    {
      runtime: "circulant serve, installed",
      installs: true,
      async run(context) {
        const server = async (port) => ({
          command: join(context.installed, "node_modules/.bin/circulant"),
          args: ["serve", ...(await writeModels(context)), "--port", String(port)],
        });
        return {
          version: process.versions.node,
          engine: `V8 ${process.versions.v8.split("-")[0]}`,
          ...(await ask(server, context)),
        };
      },
    },
    {
      runtime: "circulant/server in Deno",
      packages: true,
      async run(context) {
        const deno = denoPath(cache);
        const server = (port) => ({
          command: deno,
          args: [
            "run",
            "--allow-net=127.0.0.1",
            "--quiet",
            "--node-modules-dir=manual",
            "server/deno.mjs",
            String(port),
          ],
          cwd: context.folder,
          env: denoEnvironment(cache),
        });
        return { version: versionOf(deno, /(?<=deno )\S+/), engine: "V8", ...(await ask(server, context)) };
      },
    },
    {
      runtime: "circulant/server in Bun",
      packages: true,
      async run(context) {
        const bun = bunPath(cache);
        const server = (port) => ({
          command: bun,
          args: ["run", "server/bun.mjs", String(port)],
          cwd: context.folder,
        });
        return { version: versionOf(bun), engine: "JavaScriptCore", ...(await ask(server, context)) };
      },
    },
    {
      runtime: "circulant/server in workerd",
      packages: true,
      async run(context) {
        const cwd = await stageWorker(context, "server/worker.mjs", "server/out");
        const server = (port) => ({
          command: workerdPath(cache),
          args: ["serve", "config.capnp", "-s", `http=127.0.0.1:${port}`],
          cwd,
        });
        return {
          version: packageVersion(cache, "workerd-newest"),
          engine: "V8",
          ...(await ask(server, context)),
        };
      },
    },
  ];
}

async function ask(server, context) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  return withServer({ ...(await server(port)), address: `${origin}/v2/health/ready` }, async () => {
    return { report: { digests: await digestsOfServer(origin, context) } };
  });
}

/** Writes the models of the stage as files. */
async function writeModels({ folder }) {
  const { models } = await import(pathToFileURL(join(folder, "shared/assets.mjs")).href);
  const to = join(folder, "server/models");
  mkdirSync(to, { recursive: true });
  return Object.entries(models).map(([name, text]) => {
    const file = join(to, `${name}.safetensors`);
    writeFileSync(file, Buffer.from(text, "base64"));
    return file;
  });
}
