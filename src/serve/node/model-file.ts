import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DataError } from "../../errors.ts";

/** The bytes of a model file, and how they are told from others. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  /** The first 16 hexadecimal digits of their SHA-256. */
  readonly version: string;
}

/** @throws DataError if there is no such file, or if it is a folder without exactly one model file */
export async function readModelFile(path: string): Promise<ModelFile> {
  try {
    const bytes = new Uint8Array(await readFile(await findModelFile(path)));
    return { bytes, version: createHash("sha256").update(bytes).digest("hex").slice(0, 16) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${path}: expected a file that can be read (${(cause as Error).message})`, { file: path });
  }
}

/** The file itself, or the only model file of a folder. */
export async function findModelFile(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  const files = (await readdir(path)).filter((name) => name.endsWith(".safetensors"));
  if (files.length === 1) return join(path, files[0]);
  throw new DataError(`${path}: expected a folder with one .safetensors file, got ${files.length}; name the file`, {
    file: path,
  });
}

/** The name of a model unless it is given one: that of its file. */
export function nameOf(path: string): string {
  return basename(path).replace(/\.safetensors$/, "");
}
