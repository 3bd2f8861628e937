import type { Command } from "commander";
import type { Model } from "../model/model.ts";
import { engineCycles, PHASES, type PhaseCycles } from "../rtl/cycles.ts";
import { smallestParameters } from "../rtl/parameters.ts";
import { pipelineCycles, steadyStream } from "../rtl/pipeline/cycles.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { networkProgram } from "../rtl/program.ts";
import { addEngine, type EngineOptions } from "./engine-option.ts";
import { loadModel } from "./files.ts";
import { parseCount } from "./numbers.ts";
import { shapeOf } from "./pipeline-shape.ts";
import { formatTable } from "./table.ts";

interface CyclesOptions extends EngineOptions {
  readonly megahertz?: number;
  readonly json?: boolean;
}

/** What the model says of either engine, for people and as JSON. */
interface CyclesReport {
  /** From the first beat of a vector in to the last beat of its result out. */
  readonly latency: number;
  /** From one vector to the next in a steady stream. */
  readonly steady: number;
  readonly details: object;
  readonly lines: readonly string[];
}

/** Adds `circulant cycles`. */
export function addCycles(program: Command): void {
  const command = program
    .command("cycles")
    .description(
      "cycles of an engine for a model, by the exact model: in all, and for each operation and phase or unit",
    )
    .argument("<model>", "model file");
  addEngine(command)
    .option("--megahertz <n>", "clock, assumed, for times", parseCount)
    .option("--json", "print as JSON")
    .action(runCycles);
}

function runCycles(file: string, options: CyclesOptions): void {
  const { engine, megahertz, json } = options;
  const { model } = loadModel(file);
  const { latency, steady, details, lines } =
    engine === "engine" ? reportEngine(model, options) : reportPipeline(model, options);
  const times = megahertz && {
    latency: milliseconds(latency, megahertz),
    steady: milliseconds(steady, megahertz),
  };
  if (json) {
    console.log(JSON.stringify({ engine, latency, steady, ...(times ? { milliseconds: times } : {}), ...details }));
    return;
  }
  for (const line of lines) console.log(line);
  const time = (name: "latency" | "steady") => (times ? `, ${times[name]} ms at ${megahertz} MHz` : "");
  console.log(`one vector: ${latency} cycles from the first beat in to the last beat out${time("latency")}`);
  console.log(`in a steady stream: ${Number(steady.toFixed(1))} cycles a vector${time("steady")}`);
}

/** Milliseconds of four figures. */
function milliseconds(cycles: number, megahertz: number): number {
  return Number((cycles / megahertz / 1000).toPrecision(4));
}

function reportEngine(model: Model, { lanes, megahertz }: CyclesOptions): CyclesReport {
  const program = networkProgram(model);
  const parameters = smallestParameters(program, lanes);
  const { total, steady, operations } = engineCycles(program, lanes);
  const rows = operations.map((phases, i) => ({ name: model.operations[i].name, phases }));
  const all = { name: "all", phases: operations.flat() };
  const used = PHASES.filter((phase) => all.phases.some((it) => it.phase === phase));
  const cells = (phases: readonly PhaseCycles[]) => {
    const cycles = [...used.map((phase) => cyclesOf(phases, phase)), cyclesOf(phases)];
    return cycles.map((count) => (count === 0 ? "" : count));
  };
  const times = (phases: readonly PhaseCycles[]) => (megahertz ? [milliseconds(cyclesOf(phases), megahertz)] : []);
  const table = [...rows, all].map(({ name, phases }) => [name, ...cells(phases), ...times(phases)]);
  if (megahertz) table.push(["ms", ...cells(all.phases).map((cycles) => milliseconds(Number(cycles), megahertz))]);
  return {
    latency: total,
    steady,
    details: {
      parameters,
      operations: rows.map(({ name, phases }, i) => ({
        name,
        op: model.operations[i].op,
        cycles: cyclesOf(phases),
        phases,
      })),
    },
    lines: [
      formatTable(["operation", ...used, "all", ...(megahertz ? ["ms"] : [])], table),
      `${lanes} complex multipliers, one vector at a time`,
    ],
  };
}

/** Cycles of a phase, or of all. */
function cyclesOf(phases: readonly PhaseCycles[], phase?: string): number {
  return phases.reduce((sum, it) => (phase === undefined || it.phase === phase ? sum + it.cycles : sum), 0);
}

function reportPipeline(model: Model, options: CyclesOptions): CyclesReport {
  const program = pipelineProgram(networkProgram(model), { shape: shapeOf(options), slots: options.slots });
  const one = pipelineCycles(program, 1);
  const { cycles: steady, products } = steadyStream(program);
  const lanes = options.blocks * Number(options.paths);
  const counted = multipliers(program.parameters);
  const operations = one.jobs.map(({ job, read, product, inverse, done }) => {
    const { number, operation } = program.jobs[job].node;
    const name = number === undefined ? "copy" : model.operations[number].name;
    return { name, op: operation.op, read, product, inverse, done };
  });
  const span = (cycles?: readonly [number, number]) => (cycles ? `${cycles[0]} to ${cycles[1]}` : "");
  const rows = operations.map(({ name, read, product, inverse, done }) => {
    return [name, span(read), span(product), span(inverse), done];
  });
  return {
    latency: one.total,
    steady,
    details: { parameters: program.parameters, multipliers: counted, products, operations },
    lines: [
      formatTable(["operation", "reads, transforms", "products", "read back", "done"], rows),
      `${lanes} complex multipliers, ${counted.total} multipliers in all; products in ${(100 * products).toFixed(1)} % of the cycles`,
    ],
  };
}
