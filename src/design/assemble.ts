import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { readImageSet } from "../data/read.ts";
import { readModel } from "../model/read.ts";
import { blankModel } from "./blank.ts";
import { withBlocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import type { DesignOptions, Run } from "./context.ts";
import { axisCost, resourcesOver } from "./cost.ts";
import { chooseFinalists, synthesiseEngines } from "./finalists.ts";
import type { FinishedPoint } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { rivals } from "./known.ts";
import { filesOfPoint, rebuildCommand, writePoint } from "./point-files.ts";
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
import type { Searched, Trained } from "./search.ts";
import { timeModels } from "./time.ts";

/** Every point's model and every rival's on the test set. */
export async function test({ config, journal, stages }: Run, points: readonly FinishedPoint[]) {
  const others = rivals(config);
  const names = [...points.map(({ id }) => id), ...others.map(({ name }) => name)];
  const bytes = [...points.map(({ finish }) => journal.read(finish.files.model)), ...others.map((one) => one.bytes)];
  const results = await stages.all<"test">(
    names.map((model) => ({ kind: "test" as const, model })),
    ({ model }) => ({ model: bytes[names.indexOf(model)] }),
  );
  return { others, names, bytes, results };
}

/** Step 7 of docs/design.md. */
export async function assemble(
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
    writePoint(out, { id, model: bytes[n], engine: figures[n].engine.engine }, recipe, data);
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
  const synthesised = await synthesiseFinalists(config, options, journal, points);
  const rivalRows = others.map(({ name, sha256 }, n): Rival => ({ name, sha256, ...figures[finished.length + n] }));
  const jobSeconds = [...journal.entries.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    circulant: "design report 1",
    ...{ config, data: origin.data, testImages: testSet.count, heldOutImages: config.recipe.validation },
    ...{ start: searched.start.result, sensitivity: searched.sensitivity },
    shapes: searched.shapes.map((rungs) => shapeRecord(config, rungs, searched.left.includes(rungs))),
    points: synthesised,
    rivals: rivalRows,
    pareto: points.filter((point) => point.pareto).map(({ id }) => id),
    beats: beatsOf(points, rivalRows),
    jobSeconds: Math.round(jobSeconds),
    machine: `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}`,
  };
}

/** The points, those that are finalists with what synthesis counts of their engines. */
async function synthesiseFinalists(
  { search, target }: DesignConfig,
  { onProgress }: DesignOptions,
  journal: Journal,
  points: readonly Point[],
): Promise<readonly Point[]> {
  const { device } = target;
  if (search.synthesise === 0 || device?.family === undefined) return points;
  const finalists = chooseFinalists(points, search.synthesise);
  const engines = finalists.map(({ engine }) => engine);
  const counted = await synthesiseEngines(engines, device.family, journal, (progress) =>
    onProgress?.({ ...progress, done: 1, before: 1 }),
  );
  return points.map((point) => {
    const synthesis = counted.get(JSON.stringify(point.engine.parameters));
    if (synthesis === undefined) return point;
    return { ...point, synthesis: { ...synthesis, misses: resourcesOver(synthesis.resources, device) } };
  });
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
