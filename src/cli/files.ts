import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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

/** Writes a file so that it is whole or not there. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, content);
  renameSync(part, file);
}
