import { gunzipSync, gzipSync } from "node:zlib";
import { compile } from "../compile/compile.ts";
import { denseForm } from "../compile/dense-form.ts";
import { project } from "../compile/project.ts";
import { type ImageSet, sliceImages, spreadImages } from "../data/images.ts";
import { OptionError } from "../errors.ts";
import { finetune } from "../finetune/finetune.ts";
import type { Model } from "../model/model.ts";
import { readModel } from "../model/read.ts";
import { writeModel } from "../model/write.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import type { TrainConfig } from "../train/config.ts";
import { type Answers, measure } from "../train/evaluate.ts";
import { fromNetwork } from "../train/from-network.ts";
import { type FloatNetwork, normalise } from "../train/network.ts";
import { initialStatistics, layOut } from "../train/parameters.ts";
import { dense } from "../train/recipe.ts";
import { toNetwork } from "../train/to-network.ts";
import { train } from "../train/train.ts";
import { answer } from "./answers.ts";
import { type Blocks, blockLayers, withBlocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import type { Files, Job, JobProgress, Outcome } from "./job.ts";
import { narrowOne } from "./narrow-one.ts";

/** What jobs are worked on with. */
export interface Bench {
  readonly config: DesignConfig;
  /** The training images, the held-out ones at their end. */
  readonly train: ImageSet;
  /** Read when a model is tested. */
  readonly test: () => ImageSet;
  /** Threads of a job; results do not depend on it. */
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
}

/** The name of the file of the network without blocks. */
export const START = "start";

/** Works a job off. */
export async function execute(bench: Bench, job: Job, files: Files): Promise<Outcome> {
  switch (job.kind) {
    case "start":
      return trainStart(bench);
    case "sense":
      return sense(bench, job, files);
    case "train":
      return trainShape(bench, job, files);
    case "bits":
      return narrowLayers(bench, files);
    case "finish":
      return finish(bench, job, files);
    case "test":
      return { result: answer(readModel(fileOf(files, "model")), bench.test()), files: {} };
  }
}

async function trainStart(bench: Bench): Promise<Outcome<"start">> {
  const { recipe, start } = bench.config;
  const config = { ...dense(recipe), ...start };
  const { checkpoint, after } = await trainBest(bench, config);
  return { result: after, files: { [START]: pack(checkpoint) } };
}

function sense({ config, train: set }: Bench, job: Extract<Job, { kind: "sense" }>, files: Files): Outcome<"sense"> {
  const blocks = blockLayers(config.recipe).map(({ name }) => (name === job.layer ? job.k : 1));
  const source = unpack(fileOf(files, START)).network;
  return { result: measure(projected(config, source, blocks, set), heldOut(config, set)), files: {} };
}

async function trainShape(
  bench: Bench,
  { blocks, rung, source: wanted }: Extract<Job, { kind: "train" }>,
  files: Files,
): Promise<Outcome<"train">> {
  const { config, train: set } = bench;
  const { epochs, rate } = config.search.rungs[rung];
  const recipe = { ...withBlocks(config.recipe, blocks), epochs, rate };
  const init =
    rung === 0
      ? bestSource(bench, blocks, wanted, files)
      : { source: wanted ?? "", checkpoint: unpack(fileOf(files, "checkpoint")) };
  const before = measure(init.checkpoint, heldOut(config, set));
  const { checkpoint, after, kept } = await trainBest(bench, recipe, init.checkpoint, before);
  return { result: { source: init.source, before, after, kept }, files: { checkpoint: pack(checkpoint) } };
}

/** The source that loses least on the held-out images once it has these blocks. */
function bestSource({ config, train: set }: Bench, blocks: Blocks, wanted: string | undefined, files: Files) {
  const held = heldOut(config, set);
  const names = wanted === undefined ? Object.keys(files) : [wanted];
  const all = names.map((source) => {
    const bytes = fileOf(files, source);
    const network = source === START ? unpack(bytes).network : denseForm(readModel(bytes));
    const checkpoint = projected(config, network, blocks, set);
    return { source, checkpoint, loss: measure(checkpoint, held).loss };
  });
  return all.reduce((best, one) => (one.loss < best.loss ? one : best));
}

type Weights = Pick<Checkpoint, "config" | "average" | "statistics">;

/** A network without blocks, given blocks. */
function projected(config: DesignConfig, source: FloatNetwork, blocks: Blocks, set: ImageSet): Weights {
  const recipe = withBlocks(config.recipe, blocks);
  const shape = layOut(recipe);
  const target = toNetwork(recipe, shape, new Float32Array(shape.words), initialStatistics(shape));
  const { network } = project(source, target, calibration(config, set));
  const { parameters, statistics } = fromNetwork(shape, network);
  return { config: recipe, average: parameters, statistics };
}

/** Trains, and keeps the epoch of the least loss on the held-out images; the state before all is epoch 0. */
async function trainBest(bench: Bench, recipe: TrainConfig, init?: Weights, before?: Answers) {
  const { config, train: set, threads: workers, signal, onProgress } = bench;
  const held = heldOut(config, set);
  let best: { checkpoint: Weights; after: Answers; kept: number } | undefined;
  if (init && before) best = { checkpoint: init, after: before, kept: 0 };
  const total = recipe.epochs;
  await train(recipe, set, {
    ...{ workers, signal, init },
    onProgress: ({ epoch, step, steps, accuracy }) => {
      onProgress?.({ done: (epoch - 1 + step / steps) / total, accuracy: best?.after.accuracy ?? accuracy });
    },
    onEpoch: (checkpoint) => {
      const epoch = checkpoint.history.length;
      if (epoch === 0) return;
      const after = measure(checkpoint, held);
      if (best === undefined || isBetter(after, best.after)) best = { checkpoint, after, kept: epoch };
    },
  });
  if (best === undefined) throw new OptionError("epochs: expected at least one, got none", { option: "epochs" });
  return best;
}

/** More right answers, or as many at less loss. */
function isBetter(a: Answers, b: Answers): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}

