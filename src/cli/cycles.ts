import type { Command } from "commander";
import { pipelineCycles, steadyStream } from "../rtl/pipeline/cycles.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { networkProgram } from "../rtl/program.ts";
import { loadModel } from "./files.ts";
import { parseCount } from "./numbers.ts";
import { addStream, type StreamOptions, shapeOf } from "./pipeline-shape.ts";
import { formatTable } from "./table.ts";

interface CyclesOptions extends StreamOptions {
  readonly megahertz?: number;
  readonly json?: boolean;
}

/** Adds `circulant cycles`. */
export function addCycles(program: Command): void {
  const command = program
    .command("cycles")
    .description(
      "cycles of the streaming engine for a model, by the exact model: in all, and for each operation and unit",
    )
    .argument("<model>", "model file");
  addStream(command)
    .option("--megahertz <n>", "clock, assumed, for times", parseCount)
    .option("--json", "print as JSON")
    .action(runCycles);
}

function runCycles(file: string, options: CyclesOptions): void {
  const { model } = loadModel(file);
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
  if (options.json) {
    const { parameters } = program;
    console.log(JSON.stringify({ parameters, latency: one.total, steady, multipliers: counted, operations }));
    return;
  }
  const span = (cycles?: readonly [number, number]) => (cycles ? `${cycles[0]} to ${cycles[1]}` : "");
  console.log(
    formatTable(
      ["operation", "reads, transforms", "products", "read back", "done"],
      operations.map(({ name, read, product, inverse, done }) => [
        name,
        span(read),
        span(product),
        span(inverse),
        done,
      ]),
    ),
  );
  const time = (cycles: number) =>
    options.megahertz === undefined
      ? ""
      : `, ${(cycles / options.megahertz).toFixed(2)} us at ${options.megahertz} MHz`;
  console.log(`${lanes} complex multipliers; ${counted.total} multipliers in all`);
  console.log(`one vector: ${one.total} cycles from the first beat in to the last beat out${time(one.total)}`);
  console.log(`in a steady stream: ${steady.toFixed(1)} cycles a vector${time(steady)}`);
  console.log(`products: ${(100 * products).toFixed(1)} % of the cycles`);
}
