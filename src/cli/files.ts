import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DataError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { readModel } from "../model/read.ts";

/** The bytes of a file. @throws DataError if it cannot be read */
export function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new DataError(`${file}: expected a file that can be read (${(cause as Error).message})`, { file });
  }
}

/** The model in a file, and its bytes. @throws DataError, ModelFileError */
export function loadModel(file: string): { readonly model: Model; readonly bytes: Uint8Array } {
  const bytes = readBytes(file);
  return { model: readModel(bytes), bytes };
}

/**
 * Writes a file so that it is whole or not there.
 *
 * @param mode who may read it
 * @throws DataError if it cannot be written
 */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o666): void {
  checkWritable(file);
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, content, { mode });
    renameSync(part, file);
  } catch (cause) {
    rmSync(part, { force: true });
    throw unwritable(file, cause);
  }
}

/** Makes the folder of a file to write, before the work that makes the file. @throws DataError if it cannot be */
export function checkWritable(file: string): void {
  makeFolder(dirname(file));
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw unwritable(file, "a folder of this name");
}

/** Makes a folder that is to be written to, if it is not there. @throws DataError if it cannot be made */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function unwritable(file: string, cause: unknown): DataError {
  const got = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`${file}: expected a place that can be written, got ${got}; give another with --out`, { file });
}
