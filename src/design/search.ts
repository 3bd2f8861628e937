import { type Blocks, blockLayers } from "./blocks.ts";
import { chooseShapes, type Sensitivity } from "./candidates.ts";
import type { Run } from "./context.ts";
import { START } from "./execute.ts";
import { surviving } from "./halving.ts";
import type { Finished } from "./stage.ts";

/** A shape after a rung. */
export type Trained = Finished<"train"> & {
  readonly blocks: Blocks;
  readonly after: { loss: number; accuracy: number };
};

/** What the search came to. */
export interface Searched {
  readonly start: Finished<"start">;
  readonly sensitivity: Sensitivity;
  /** The finished rungs of every shape. */
  readonly shapes: readonly (readonly Trained[])[];
  /** Those of the shapes that are left. */
  readonly left: readonly (readonly Trained[])[];
}

/** Steps 1 to 4 of docs/design.md: start, sensitivity, shapes, their training. */
export async function search(run: Run): Promise<Searched> {
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
