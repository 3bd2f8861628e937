import { unwatchFile, watchFile } from "node:fs";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";
import { findModelFile } from "./model-file.ts";
import type { ModelPlace, Shelf } from "./shelf.ts";

/** Reads a model file again; what does not hold is logged and counted, and changes nothing. */
export type Reloader = (place: ModelPlace) => Promise<void>;

export function createReloader(shelf: Shelf, metrics: Metrics, log: Logger): Reloader {
  return async (place) => {
    const { name: model } = place;
    try {
      const result = await shelf.reload(place);
      metrics.onReload(model, result);
      if (result === "swapped") log.info({ model, version: shelf.models.get(model)?.version }, "model swapped");
    } catch (error) {
      metrics.onReload(model, "refused");
      log.error({ model, err: error }, "model file refused, the one before goes on");
    }
  };
}

/**
 * Looks at model files again and again, and reads those that changed. Looking works where notices of changes do not come:
 * on network drives, and where a link is moved to another file.
 *
 * @returns what ends it
 */
export async function watchPlaces(
  places: readonly ModelPlace[],
  interval: number,
  reload: Reloader,
): Promise<() => void> {
  const files = await Promise.all(places.map(({ path }) => findModelFile(path)));
  const watches = files.map((file, i) => {
    const onChange = () => void reload(places[i]);
    watchFile(file, { interval, persistent: false }, onChange);
    return () => unwatchFile(file, onChange);
  });
  return () => {
    for (const end of watches) end();
  };
}
