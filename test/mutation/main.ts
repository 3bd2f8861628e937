import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import binaryen from "binaryen";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { elaborateNetlist } from "../../src/rtl/simulate/yosys.ts";
import { checkerCampaign } from "./checker-main.ts";
import { checkerMutants } from "./checker-mutants.ts";
import { type Clock, CYCLES, engineTarget } from "./engine.ts";
import { executioner, netlistMutants, type Verdict } from "./netlist-mutants.ts";
import { explanations, report } from "./report.ts";
import { compileMutant, killerOf, openMutant, readElaborated, type Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SEED = 20261125;
const FOLDER = fileURLToPath(new URL("../../build/mutate", import.meta.url));

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    only: { type: "string" },
    sample: { type: "string" },
    part: { type: "string", default: "1/1" },
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

/** Results of earlier runs on this netlist; those that survived other checks than these are left out. */
function earlier(file: string, checks?: string): Map<string, Result> {
  if (!existsSync(file)) return new Map();
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .filter((row) => row.endsWith("}"));
  const results = rows.map((row) => JSON.parse(row) as Result);
  const kept = results.filter(
    ({ verdict, checks: of }) => checks === undefined || verdict !== "survived" || of === checks,
  );
  return new Map(kept.map((result) => [result.id, result]));
}

const digestOf = (text: string | Buffer) => createHash("sha256").update(text).digest("hex").slice(0, 16);
const bundle = () => digestOf(readFileSync(fileURLToPath(import.meta.url)));

async function campaign(make: () => Target): Promise<void> {
  const target = make();
  const json = await netlistOf(target);
  const elaborated = readElaborated(json, SEED);
  const wrong = await killerOf(compileMutant(elaborated.netlist, target.design, binaryen), target);
  if (wrong !== undefined) throw new Error(`${target.name}: expected the design itself to pass, got ${wrong}`);
  const whole = netlistMutants(elaborated, target);
  const total = whole.length;
  const [part, parts] = values.part.split("/").map(Number);
  const all = whole.filter(({ id }, i) => i % parts === part - 1 && id.includes(values.only ?? ""));
  const mutants = values.sample === undefined ? all : sampled(all, Number(values.sample));
  const file = `${FOLDER}/${target.name}-${digestOf(json)}.jsonl`;
  const [results, tried] = [earlier(file, bundle()), earlier(file)];
  const explained = explanations(target.name);
  const rank = (id: string) => (!tried.has(id) ? 0 : explained(id) ? 2 : 1);
  // A third first that is spread over all.
  const spread = [0, 1, 2].flatMap((third) => mutants.filter((_, i) => i % 3 === third).map(({ id }) => id));
  const todo = spread.filter((id) => !results.has(id));
  todo.sort((a, b) => rank(a) - rank(b));
  const progress = progressOf(target.name, todo.length);
  const finish = (result: Result) => {
    results.set(result.id, result);
    appendFileSync(file, `${JSON.stringify(result)}\n`);
    progress();
  };
  const queue = [...todo];
  await Promise.all(Array.from({ length: Number(values.workers) }, () => runWorker(target.name, queue, finish)));
  const judged = mutants.flatMap(({ id, place, faultClass }) => {
    const result = results.get(id);
    return result ? [{ ...result, module: place.file, faultClass }] : [];
  });
  const digest = digestOf(JSON.stringify(target.design.sources));
  if (!report(target.name, judged, digest, mutants.length === total)) process.exitCode = 1;
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
  return openMutant(compileMutant(readElaborated(json, SEED).netlist, design, binaryen));
}

/** Mutants of the comparison. */
async function checker(): Promise<void> {
  setPriority(15);
  const whole = checkerMutants();
  const digest = digestOf(whole.map(({ text }) => text).join());
  const mutants = whole.filter(({ id }) => id.includes(values.only ?? ""));
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
  const judged = mutants.flatMap(({ id, file: module }) => {
    const result = results.get(id);
    return result ? [{ ...result, module }] : [];
  });
  if (!report("checker", judged, digest, mutants.length === whole.length)) process.exitCode = 1;
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
