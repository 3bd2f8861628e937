import { createHash } from "node:crypto";
import { readImageSet } from "../data/read.ts";
import { DataError, MismatchError, OptionError } from "../errors.ts";
import { type DesignConfig, parseDesign } from "./config.ts";
import { digestOfData } from "./data-digest.ts";
import { type Bench, execute, START } from "./execute.ts";
import type { JobProgress } from "./job.ts";
import { readSources } from "./known.ts";
import type { PointRecipe } from "./point-files.ts";

export interface RebuildOptions {
  readonly data: string;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (job: string, progress: JobProgress) => void;
}

/**
 * Makes the model of a point again from nothing but its `point.json`, the images and, if it began with one, a known model.
 *
 * @throws OptionError if the value is no point, DataError if the images are others
 * @throws MismatchError if the bytes are not those of the run
 */
export async function rebuild(value: unknown, options: RebuildOptions): Promise<Uint8Array> {
  const point = parsePoint(value);
  const { config, blocks, bits, source } = point;
  const { data, threads, signal, onProgress } = options;
  const classes = config.recipe.labels.length;
  const train = readImageSet(data, "train", classes);
  if (digestOfData(train) !== point.data) {
    throw new DataError(`images: expected those of SHA-256 ${point.data}, got ${digestOfData(train)}`, { file: data });
  }
  const bench = (job: string): Bench => ({
    ...{ config, train, threads, signal, test: () => readImageSet(data, "test", classes) },
    onProgress: (progress) => onProgress?.(job, progress),
  });
  let files = await sourceFiles(point, bench("start"));
  for (const rung of config.search.rungs.keys()) {
    const job = { kind: "train", blocks, rung, source } as const;
    files = (await execute(bench(`rung ${rung + 1}`), job, files)).files;
  }
  const { files: made } = await execute(bench("finish"), { kind: "finish", blocks, bits }, files);
  const got = createHash("sha256").update(made.model).digest("hex");
  if (got === point.sha256) return made.model;
  throw new MismatchError(`model: expected SHA-256 ${point.sha256} as in the run, got ${got}`, {
    expected: point.sha256,
    actual: got,
  });
}

async function sourceFiles({ config, source, sourceSha256 }: PointRecipe, bench: Bench) {
  if (source === START) return (await execute(bench, { kind: "start" }, {})).files;
  const known = readSources(config).find(({ name }) => name === source);
  if (known?.sha256 === sourceSha256 && known) return { [source]: known.bytes };
  throw new DataError(`${source}: expected a model of SHA-256 ${sourceSha256}, got ${known?.sha256 ?? "none"}`, {
    file: source,
  });
}

function parsePoint(value: unknown): PointRecipe {
  const point = value as Partial<PointRecipe> | null;
  if (typeof point !== "object" || point?.circulant !== "design point 1") {
    throw new OptionError("point: expected the point.json of a run, got another file", { option: "config" });
  }
  const config: DesignConfig = parseDesign(point.config);
  return { ...(point as PointRecipe), config };
}
