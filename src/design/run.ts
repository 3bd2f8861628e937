import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { join } from "node:path";
import type { ImageSet } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { trainFlops } from "../train/cost.ts";
import { layOut } from "../train/parameters.ts";
import { checkFit } from "../train/train.ts";
import { assemble, test } from "./assemble.ts";
import { type Blocks, blockLayers, withBlocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import type { DesignOptions } from "./context.ts";
import { digestOfData } from "./data-digest.ts";
import type { Dispatcher } from "./dispatch.ts";
import { finishPoints } from "./finish.ts";
import { type Job, workOfJob } from "./job.ts";
import { type Origin, openJournal } from "./journal.ts";
import { type Known, readSources } from "./known.ts";
import { hireProcesses } from "./pool.ts";
import type { DesignReport } from "./report.ts";
import { search } from "./search.ts";
import { createStages } from "./stage.ts";

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
      return assemble(run, searched, finished, tested);
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

/** Where the report of a run lies. */
export function reportFiles(out: string) {
  return { json: join(out, "report.json"), html: join(out, "report.html") };
}
