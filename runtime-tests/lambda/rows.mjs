import { join } from "node:path";
import { missingNode, nodePath } from "../node/rows.mjs";
import { load, packageVersion } from "../runner/packages.mjs";
import { repeat } from "../runner/repeat.mjs";
import { versionOf } from "../runner/tools.mjs";
import { withLambda } from "./emulator.mjs";

/** The platform's newest Node but one. */
const NODE = 22;

export function lambdaRows({ cache }) {
  return [
    {
      runtime: "Lambda handler, Runtime API",
      packages: true,
      missing: () => missingLambdaNode(cache),
      async run({ folder, repeats }) {
        const taskRoot = join(folder, "lambda/out");
        const { build } = load(cache, "esbuild");
        await build({
          entryPoints: [join(folder, "lambda/handler.mjs")],
          outdir: taskRoot,
          outExtension: { ".js": ".mjs" },
          bundle: true,
          splitting: true,
          platform: "node",
          format: "esm",
          minify: true,
          logLevel: "error",
        });
        const node = lambdaNode(cache);
        const lambda = { node, taskRoot, handler: "handler.handler", bootstrap: join(folder, "lambda/bootstrap.mjs") };
        const report = await withLambda(lambda, (invoke) => invoke({ path: "/suite" }));
        const firsts = await repeat(repeats, () => withLambda(lambda, (invoke) => invoke({ path: "/first" })));
        return {
          version: `Node ${versionOf(node)}`,
          engine: `V8, esbuild ${packageVersion(cache, "esbuild")}`,
          report,
          firsts,
        };
      },
    },
  ];
}

export const lambdaNode = (cache) => nodePath(cache, NODE);
export const missingLambdaNode = (cache) => missingNode(cache, NODE);
