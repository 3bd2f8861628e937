import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { CheckpointError } from "../errors.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import { parseConfig, type TrainConfig } from "../train/config.ts";
import { countParameters, trainFlops } from "../train/cost.ts";
import { drawCurve } from "../train/curve.ts";
import { evaluate } from "../train/evaluate.ts";
import { layOut } from "../train/parameters.ts";
import { dense, MNIST_MLP, readRecipe, SHIPPED_RECIPES } from "../train/recipe.ts";
import { checkTeacher } from "../train/teacher.ts";
import { train } from "../train/train.ts";
import { checkWritable, readBytes, writeWhole } from "./files.ts";
import { readLabelled } from "./inputs.ts";
import { parseCount, parseWhole } from "./numbers.ts";
import { percent } from "./percent.ts";
import { showBar, showLines } from "./train-display.ts";

interface TrainArguments {
  readonly data: string;
  readonly out: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly validation?: number;
  readonly teacher?: string;
  readonly init?: string;
  readonly resume?: boolean;
  readonly workers: number;
  readonly dense?: boolean;
  readonly json?: boolean;
}

/** Adds `circulant train`. */
export function addTrain(program: Command): void {
  program
    .command("train")
    .description("train a network on images; writes a checkpoint after every epoch")
    .argument("[recipe]", `a recipe's file or ${SHIPPED_RECIPES.join(", ")}; mnist-mlp if absent`)
    .requiredOption("--data <dir>", "folder of IDX files, CIFAR-10 batches or PNG images")
    .requiredOption("--out <file>", "checkpoint; its history (.json) and curve (.svg) go beside it")
    .option("--seed <n>", "seed in place of the recipe's", parseWhole)
    .option("--epochs <n>", "epochs in place of the recipe's", parseCount)
    .option("--validation <n>", "held-out images in place of the recipe's; 0 trains on all", parseWhole)
    .option("--workers <n>", "threads, 1 to 4; the result does not depend on it", parseCount, 2)
    .option("--teacher <file>", "checkpoint of a network to learn from, by the recipe's distillation")
    .option("--init <file>", "checkpoint of a network of the same layers to begin with, as of circulant project")
    .option("--resume", "go on from the checkpoint in --out")
    .option("--dense", "train the same network without blocks (k = 1)")
    .option("--json", "print the result as JSON")
    .action(runTrain);
}

async function runTrain(recipe: string | undefined, args: TrainArguments): Promise<void> {
  const resume = args.resume ? readCheckpoint(readFile(args.out), args.out) : undefined;
  const config = chooseConfig(recipe, args, resume);
  const teacher = args.teacher === undefined ? undefined : readCheckpoint(readBytes(args.teacher), args.teacher);
  checkTeacher(config, teacher);
  const init = args.init === undefined ? undefined : readCheckpoint(readBytes(args.init), args.init);
  checkWritable(args.out);
  const set = readLabelled(args.data, "train", config);
  const testSet = readLabelled(args.data, "test", config);
  const run = { epochs: config.epochs, begun: resume?.history.length ?? 0, batch: config.batch };
  const display = process.stderr.isTTY ? showBar(run) : showLines(run, (line) => process.stderr.write(line));
  const abort = new AbortController();
  const onInterrupt = () => abort.abort(new Interrupted());
  process.once("SIGINT", onInterrupt);
  const started = performance.now();
  try {
    const checkpoint = await train(config, set, {
      workers: args.workers,
      resume,
      init,
      teacher,
      signal: abort.signal,
      onProgress: display.progress,
      onEpoch: (state) => {
        save(args.out, state);
        display.epoch(state.history);
      },
    });
    display.stop();
    const seconds = (performance.now() - started) / 1000;
    const epochs = run.epochs - run.begun;
    report(args, checkpoint, { seconds, epochs, images: set.count, test: evaluate(checkpoint, testSet) });
  } catch (error) {
    display.stop();
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`stopped; ${args.out} holds the last whole epoch, --resume goes on from it\n`);
    process.exitCode = 130;
  } finally {
    process.removeListener("SIGINT", onInterrupt);
  }
}

class Interrupted extends Error {}

function chooseConfig(source: string | undefined, args: TrainArguments, resume: Checkpoint | undefined): TrainConfig {
  const { seed, epochs, validation } = args;
  const given = Object.fromEntries(
    Object.entries({ seed, epochs, validation }).filter(([, value]) => value !== undefined),
  );
  if (source === undefined && resume) return parseConfig({ ...resume.config, ...given });
  const config = parseConfig({ ...(source === undefined ? MNIST_MLP : readRecipe(source)), ...given });
  return args.dense ? dense(config) : config;
}

function readFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new CheckpointError(`${file}: expected a checkpoint, got no file; leave out --resume to begin`, { file });
  }
}

/** Writes the checkpoint, the history and the curve, each so that its file is whole at every moment. */
function save(file: string, checkpoint: Checkpoint): void {
  writeWhole(file, writeCheckpoint(checkpoint));
  const { config, history } = checkpoint;
  if (history.length === 0) return;
  writeWhole(`${file}.history.json`, `${JSON.stringify({ config, history }, null, 1)}\n`);
  writeWhole(`${file}.curve.svg`, drawCurve(history));
}

interface Outcome {
  readonly seconds: number;
  readonly epochs: number;
  readonly images: number;
  readonly test: number;
}

function report(args: TrainArguments, checkpoint: Checkpoint, { seconds, epochs, images, test }: Outcome): void {
  const { config, history } = checkpoint;
  const shape = layOut(config);
  const perEpoch = Math.floor((images - config.validation) / config.batch) * config.batch;
  const imagesPerSecond = (perEpoch * epochs) / seconds;
  const result = {
    checkpoint: args.out,
    parameters: countParameters(shape),
    epochs: config.epochs,
    validation: history.at(-1)?.validation ?? null,
    test,
    seconds: Number(seconds.toFixed(1)),
    imagesPerSecond: Math.round(imagesPerSecond),
    gigaflops: Number(((imagesPerSecond * trainFlops(shape)) / 1e9).toFixed(1)),
  };
  const lines = [
    `${args.out}: ${result.parameters} parameters, ${config.epochs} epochs`,
    `right answers: validation ${percent(result.validation)}, test ${percent(test)}`,
    `${result.seconds} s, ${result.imagesPerSecond} images/s, ${result.gigaflops} GFLOP/s`,
  ];
  process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : `${lines.join("\n")}\n`);
}
