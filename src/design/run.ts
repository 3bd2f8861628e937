import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { join } from "node:path";
import type { ImageSet } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { readModel } from "../model/read.ts";
import { trainFlops } from "../train/cost.ts";
import { layOut } from "../train/parameters.ts";
import { checkFit } from "../train/train.ts";
import { blankModel } from "./blank.ts";
import { type Blocks, blockLayers, withBlocks } from "./blocks.ts";
import { chooseShapes, type Sensitivity } from "./candidates.ts";
import { chooseBits } from "./choose-bits.ts";
import type { DesignConfig } from "./config.ts";
import { axisCost } from "./cost.ts";
import { digestOfData } from "./data-digest.ts";
import type { Dispatcher } from "./dispatch.ts";
import { START } from "./execute.ts";
import { surviving } from "./halving.ts";
import { type Bits, type Job, pointName, workOfJob } from "./job.ts";
import { type Journal, type Origin, openJournal } from "./journal.ts";
import { type Known, readSources, rivals } from "./known.ts";
import { filesOfPoint, rebuildCommand, writePoint } from "./point-files.ts";
import { hireProcesses } from "./pool.ts";
import {
  beatsOf,
  type DesignReport,
  figuresOf,
  missesOf,
  type Point,
  type Rival,
  type ShapeRecord,
  undominated,
} from "./report.ts";
import { createStages, type Finished, type RunProgress, type Stages } from "./stage.ts";
import { timeModels } from "./time.ts";

