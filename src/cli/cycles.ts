import { type Command, Option } from "commander";
import { pipelineCycles } from "../rtl/pipeline/cycles.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import { DEFAULT_SHAPE } from "../rtl/pipeline/parameters.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { networkProgram } from "../rtl/program.ts";
import { loadModel } from "./files.ts";
import { parseCount } from "./numbers.ts";
import { formatTable } from "./table.ts";

interface CyclesOptions {
  readonly paths: string;
  readonly blocks: number;
  readonly stream: string;
  readonly slots: number;
  readonly megahertz?: number;
  readonly json?: boolean;
}

/** Vectors of a steady stream, in rounds. */
const ROUNDS = 16;

/** Adds `circulant cycles`. */
export function addCycles(program: Command): void {
  program
    .command("cycles")
    .description(
      "cycles of the streaming engine for a model, by the exact model: in all, and for each operation and unit",
    )
    .argument("<model>", "model file")
    .addOption(new Option("--paths <n>", "locations a cycle").choices(["2", "4", "8"]).default("4"))
    .option("--blocks <n>", "output blocks at once", parseCount, DEFAULT_SHAPE.BLOCKS)
    .addOption(new Option("--stream <n>", "words of a beat").choices(["1", "2", "4", "8", "16"]).default("8"))
    .option("--slots <n>", "vectors that are interleaved", parseCount, 4)
    .option("--megahertz <n>", "clock, assumed, for times", parseCount)
    .option("--json", "print as JSON")
    .action(runCycles);
}

function runCycles(file: string, options: CyclesOptions): void {
  const { model } = loadModel(file);
  const shape = {
    LOG2_PATHS: Math.log2(Number(options.paths)),
    BLOCKS: options.blocks,
    LOG2_STREAM: Math.log2(Number(options.stream)),
  };
  const program = pipelineProgram(networkProgram(model), { shape, slots: options.slots });
  const one = pipelineCycles(program, 1);
  const count = ROUNDS * options.slots;
  const many = pipelineCycles(program, count);
  const steady = (many.times[count - 1] - many.times[count / 2 - 1]) / (count / 2);
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
  console.log(`products: ${((100 * many.busy.product) / many.total).toFixed(1)} % of the cycles`);
}
