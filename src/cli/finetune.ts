import type { Command } from "commander";
import { compile, type WeightBits } from "../compile/compile.ts";
import { spreadImages } from "../data/images.ts";
import { type Finetuned, finetune } from "../finetune/finetune.ts";
import { finetuneRecipe } from "../finetune/recipe.ts";
import type { Model } from "../model/model.ts";
import { writeModel } from "../model/write.ts";
import { Session } from "../runtime/session.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import { normalise } from "../train/network.ts";
import { classify } from "./classify.ts";
import { checkWritable, readBytes, writeWhole } from "./files.ts";
import { calibrationCount, readLabelled } from "./inputs.ts";
import { parseCount, parseMargin, parseRate, parseWeightBits, parseWhole } from "./numbers.ts";
import { percent } from "./percent.ts";
import { progressBar } from "./progress.ts";
import { showBar, showLines } from "./train-display.ts";

interface FinetuneArguments {
  readonly data: string;
  readonly out: string;
  readonly epochs: number;
  readonly rate: number;
  readonly seed?: number;
  readonly validation?: number;
  readonly calibration?: number;
  readonly margin: number;
  readonly weightBits?: WeightBits;
  readonly workers: number;
  readonly json?: boolean;
}

/** Adds `circulant finetune`. */
export function addFinetune(program: Command): void {
  program
    .command("finetune")
    .description("compile a checkpoint and train it on with the deployed integers in the forward pass")
    .argument("<checkpoint>", "what circulant train wrote")
    .requiredOption("--data <dir>", "folder of IDX files, CIFAR-10 batches or PNG images")
    .requiredOption("--out <file>", "model file to write, .safetensors")
    .option("--epochs <n>", "epochs", parseCount, 2)
    .option("--rate <rate>", "learning rate at its peak", parseRate, 1e-4)
    .option("--seed <n>", "seed in place of the recipe's", parseWhole)
    .option("--validation <n>", "held-out images in place of the recipe's; 0 keeps the last epoch", parseWhole)
    .option("--calibration <n>", "training images to calibrate on (default: 500, with convolutions 128)", parseCount)
    .option("--margin <factor>", "how much larger words may become without saturation", parseMargin, 1.25)
    .option(
      "--weight-bits <bits>",
      "bits of a weight in the file, 8 to 16, or of layers: dense1=9,dense2=8",
      parseWeightBits,
    )
    .option("--workers <n>", "threads, 1 to 4; the result does not depend on it", parseCount, 2)
    .option("--json", "print the result as JSON")
    .action(runFinetune);
}

async function runFinetune(file: string, args: FinetuneArguments): Promise<void> {
  const checkpoint = readCheckpoint(readBytes(file), file);
  const { epochs, rate, seed, validation, workers } = args;
  const config = finetuneRecipe(checkpoint.config, { epochs, rate, seed, validation });
  checkWritable(args.out);
  const set = readLabelled(args.data, "train", config);
  const testSet = readLabelled(args.data, "test", config);
  const images = spreadImages(set, args.calibration ?? calibrationCount(checkpoint.network));
  const calibration = images.map((image) => normalise(checkpoint.network.input, image));
  const bar = progressBar("operations", checkpoint.network.operations.length);
  const onOperation = (done: number) => bar.update(done);
  const { model: compiled } = compile(checkpoint.network, calibration, {
    ...{ margin: args.margin, weightBits: args.weightBits, onOperation },
  });
  bar.stop();
  const run = { epochs, begun: 0, batch: config.batch };
  const display = process.stderr.isTTY ? showBar(run) : showLines(run, (line) => process.stderr.write(line));
  const started = performance.now();
  const result = await finetune(checkpoint, compiled, set, {
    ...{ epochs, rate, seed, validation, workers },
    onProgress: display.progress,
    onEpoch: display.epoch,
  }).finally(display.stop);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const bytes = writeModel(result.model);
  writeWhole(args.out, bytes);
  const rightOf = (model: Model) => {
    using session = Session.fromModel(model);
    return classify(session, testSet).accuracy;
  };
  const test = { before: rightOf(compiled), after: rightOf(result.model) };
  report(args, result, { bytes: bytes.length, seconds, test });
}

interface Outcome {
  readonly bytes: number;
  readonly seconds: number;
  readonly test: { readonly before: number; readonly after: number };
}

function report({ out, json }: FinetuneArguments, result: Finetuned, { bytes, seconds, test }: Outcome): void {
  const { before, history, kept } = result;
  const after = kept === 0 ? before : (history[kept - 1]?.validation ?? null);
  if (json) {
    const outcome = { model: out, bytes, kept, validation: { before, after }, test, seconds, history };
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    return;
  }
  const held = kept === 0 ? 0 : (history.at(-1)?.held ?? 0);
  const lines = [
    `right answers in 16 bits: validation ${percent(before)} -> ${percent(after)}, ` +
      `test ${percent(test.before)} -> ${percent(test.after)}`,
    kept === 0 ? "the last epoch is no better than the compiled model, which is kept" : `kept: epoch ${kept}`,
    ...(held > 0 ? [`${held} sums of weights shrunk, so that no accumulator can wrap`] : []),
    `${out}: ${bytes} bytes; ${seconds} s`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