function narrowLayers({ config, train: set }: Bench, files: Files): Outcome<"bits"> {
  const { network } = unpack(fileOf(files, "checkpoint"));
  const { model } = compile(network, calibration(config, set));
  const held = heldOut(config, set);
  const fewer = config.weightBits.filter((bits) => bits < 16);
  const weighted = model.operations.filter((operation) => "weights" in operation);
  const narrow = weighted.map(({ name }) => {
    const answers = fewer.map((bits) => [bits, answersOf(narrowOne(model, name, bits), held)] as const);
    return [name, Object.fromEntries(answers)] as const;
  });
  return { result: { full: answersOf(model, held), narrow: Object.fromEntries(narrow) }, files: {} };
}

async function finish(
  bench: Bench,
  { bits }: Extract<Job, { kind: "finish" }>,
  files: Files,
): Promise<Outcome<"finish">> {
  const { config, train: set, threads: workers, signal, onProgress } = bench;
  const weights = unpack(fileOf(files, "checkpoint"));
  const { model: compiled } = compile(weights.network, calibration(config, set), { weightBits: bits });
  const { epochs, rate } = config.search.finetune;
  const { model, kept } = await finetune(weights, compiled, set, {
    ...{ epochs, rate, workers, signal },
    onProgress: ({ epoch, step, steps, accuracy }) => {
      onProgress?.({ done: (epoch - 1 + step / steps) / epochs, accuracy });
    },
  });
  const held = heldOut(config, set);
  const [before, after] = [compiled, model].map((one) => answersOf(one, held));
  return { result: { before, after, kept }, files: { model: writeModel(model) } };
}

function answersOf(model: Model, set: ImageSet): Answers {
  const { loss, accuracy } = answer(model, set);
  return { loss, accuracy };
}

/** The images that points are compared on: the end of the training set. */
function heldOut({ recipe }: DesignConfig, set: ImageSet): ImageSet {
  return sliceImages(set, set.count - recipe.validation, set.count);
}

/** Real inputs from the images that are trained on. */
function calibration({ recipe, search }: DesignConfig, set: ImageSet): readonly Float32Array[] {
  const seen = sliceImages(set, 0, set.count - recipe.validation);
  return spreadImages(seen, search.calibration).map((image) => normalise(recipe.input, image));
}

function fileOf(files: Files, name: string): Uint8Array {
  const bytes = files[name];
  if (bytes) return bytes;
  throw new OptionError(`files: expected ${name} among them, got ${Object.keys(files).join(", ") || "none"}`);
}

/** A checkpoint that is not resumed: what trained it is zeros, which take no room. */
function pack({ config, average, statistics }: Weights): Uint8Array {
  const none = new Float32Array(average.length);
  const vectors = { parameters: none, mean: none, square: none, average, statistics };
  return gzipSync(writeCheckpoint({ config, data: "", teacher: null, history: [], ...vectors }), { level: 1 });
}

function unpack(bytes: Uint8Array): Checkpoint {
  return readCheckpoint(gunzipSync(bytes));
}
