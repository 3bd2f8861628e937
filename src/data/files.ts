import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError } from "../errors.ts";

const REMEDY = "get the data set again (circulant data) and give its folder with --data";

/** The path of a file or of its gzipped form; undefined without either. */
export function findFile(directory: string, name: string): string | undefined {
  return [`${name}.gz`, name].map((file) => join(directory, file)).find((path) => existsSync(path));
}

/** @throws DataError if there is neither the file nor its gzipped form */
export function requireFile(directory: string, name: string): string {
  const found = findFile(directory, name);
  if (found !== undefined) return found;
  const file = join(directory, name);
  throw new DataError(`${file}: expected this file or ${name}.gz, got neither; ${REMEDY}`, { file });
}

/** The bytes of a file, unpacked if they are gzipped. @throws DataError if the gzip stream is cut or altered */
export function readMaybeGzipped(file: string): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw malformed(file, "gzip stream", "whole", cause instanceof Error ? cause.message : String(cause));
  }
}

/** @throws DataError naming the first label that is no class */
export function checkLabels(labels: Uint8Array, classes: number, file: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) throw malformed(file, `label ${wrong}`, `0 to ${classes - 1}`, labels[wrong]);
}

/** A file or folder that is not what it should be. */
export function fault(file: string, expected: string, got: string | number): DataError {
  return new DataError(`${file}: expected ${expected}, got ${got}`, { file, expected, got });
}

/** A part of a published file that is not what it should be. */
export function malformed(file: string, what: string, expected: string, got: string | number): DataError {
  return new DataError(`${file}: ${what}: expected ${expected}, got ${got}; ${REMEDY}`, { file, what, expected, got });
}
