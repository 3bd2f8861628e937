import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import binaryen from "binaryen";
import { openCompiled } from "../../src/rtl/simulate/compiled.ts";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { elaborateNetlist } from "../../src/rtl/simulate/yosys.ts";
import { checkerCampaign } from "./checker-main.ts";
import { checkerMutants } from "./checker-mutants.ts";
import { type Clock, CYCLES, engineTarget } from "./engine.ts";
import { executioner, netlistMutants, type Verdict } from "./netlist-mutants.ts";
import { report } from "./report.ts";
import { compileMutant, killerOf, readElaborated, type Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SEED = 20261125;
const FOLDER = fileURLToPath(new URL("../../build/mutate", import.meta.url));

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    only: { type: "string" },
    sample: { type: "string" },
    workers: { type: "string", default: "2" },
    record: { type: "boolean", default: false },
    worker: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});

export interface Result {
  readonly id: string;
  readonly verdict: Verdict;
  readonly by?: string;
  /** Of the checks that it survived. */
  readonly checks?: string;
}

const netlistFile = (target: Target) => `${FOLDER}/${target.name}.json`;

/** The netlist of a target, kept in the build folder under the digest of its Verilog. */
async function netlistOf(target: Target): Promise<string> {
  const { design } = target;
  const stamp = createHash("sha256")
    .update(JSON.stringify([design.sources, design.parameters, design.top]))
    .digest("hex");
  const [file, stampFile] = [netlistFile(target), `${netlistFile(target)}.stamp`];
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return readFileSync(file, "utf8");
  const json = await elaborateNetlist(design.sources, design.top, design.parameters);
  writeFileSync(file, json);
  writeFileSync(stampFile, stamp);
  return json;
}

/** Results of earlier runs on this netlist; those that survived other checks are tried again. */
function earlier(file: string, checks: string): Map<string, Result> {
  if (!existsSync(file)) return new Map();
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .filter((row) => row.endsWith("}"));
  const results = rows.map((row) => JSON.parse(row) as Result);
  const kept = results.filter(({ verdict, checks: of }) => verdict !== "survived" || of === checks);
  return new Map(kept.map((result) => [result.id, result]));
}

const bundle = () =>
  createHash("sha256")
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest("hex")
    .slice(0, 16);

async function campaign(make: () => Target): Promise<void> {
  const target = make();
  const json = await netlistOf(target);
  const elaborated = readElaborated(json, SEED);
  const wrong = await killerOf(compileMutant(elaborated.netlist, target.design, binaryen), target);
  if (wrong !== undefined) throw new Error(`${target.name}: expected the design itself to pass, got ${wrong}`);
  const all = netlistMutants(elaborated, target).filter(({ id }) => id.includes(values.only ?? ""));
  const mutants = values.sample === undefined ? all : sampled(all, Number(values.sample));
  const digest = createHash("sha256").update(json).digest("hex").slice(0, 16);
  const file = `${FOLDER}/${target.name}-${digest}.jsonl`;
  const results = earlier(file, bundle());
  const todo = mutants.filter(({ id }) => !results.has(id)).map(({ id }) => id);
  const progress = progressOf(target.name, todo.length);
  const finish = (result: Result) => {
    results.set(result.id, result);
    appendFileSync(file, `${JSON.stringify(result)}\n`);
    progress();
  };
  const queue = [...todo];
  await Promise.all(Array.from({ length: Number(values.workers) }, () => runWorker(target.name, queue, finish)));
  const ok = report(
    target.name,
    mutants.map(({ id }) => results.get(id)).filter((it) => it !== undefined),
  );
  if (!ok) process.exitCode = 1;
}

function sampled<T>(all: readonly T[], count: number): T[] {
  const step = all.length / count;
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor(i * Math.max(1, step))]);
}

/** A process that takes mutants from the queue until it is empty. */
function runWorker(name: string, queue: string[], finish: (result: Result) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (queue.length === 0) return resolve();
    const child = fork(fileURLToPath(import.meta.url), ["--worker", "--target", name], { execArgv: [] });
    child.on("message", (message: Result | "ready") => {
      if (message !== "ready") finish(message);
      const next = queue.shift();
      if (next === undefined) child.disconnect();
      else child.send(next);
    });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

async function work(target: Target): Promise<void> {
  setPriority(15);
  const elaborated = readElaborated(readFileSync(netlistFile(target), "utf8"), SEED);
  const mutants = new Map(netlistMutants(elaborated, target).map((mutant) => [mutant.id, mutant]));
  const execute = executioner(elaborated, target, binaryen);
  const checks = bundle();
  process.on("message", async (id: string) => {
    const mutant = mutants.get(id);
    if (mutant) process.send?.({ id, ...(await execute(mutant)), checks });
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

/** Writes the cycles of the right engine. */
async function record(): Promise<void> {
  const cycles: Record<string, number> = {};
  const clock: Clock = (name, count) => {
    cycles[name] = count;
    return undefined;
  };
  const target = engineTarget(undefined, clock);
  const elaborated = readElaborated(await netlistOf(target), SEED);
  const wrong = await killerOf(compileMutant(elaborated.netlist, target.design, binaryen), target);
  if (wrong !== undefined) throw new Error(`${target.name}: ${wrong}`);
  writeFileSync(CYCLES, `${JSON.stringify(cycles, null, 2)}\n`);
}

/** A simulation that is built here, without the package's cache. */
async function openBare(design: Design): Promise<Simulation> {
  const json = await elaborateNetlist(design.sources, design.top, design.parameters);
  return openCompiled(compileMutant(readElaborated(json, SEED).netlist, design, binaryen));
}

/** Mutants of the comparison. */
async function checker(): Promise<void> {
  setPriority(15);
  const mutants = checkerMutants().filter(({ id }) => id.includes(values.only ?? ""));
  const digest = createHash("sha256")
    .update(mutants.map(({ text }) => text).join())
    .digest("hex")
    .slice(0, 16);
  const file = `${FOLDER}/checker-${digest}.jsonl`;
  const checks = bundle();
  const results = earlier(file, checks);
  const todo = mutants.filter(({ id }) => !results.has(id));
  const progress = progressOf("checker", todo.length);
  await checkerCampaign(openBare, todo, (id, result) => {
    results.set(id, { id, ...result, checks });
    appendFileSync(file, `${JSON.stringify({ id, ...result, checks })}\n`);
    progress();
  });
  if (!report("checker", [...results.values()])) process.exitCode = 1;
}

/** Says how many of a number of mutants are done, and how long the rest will take. */
function progressOf(name: string, total: number): () => void {
  const started = performance.now();
  let done = 0;
  return () => {
    done++;
    const left = ((performance.now() - started) / 1000 / done) * (total - done);
    if (done % 20 !== 0 && done !== total) return;
    process.stderr.write(`${name}: ${done} of ${total} mutants, ${Math.ceil(left)} s left\n`);
  };
}

mkdirSync(FOLDER, { recursive: true });
const wanted = TARGETS.filter(({ name }) => values.target === undefined || values.target === name);
const isChecker = values.target === undefined || values.target === "checker";
if (wanted.length === 0 && !isChecker) {
  throw new Error(`--target: expected checker, ${TARGETS.map(({ name }) => name).join(", ")}`);
}
if (values.record) await record();
else if (values.worker) await work(wanted[0].make());
else {
  if (isChecker) await checker();
  for (const { make } of wanted) await campaign(make);
}
