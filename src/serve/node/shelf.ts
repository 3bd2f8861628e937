import { ModelFileError } from "../../errors.ts";
import type { ModelFacts, ServedModel } from "../served-model.ts";
import { readModelFile } from "./model-file.ts";
import type { Pool } from "./pool.ts";

/** A model file and the name under which it is served. */
export interface ModelPlace {
  readonly name: string;
  readonly path: string;
}

/** What became of a file that was read again. */
export type Reload = "unchanged" | "swapped";

/** The models that are served, each from a file that may be replaced. */
export interface Shelf {
  readonly models: ReadonlyMap<string, ServedModel>;
  /** Loads a file for the first time. @throws DataError, ModelFileError and others if it does not hold */
  readonly add: (place: ModelPlace) => Promise<void>;
  /**
   * Reads a file again. If its bytes are others, and hold, and take and give what the ones before do, requests are
   * answered by them from then on. Otherwise nothing changes.
   *
   * @throws DataError, ModelFileError and others if it does not hold
   */
  readonly reload: (place: ModelPlace) => Promise<Reload>;
}

export function createShelf(pool: Pool): Shelf {
  const models = new Map<string, ServedModel>();
  const keys = new Map<string, string>();
  let loads = 0;

  const load = async ({ name, path }: ModelPlace): Promise<Reload> => {
    const { bytes, version } = await readModelFile(path);
    const before = models.get(name);
    if (before?.version === version) return "unchanged";
    const key = `${name}@${version}/${loads++}`;
    const facts = await pool.load(key, bytes);
    try {
      if (before) checkAlike(path, before, facts);
    } catch (error) {
      pool.unload(key);
      throw error;
    }
    models.set(name, { ...facts, version, run: (numbers, count) => pool.run(key, numbers, count) });
    const old = keys.get(name);
    keys.set(name, key);
    if (old !== undefined) pool.unload(old);
    return "swapped";
  };

  return {
    models,
    async add(place) {
      await load(place);
    },
    reload: load,
  };
}

/** @throws ModelFileError if clients of the one could not use the other */
function checkAlike(path: string, before: ModelFacts, after: ModelFacts): void {
  for (const side of ["input", "output"] as const) {
    const [expected, got] = [before[side].dims, after[side].dims];
    if (String(expected) === String(got)) continue;
    throw new ModelFileError(`${path}: ${side}: expected [${expected}] as before, got [${got}]; restart to change it`, {
      field: side,
    });
  }
}
