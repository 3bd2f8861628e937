import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askAt, classifyAll } from "../examples/classify.mjs";
import { stageExample } from "../examples/rows.mjs";
import { packageVersion } from "../runner/packages.mjs";
import { freePort, run, withServer } from "../runner/processes.mjs";
import { reportOfServer } from "../runner/served.mjs";
import { install } from "../runner/stage.mjs";

const QUIET = { CI: "1", NEXT_TELEMETRY_DISABLED: "1" };

/** An edge route of Next.js with the suite, and the example; one build has both. */
export function nextRows({ cache }) {
  const home = join(cache, "next");
  let built;
  const server = (app) => (port) => ({
    command: process.execPath,
    args: [nextBin(home), "start", "-p", String(port)],
    cwd: app,
    env: QUIET,
  });
  const build = (context) => {
    built ??= buildApp(home, context);
    return built;
  };
  const row = (runtime, act) => ({
    runtime,
    async run(context) {
      const app = await build(context);
      const version = packageVersion(home, "next");
      return { version, engine: `V8 ${process.versions.v8}`, ...(await act(server(app), context)) };
    },
  });
  return [
    row("Next.js edge route", (server, { repeats }) => reportOfServer(server, repeats)),
    row("example next", async (server, context) => {
      const port = await freePort();
      const address = `http://127.0.0.1:${port}/classify`;
      const report = await withServer({ ...server(port), address }, () => classifyAll(askAt(address), context));
      return { report };
    }),
  ];
}

const nextBin = (home) => join(home, "node_modules/next/dist/bin/next");

/** The example with the suite's routes beside its own, under a folder that has Next.js. */
async function buildApp(home, context) {
  const { root, folder } = context;
  await install(join(root, "runtime-tests/next"), home);
  const app = join(home, "app");
  rmSync(app, { recursive: true, force: true });
  cpSync(await stageExample("next", context, "public"), app, { recursive: true });
  cpSync(join(folder, "node_modules/circulant"), join(app, "node_modules/circulant"), {
    recursive: true,
    dereference: true,
  });
  cpSync(join(folder, "shared"), join(app, "shared"), { recursive: true });
  mkdirSync(join(app, "app/[path]"));
  cpSync(join(folder, "next/route.js"), join(app, "app/[path]/route.js"));
  await run(process.execPath, [nextBin(home), "build"], { cwd: app, env: QUIET, seconds: 900 });
  return app;
}
