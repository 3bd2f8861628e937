import { OptionError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { workOf } from "../model/work.ts";

/** Items of a batch that a thread gets at once: from `first` up to, not including, `end`. */
export interface Piece {
  readonly first: number;
  readonly end: number;
}

/** Items of the smallest and of the largest piece. */
export interface PieceItems {
  readonly least: number;
  readonly most: number;
}

/**
 * Work of a piece, by `workOf`. The least is some microseconds' more than a message to a thread and back takes; the
 * most takes some milliseconds, for which other runs wait.
 */
const LEAST_WORK = 2 ** 21;
const MOST_WORK = 2 ** 27;

/**
 * The pieces of a model's batches.
 *
 * @param least the caller's, in place of that by the model's work
 * @throws OptionError if it is no integer from 1 up
 */
export function pieceItemsOf({ operations }: Model, least: number | undefined): PieceItems {
  if (least !== undefined && !(Number.isInteger(least) && least >= 1)) {
    throw new OptionError(`pieceItems: expected an integer from 1 up, got ${least}`, { option: "pieceItems" });
  }
  const work = operations.reduce((sum, operation) => sum + workOf(operation), 1);
  return {
    least: least ?? Math.ceil(LEAST_WORK / work),
    most: Math.max(least ?? 1, Math.floor(MOST_WORK / work)),
  };
}

/** Cuts a batch into pieces of about the same size: one a thread, fewer if they were too small, more if too large. */
export function cutBatch(items: number, threads: number, { least, most }: PieceItems): Piece[] {
  const pieces = Math.max(1, Math.min(threads, Math.floor(items / least)), Math.ceil(items / most));
  const at = (piece: number) => Math.floor((piece * items) / pieces);
  return Array.from({ length: pieces }, (_, i) => ({ first: at(i), end: at(i + 1) }));
}