export interface DesignOptions {
  /** Folder of the images. */
  readonly data: string;
  /** Folder of the run: journal, points, report. */
  readonly out: string;
  /** Jobs at a time, each in a process of its own. Default: the machine's cores. */
  readonly workers?: number;
  /** Go on with the run in the folder. */
  readonly resume?: boolean;
  /** Whoever works the jobs off in place of processes of this machine; closed at the end. */
  readonly dispatcher?: (origin: Origin) => Dispatcher;
  /** Ends the run; what is finished stays in the journal. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** What the parts of a run share. */
interface Run {
  readonly config: DesignConfig;
  readonly options: DesignOptions;
  readonly journal: Journal;
  readonly stages: Stages;
  readonly sources: readonly Known[];
  readonly origin: Origin;
}

/**
 * Searches block sizes and bits of weights for a target: measures what each layer loses with each block size, finds by
 * the knapsack over layers which shapes lose least at each cost, trains these with successive halving, narrows the weights
 * of those that are left, trains the deployed integers, and compares all in accuracy, bytes, cycles, resources and time.
 * The test set is read once, at the end. But for times the result follows from configuration and images.
 *
 * @throws OptionError if the configuration does not fit the images, or the folder holds another run
 * @throws DataError if the images cannot be read, RuntimeError if all workers end
 * @see docs/design.md
 */
export async function design(config: DesignConfig, options: DesignOptions): Promise<DesignReport> {
  const { data, out, workers = cpus().length, resume = false, signal } = options;
  const set = readImageSet(data, "train", config.recipe.labels.length);
  checkFit(config.recipe, set, 1);
  const sources = readSources(config);
  const origin = originOf(config, sources, set);
  const journal = openJournal(out, origin, resume);
  let dispatcher: Dispatcher | undefined;
  const hire = () => {
    dispatcher ??= options.dispatcher?.(origin) ?? hireProcesses({ config, data }, workers);
    return dispatcher;
  };
  const perEpoch = set.count - config.recipe.validation;
  const trainWork = (blocks: Blocks) => perEpoch * trainFlops(layOut(withBlocks(config.recipe, blocks)));
  const total = totalWork(config, trainWork);
  const parts = { journal, dispatcher: hire, workers, config };
  const stages = createStages(parts, total, trainWork, options.onProgress);
  try {
    const run = { config, options, journal, stages, sources, origin };
    const work = async () => {
      const searched = await search(run);
      const finished = await finishPoints(run, searched.left);
      const tested = await test(run, finished);
      await dispatcher?.close();
      return report(run, searched, finished, tested);
    };
    return await (signal === undefined ? work() : Promise.race([work(), aborted(signal)]));
  } finally {
    await dispatcher?.close();
    journal.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
}

function originOf(config: DesignConfig, sources: readonly Known[], set: ImageSet): Origin {
  const known = sources.map(({ sha256 }) => sha256);
  const digest = createHash("sha256")
    .update(JSON.stringify([config, known]))
    .digest("hex");
  return { config: digest, data: digestOfData(set) };
}

/** Work of all stages, as far as it is known before: that of the recipe's own shape for each that is trained. */
function totalWork(config: DesignConfig, trainWork: (blocks: Blocks) => number): number {
  const own = blockLayers(config.recipe).map(({ k }) => k);
  const { shapes, rungs, tolerances } = config.search;
  const workOf = (job: Job) => workOfJob(job, config, trainWork);
  const last = rungs[rungs.length - 1].keep;
  const trained = rungs.map((_, rung) => (rung === 0 ? shapes : rungs[rung - 1].keep));
  return (
    workOf({ kind: "start" }) +
    Object.values(config.blocks).flat().length * workOf({ kind: "sense", layer: "", k: 1 }) +
    trained.reduce((sum, count, rung) => sum + count * workOf({ kind: "train", blocks: own, rung }), 0) +
    last * workOf({ kind: "bits", blocks: own }) +
    last * tolerances.length * (workOf({ kind: "finish", blocks: own, bits: {} }) + workOf({ kind: "test", model: "" }))
  );
}

type Trained = Finished<"train"> & { readonly blocks: Blocks; readonly after: { loss: number; accuracy: number } };

/** What the search came to. */
interface Searched {
  readonly start: Finished<"start">;
  readonly sensitivity: Sensitivity;
  /** The finished rungs of every shape. */
  readonly shapes: readonly (readonly Trained[])[];
  /** Those of the shapes that are left. */
  readonly left: readonly (readonly Trained[])[];
}

async function search(run: Run): Promise<Searched> {
  const { config, journal, stages, sources } = run;
  const [start] = await stages.all<"start">([{ kind: "start" }], () => ({}));
  const network = { [START]: journal.read(start.files[START]) };
  const layers = blockLayers(config.recipe);
  const sensed = await stages.all<"sense">(
    layers.flatMap(({ name }) => config.blocks[name].map((k) => ({ kind: "sense" as const, layer: name, k }))),
    () => network,
  );
  const added = layers.map(({ name }) => {
    const own = sensed.filter(({ job }) => job.layer === name);
    return [name, Object.fromEntries(own.map(({ job, result }) => [job.k, result.loss - start.result.loss]))];
  });
  const sensitivity: Sensitivity = Object.fromEntries(added);
  const begin = { ...network, ...Object.fromEntries(sources.map(({ name, bytes }) => [name, bytes])) };
  const shapes = chooseShapes(config, sensitivity).map((blocks) => ({ blocks, rungs: [] as Trained[] }));
  let going = shapes;
  for (const [rung, { keep }] of config.search.rungs.entries()) {
    const jobs = going.map(({ blocks, rungs }) => {
      const source = rungs.at(-1)?.result.source;
      return { kind: "train" as const, blocks, rung, ...(source === undefined ? {} : { source }) };
    });
    const files = new Map(going.map(({ blocks, rungs }) => [blocks.join(), rungs.at(-1)?.files.checkpoint]));
    const trained = await stages.all<"train">(jobs, ({ blocks }) => {
      const digest = files.get(blocks.join());
      return digest === undefined ? begin : { checkpoint: journal.read(digest) };
    });
    for (const [n, one] of trained.entries()) {
      going[n].rungs.push({ ...one, blocks: one.job.blocks, after: one.result.after });
    }
    const kept = surviving(
      config,
      going.map((shape) => ({ ...shape, after: (shape.rungs.at(-1) as Trained).after })),
      keep,
    );
    going = going.filter(({ blocks }) => kept.some((one) => one.blocks === blocks));
  }
  return { start, sensitivity, shapes: shapes.map(({ rungs }) => rungs), left: going.map(({ rungs }) => rungs) };
}

/** A finished point before it is tested. */
interface FinishedPoint {
  readonly id: string;
  readonly blocks: Blocks;
  readonly bits: Bits;
  readonly rungs: readonly Trained[];
  readonly finish: Finished<"finish">;
}

async function finishPoints(
  { config, journal, stages }: Run,
  left: Searched["left"],
): Promise<readonly FinishedPoint[]> {
  const lastOf = (rungs: readonly Trained[]) => rungs[rungs.length - 1];
  const checkpoints = new Map(left.map((rungs) => [lastOf(rungs).blocks.join(), lastOf(rungs).files.checkpoint]));
  const filesOf = ({ blocks }: { readonly blocks: Blocks }) => ({
    checkpoint: journal.read(checkpoints.get(blocks.join()) ?? ""),
  });
  const measured = await stages.all<"bits">(
    left.map((rungs) => ({ kind: "bits" as const, blocks: lastOf(rungs).blocks })),
    filesOf,
  );
  const wanted = measured.flatMap(({ job, result }, n) =>
    chooseBits(withBlocks(config.recipe, job.blocks), result, config.search.tolerances).map((bits) => ({
      ...{ blocks: job.blocks, bits, rungs: left[n] },
    })),
  );
  const finished = await stages.all<"finish">(
    wanted.map(({ blocks, bits }) => ({ kind: "finish" as const, blocks, bits })),
    filesOf,
  );
  return wanted.map((point, n) => ({ ...point, id: pointName(point.blocks, point.bits), finish: finished[n] }));
}

/** Every point's model and every rival's on the test set. */
async function test({ config, journal, stages }: Run, points: readonly FinishedPoint[]) {
  const others = rivals(config);
  const names = [...points.map(({ id }) => id), ...others.map(({ name }) => name)];
  const bytes = [...points.map(({ finish }) => journal.read(finish.files.model)), ...others.map((one) => one.bytes)];
  const results = await stages.all<"test">(
    names.map((model) => ({ kind: "test" as const, model })),
    ({ model }) => ({ model: bytes[names.indexOf(model)] }),
  );
  return { others, names, bytes, results };
}

async function report(
  { config, options, journal, origin, sources }: Run,
  searched: Searched,
  finished: readonly FinishedPoint[],
  { others, names, bytes, results }: Awaited<ReturnType<typeof test>>,
): Promise<DesignReport> {
  const { data, out } = options;
  const testSet = readImageSet(data, "test", config.recipe.labels.length);
  const models = bytes.map((file) => readModel(file));
  const microseconds = timesOf(journal, names, () => timeModels(models, testSet));
  const figures = models.map((model, n) => {
    const measured = { bytes: bytes[n].length, accuracy: results[n].result.accuracy, microseconds: microseconds[n] };
    return figuresOf(model, measured, config);
  });
  const pareto = undominated(figures.slice(0, finished.length));
  const points = finished.map(({ id, blocks, bits, rungs, finish }, n): Point => {
    const { source } = rungs[0].result;
    const sha256 = finish.files.model;
    const known = sources.find(({ name }) => name === source);
    const made = { circulant: "design point 1", config, data: origin.data, sha256 } as const;
    const recipe = { ...made, blocks, bits, source, sourceSha256: known?.sha256 ?? null };
    writePoint(out, id, bytes[n], recipe, data);
    const epochs = rungs.reduce((sum, { job }) => sum + config.search.rungs[job.rung].epochs, 0);
    return {
      ...{ id, blocks, bits, source, epochs: epochs + config.search.finetune.epochs, sha256 },
      heldOut: finish.result.after,
      outputs: results[n].result.digest,
      ...figures[n],
      misses: missesOf(figures[n], config),
      pareto: pareto[n],
      files: filesOfPoint(id),
      rebuild: rebuildCommand(id, data),
    };
  });
  const rivalRows = others.map(({ name, sha256 }, n): Rival => ({ name, sha256, ...figures[finished.length + n] }));
  const jobSeconds = [...journal.entries.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    circulant: "design report 1",
    ...{ config, data: origin.data, testImages: testSet.count, heldOutImages: config.recipe.validation },
    ...{ start: searched.start.result, sensitivity: searched.sensitivity },
    shapes: searched.shapes.map((rungs) => shapeRecord(config, rungs, searched.left.includes(rungs))),
    points,
    rivals: rivalRows,
    pareto: points.filter((point) => point.pareto).map(({ id }) => id),
    beats: beatsOf(points, rivalRows),
    jobSeconds: Math.round(jobSeconds),
    machine: `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}`,
  };
}

/** Times are measured once for the same models; they are the one part of a run that is not the same again. */
function timesOf(journal: Journal, names: readonly string[], time: () => readonly number[]): readonly number[] {
  const id = `times ${createHash("sha256").update(names.join()).digest("hex").slice(0, 16)}`;
  const entry = journal.entries.get(id);
  if (entry) return entry.result as readonly number[];
  const started = performance.now();
  const times = time();
  journal.add(id, times, {}, Number(((performance.now() - started) / 1000).toFixed(1)));
  return times;
}

function shapeRecord(config: DesignConfig, rungs: readonly Trained[], finished: boolean): ShapeRecord {
  const [{ blocks, result }] = rungs;
  const model = blankModel(withBlocks(config.recipe, blocks));
  return {
    ...{ blocks, source: result.source, finished },
    rungs: rungs.map(({ job, after, result: { kept } }) => {
      return { ...after, epochs: config.search.rungs[job.rung].epochs, kept };
    }),
    bytes: axisCost("bytes", model, config.engines),
    cycles: axisCost("cycles", model, config.engines),
  };
}

/** Where the report of a run lies. */
export function reportFiles(out: string) {
  return { json: join(out, "report.json"), html: join(out, "report.html") };
}
