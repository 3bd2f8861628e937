import { readFileSync } from "node:fs";
import cliProgress from "cli-progress";
import { type Command, InvalidArgumentError } from "commander";
import { readImageSet } from "../data/read.ts";
import { CheckpointError, OptionError } from "../errors.ts";
import { type Checkpoint, type EpochRecord, readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import { parseConfig, type TrainConfig } from "../train/config.ts";
import { countParameters, trainFlops } from "../train/cost.ts";
import { drawCurve } from "../train/curve.ts";
import { evaluate } from "../train/evaluate.ts";
import { layOut } from "../train/parameters.ts";
import { dense, MNIST_MLP } from "../train/recipe.ts";
import { type Progress, train } from "../train/train.ts";
import { parseCount, writeWhole } from "./files.ts";

interface TrainArguments {
  readonly data: string;
  readonly out: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly validation?: number;
  readonly resume?: boolean;
  readonly workers: number;
  readonly dense?: boolean;
  readonly json?: boolean;
}

/** Adds `circulant train`. */
export function addTrain(program: Command): void {
  program
    .command("train")
    .description("train a network on MNIST-format images; writes a checkpoint after every epoch")
    .argument("[config]", "recipe, JSON; the shipped MNIST recipe if absent")
    .requiredOption("--data <dir>", "folder of the four MNIST or Fashion-MNIST files")
    .requiredOption("--out <file>", "checkpoint; its history (.json) and curve (.svg) go beside it")
    .option("--seed <n>", "seed in place of the recipe's", parseWhole)
    .option("--epochs <n>", "epochs in place of the recipe's", parseCount)
    .option("--validation <n>", "held-out images in place of the recipe's; 0 trains on all", parseWhole)
    .option("--workers <n>", "threads, 1 to 4; the result does not depend on it", parseCount, 2)
    .option("--resume", "go on from the checkpoint in --out")
    .option("--dense", "train the same network without blocks (k = 1)")
    .option("--json", "print the result as JSON")
    .action(runTrain);
}

async function runTrain(configFile: string | undefined, args: TrainArguments): Promise<void> {
  const resume = args.resume ? readCheckpoint(readFile(args.out), args.out) : undefined;
  const config = chooseConfig(configFile, args, resume);
  const set = readImageSet(args.data, "train", config.labels.length);
  const testSet = readImageSet(args.data, "test", config.labels.length);
  const display = process.stderr.isTTY ? showBar(config) : showLines(config);
  const abort = new AbortController();
  const onInterrupt = () => abort.abort(new Interrupted());
  process.once("SIGINT", onInterrupt);
  const started = performance.now();
  try {
    const checkpoint = await train(config, set, {
      workers: args.workers,
      resume,
      signal: abort.signal,
      onProgress: display.progress,
      onEpoch: (state) => {
        save(args.out, state);
        display.epoch(state.history);
      },
    });
    display.stop();
    const seconds = (performance.now() - started) / 1000;
    const epochs = config.epochs - (resume?.history.length ?? 0);
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

function chooseConfig(file: string | undefined, args: TrainArguments, resume: Checkpoint | undefined): TrainConfig {
  const { seed, epochs, validation } = args;
  const given = Object.fromEntries(
    Object.entries({ seed, epochs, validation }).filter(([, value]) => value !== undefined),
  );
  const base = file !== undefined ? parseConfig(readJson(file)) : (resume?.config ?? MNIST_MLP);
  const config = parseConfig({ ...base, ...given });
  return args.dense ? dense(config) : config;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const got = error instanceof Error ? error.message : error;
    throw new OptionError(`${file}: expected a recipe in JSON, got ${got}`, { option: "config" });
  }
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

interface Display {
  readonly progress: (progress: Progress) => void;
  readonly epoch: (history: readonly EpochRecord[]) => void;
  readonly stop: () => void;
}

function showBar(config: TrainConfig): Display {
  const bar = new cliProgress.SingleBar({
    format:
      "epoch {epoch}/{epochs} [{bar}] loss {loss}  right {accuracy}  validation {validation}  {eta_formatted} left",
    stream: process.stderr,
    etaBuffer: 200,
    hideCursor: true,
  });
  let validation = "-";
  let running = false;
  return {
    progress: ({ epoch, step, steps, loss, accuracy }) => {
      const [total, value] = [config.epochs * steps, (epoch - 1) * steps + step];
      const fields = { epoch, epochs: config.epochs, loss: loss.toFixed(4), accuracy: percent(accuracy), validation };
      if (running) bar.update(value, fields);
      else bar.start(total, value, fields);
      running = true;
    },
    epoch: (history) => {
      validation = percent(history.at(-1)?.validation ?? null);
    },
    stop: () => bar.stop(),
  };
}

function showLines(config: TrainConfig): Display {
  let last = performance.now();
  return {
    progress: () => {},
    epoch: (history) => {
      const now = performance.now();
      const record = history.at(-1);
      if (record) {
        const { epoch, loss, accuracy, validation } = record;
        process.stderr.write(
          `epoch ${epoch}/${config.epochs}  loss ${loss.toFixed(4)}  right ${percent(accuracy)}` +
            `  validation ${percent(validation)}  ${((now - last) / 1000).toFixed(1)} s\n`,
        );
      }
      last = now;
    },
    stop: () => {},
  };
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

function percent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(2)} %`;
}

function parseWhole(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("expected a whole number");
  return Number(value);
}
