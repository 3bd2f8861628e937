import type { Model } from "../model/model.ts";
import type { WorkerTask } from "../train/shared.ts";

/** What a worker is started with: the recipe without norms, and a model with the formats of all to come. */
export interface FinetuneTask extends WorkerTask {
  readonly model: Model;
}

/** The epoch whose model is the one that a worker is started with. */
export const COMPILED = -1;
