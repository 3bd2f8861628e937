import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { denoEnvironment } from "../deno/rows.mjs";
import { withLambda } from "../lambda/emulator.mjs";
import { lambdaNode, missingLambdaNode } from "../lambda/rows.mjs";
import { packageVersion } from "../runner/packages.mjs";
import { freePort, run, withServer } from "../runner/processes.mjs";
import { askAt, classifyAll } from "./classify.mjs";

/** Examples that serve: the package of their runtime, and how `npm start` is told a port. */
const SERVERS = {
  worker: { of: "wrangler", args: (port) => ["--port", port] },
  deno: { of: "deno", env: (port) => ({ PORT: port }) },
  bun: { of: "bun", env: (port) => ({ PORT: port }) },
  hono: { of: "hono", env: (port) => ({ PORT: port }) },
};
const QUIET = { CI: "1", WRANGLER_SEND_METRICS: "false" };

/** The examples as a user would start them, each asked for every sample digit. */
export function exampleRows({ cache }) {
  const row = (name, of, report) => ({
    runtime: `example ${name}`,
    packages: true,
    run: async (context) => ({
      version: `${of} ${packageVersion(cache, of)}`,
      report: await report({ ...context, example: await stageExample(name, context) }),
    }),
  });
  const servers = Object.entries(SERVERS).map(([name, server]) => row(name, server.of, reportOf(server)));
  const lambda = { ...row("lambda", "esbuild", reportOfLambda), missing: () => missingLambdaNode(cache) };
  return [...servers, lambda];
}

/** Copies an example, with a model where its page says that one goes. */
export async function stageExample(name, { root, folder }, modelFolder = ".") {
  const example = join(folder, "examples", name);
  cpSync(join(root, "examples", name), example, { recursive: true });
  const { models } = await import(pathToFileURL(join(folder, "shared/assets.mjs")).href);
  const model = Buffer.from(models["mnist-mlp"], "base64");
  writeFileSync(join(example, modelFolder, "mnist-mlp.safetensors"), model);
  return example;
}

function reportOf({ args = () => [], env = () => ({}) }) {
  return async (context) => {
    const port = String(await freePort());
    const server = {
      command: "npm",
      args: ["start", "--", ...args(port)],
      cwd: context.example,
      env: { ...QUIET, ...denoEnvironment(context.cache), ...env(port) },
      address: `http://127.0.0.1:${port}/`,
    };
    return withServer(server, (address) => classifyAll(askAt(address), context));
  };
}

async function reportOfLambda(context) {
  const { cache, example, folder } = context;
  await run("npm", ["run", "build"], { cwd: example });
  const lambda = {
    node: lambdaNode(cache),
    taskRoot: join(example, "out"),
    handler: "handler.handler",
    bootstrap: join(folder, "lambda/bootstrap.mjs"),
  };
  return withLambda(lambda, (invoke) => {
    return classifyAll(async (pixels) => {
      const { statusCode, body } = await invoke({ body: pixels.toString("base64"), isBase64Encoded: true });
      return { status: statusCode, value: JSON.parse(body) };
    }, context);
  });
}
