import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { CheckerData } from "./checker-data.ts";
import type { Verdict } from "./netlist-mutants.ts";
import { type TextMutant, TYPESCRIPT_OPERATORS, textMutants } from "./text-operators.ts";

/** What compares: each must find every planted fault. */
const CHECKER = [
  "src/conform/compare.ts",
  "src/conform/conform.ts",
  "src/conform/trace.ts",
  "src/conform/verify.ts",
  "src/rtl/trace.ts",
];

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** A mutant that has not answered by then hangs. */
const PATIENCE_MS = 60_000;

export type CheckerMutant = TextMutant & { readonly file: string };

export function checkerMutants(): CheckerMutant[] {
  return CHECKER.flatMap((file) => {
    const text = readFileSync(`${ROOT}${file}`, "utf8");
    return textMutants(file, text, TYPESCRIPT_OPERATORS).map((mutant) => ({ ...mutant, file }));
  });
}

/** Runs the planted faults on a mutant in a thread of its own. */
export async function executeChecker(
  { file, text }: CheckerMutant,
  data: CheckerData,
): Promise<{ verdict: Verdict; by?: string }> {
  const code = await bundleWith(`${ROOT}${file}`, text).catch(() => undefined);
  if (code === undefined) return { verdict: "stillborn" };
  const by = await answerOf(code, data);
  return by === "" ? { verdict: "survived" } : { verdict: "killed", by: by.slice(0, 100) };
}

async function bundleWith(path: string, contents: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}test/mutation/checker-worker.ts`],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
    logLevel: "silent",
    plugins: [
      {
        name: "mutant",
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents, loader: "ts" } : undefined));
        },
      },
    ],
  });
  return outputFiles[0].text;
}

function answerOf(code: string, data: CheckerData): Promise<string> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: data });
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle("hangs"), PATIENCE_MS);
    const settle = (answer: string) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(answer);
    };
    worker.once("message", settle);
    worker.once("error", (error) => settle(error.message || "an error"));
  });
}
