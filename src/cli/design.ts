import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Command } from "commander";
import { parseDesign } from "../design/config.ts";
import { reportPage } from "../design/html/page.ts";
import { openQueue } from "../design/queue/dispatcher.ts";
import { serveQueue } from "../design/queue/serve.ts";
import { rebuild } from "../design/rebuild.ts";
import type { DesignReport, Figures } from "../design/report.ts";
import { design, reportFiles } from "../design/run.ts";
import { OptionError } from "../errors.ts";
import { showDesign } from "./design-display.ts";
import { checkWritable, writeWhole } from "./files.ts";
import { parseCount } from "./numbers.ts";
import { percent } from "./percent.ts";
import { formatTable } from "./table.ts";

interface DesignArguments {
  readonly data?: string;
  readonly out?: string;
  readonly workers: number;
  readonly resume?: boolean;
  readonly rebuild?: boolean;
  readonly queue?: string;
  readonly worker?: string;
  readonly json?: boolean;
}

/** Adds `circulant design`. */
export function addDesign(program: Command): void {
  program
    .command("design")
    .description("search block sizes, bits of weights and engines for a target; write the Pareto set and a report")
    .argument("[config]", "configuration in JSON, or with --rebuild the point.json of a point")
    .option("--data <dir>", "folder of IDX files, CIFAR-10 batches or PNG images")
    .option("--out <path>", "folder of the run, or with --rebuild the model file")
    .option("--workers <n>", "jobs at a time", parseCount, Math.max(1, cpus().length))
    .option("--resume", "go on with the run in --out")
    .option("--rebuild", "make the model of a point again, to the byte")
    .option("--queue <url>", "hand the jobs to workers behind a queue on Redis, as in redis://host:6379")
    .option("--worker <url>", "be such a worker, with --data and --workers")
    .option("--json", "print the report as JSON")
    .action(runDesign);
}

async function runDesign(file: string | undefined, args: DesignArguments): Promise<void> {
  const data = needed(args.data, "data", "--data with the folder of the images");
  if (args.worker !== undefined) return serve(args.worker, data, args.workers);
  const path = needed(file, "config", "a configuration's file");
  const out = needed(args.out, "out", "--out with a place to write to");
  const abort = new AbortController();
  const onInterrupt = () => abort.abort(new Interrupted());
  process.once("SIGINT", onInterrupt);
  const display = showDesign(process.stderr.isTTY === true, (line) => process.stderr.write(line));
  const common = { data, signal: abort.signal };
  try {
    if (args.rebuild) {
      checkWritable(out);
      const onProgress = (job: string, { done }: { readonly done: number }) =>
        display.progress({ job, done, before: 0, finished: 0, jobs: 1 });
      const model = await rebuild(readJson(path), { ...common, threads: Math.min(4, args.workers), onProgress });
      display.stop();
      writeWhole(out, model);
      process.stdout.write(`${out}: ${model.length} bytes, the same as in the run\n`);
      return;
    }
    const { workers, resume } = args;
    const config = parseDesign(readJson(path));
    const queue = args.queue === undefined ? {} : { dispatcher: await openQueue(args.queue, config) };
    const options = { ...common, out, workers, resume, onProgress: display.progress, ...queue };
    const report = await design(config, options);
    display.stop();
    writeReport(out, report);
    process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : format(out, report));
  } catch (error) {
    display.stop();
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`stopped; ${out} holds all finished jobs, --resume goes on from them\n`);
    process.exitCode = 130;
  } finally {
    process.removeListener("SIGINT", onInterrupt);
  }
}

async function serve(url: string, data: string, workers: number): Promise<void> {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => abort.abort());
  process.stderr.write(`waiting for jobs at ${url}\n`);
  const onJob = (id: string, state: string) => process.stderr.write(`${id}: ${state}\n`);
  await serveQueue(url, { data, workers, signal: abort.signal, onJob });
}

class Interrupted extends Error {}

function needed(value: string | undefined, option: string, expected: string): string {
  if (value !== undefined) return value;
  throw new OptionError(`${option}: expected ${expected}, got nothing`, { option });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new OptionError(`${file}: expected a file in JSON, got ${(cause as Error).message}`, { option: "config" });
  }
}

function writeReport(out: string, report: DesignReport): void {
  const { json, html } = reportFiles(out);
  writeWhole(json, `${JSON.stringify(report, null, 1)}\n`);
  writeWhole(html, reportPage(report));
}

function format(out: string, report: DesignReport): string {
  const { points, rivals, beats } = report;
  const head = [
    "point",
    "test",
    "bytes",
    "us",
    "cycles",
    "multipliers",
    "memory bits",
    "nJ, estimate",
    "front",
    "misses",
  ];
  const figures = ({ accuracy, bytes, microseconds, cycles, multipliers, memoryBits, nanojoules }: Figures) => [
    ...[percent(accuracy), bytes, microseconds.toFixed(2), cycles, multipliers, memoryBits, nanojoules.toFixed(0)],
  ];
  const rows = [
    ...points.map((point) => [point.id, ...figures(point), point.pareto ? "yes" : "", point.misses.join(", ")]),
    ...rivals.map((rival) => [`${rival.name}, shipped`, ...figures(rival), "", ""]),
  ];
  const lines = beats.map(
    ({ point, rival, axes }) => `${point} answers as ${rival} or better with fewer ${axes.join(", ")}`,
  );
  const { html, json } = reportFiles(out);
  return [formatTable(head, rows), ...lines, `${html}, ${json}: ${points.length} points`, ""].join("\n");
}
