import { type Command, Option } from "commander";
import { type ProjectionMethod, type ProjectionReport, project } from "../compile/project.ts";
import { spreadImages } from "../data/images.ts";
import { OptionError } from "../errors.ts";
import { readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import type { TrainConfig } from "../train/config.ts";
import { fromNetwork } from "../train/from-network.ts";
import { normalise } from "../train/network.ts";
import { initialStatistics, layOut } from "../train/parameters.ts";
import { readRecipe } from "../train/recipe.ts";
import { toNetwork } from "../train/to-network.ts";
import { checkWritable, readBytes, writeWhole } from "./files.ts";
import { readLabelled } from "./inputs.ts";
import { parseCount } from "./numbers.ts";
import { progressBar } from "./progress.ts";
import { formatTable } from "./table.ts";

interface ProjectArguments {
  readonly recipe: string;
  readonly data: string;
  readonly out: string;
  readonly calibration: number;
  readonly method: ProjectionMethod;
  readonly json?: boolean;
}

/** Adds `circulant project`. */
export function addProject(program: Command): void {
  const methods = ["squares", "weighted", "mean"];
  program
    .command("project")
    .description("make a block-circulant network of a trained dense one, for circulant train --init to start from")
    .argument("<checkpoint>", "what circulant train wrote of the dense network")
    .requiredOption("--recipe <recipe>", "recipe of the same layers with the block sizes that are wanted")
    .requiredOption("--data <dir>", "folder of the training images, to measure on")
    .requiredOption("--out <file>", "checkpoint to write")
    .option("--calibration <n>", "training images to measure on", parseCount, 500)
    .addOption(new Option("--method <name>", "how blocks are found").choices(methods).default("squares"))
    .option("--json", "print the errors as JSON")
    .action(runProject);
}

function runProject(file: string, args: ProjectArguments): void {
  const dense = readCheckpoint(readBytes(file), file);
  const config = readRecipe(args.recipe);
  checkInput(dense.config, config);
  const shape = layOut(config);
  const target = toNetwork(config, shape, new Float32Array(shape.words), initialStatistics(shape));
  checkWritable(args.out);
  const set = readLabelled(args.data, "train", config);
  const images = spreadImages(set, args.calibration).map((image) => normalise(config.input, image));
  const bar = progressBar("operations", target.operations.length);
  const { method } = args;
  const onOperation = (done: number) => bar.update(done);
  const { network, layers } = project(dense.network, target, images, { method, onOperation });
  bar.stop();
  const { parameters, statistics } = fromNetwork(shape, network);
  const none = new Float32Array(shape.words);
  const vectors = { parameters, mean: none, square: none, average: parameters, statistics };
  writeWhole(args.out, writeCheckpoint({ config, data: dense.data, teacher: null, history: [], ...vectors }));
  const result = { checkpoint: args.out, images: images.length, method, layers };
  process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : formatErrors(args, layers));
}

function checkInput(dense: TrainConfig, config: TrainConfig): void {
  const [expected, got] = [JSON.stringify(dense.input), JSON.stringify(config.input)];
  if (expected === got) return;
  throw new OptionError(`recipe input: expected ${expected} as of the dense network, got ${got}`, { option: "recipe" });
}

function formatErrors({ out, method }: ProjectArguments, layers: readonly ProjectionReport[]): string {
  const rows = layers.map(({ name, in: inputs, k, errors, ...layer }) => [
    name,
    `${inputs} x ${layer.out}`,
    k,
    ...[errors.mean, errors.weighted, errors.squares].map((error) => error.toFixed(3)),
  ]);
  return [
    formatTable(["layer", "size", "block", "mean", "weighted mean", "least squares"], rows),
    "Error of the outputs on the training images over the spread of the dense layer's: 0 equal, 1 as bad as a constant.",
    `${out}: blocks by ${method}; circulant train ... --init ${out} goes on from it`,
    "",
  ].join("\n");
}
