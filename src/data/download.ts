import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseTar } from "nanotar";
import type { PublishedFile, PublishedSet } from "./catalogue.ts";
import { fault } from "./files.ts";

/** Most bytes of a download, and of what an archive may hold. */
const MOST_BYTES = 2 ** 28;
const MOST_UNPACKED = 2 ** 30;

export interface DownloadOptions {
  /** Address of a folder with the same files, in place of the published one. */
  readonly mirror?: string;
  /** Called as a file or archive comes in; `total` is what the server says, if it does. */
  readonly onBytes?: (name: string, received: number, total: number | undefined) => void;
  /** Called for every file of the set that is whole in the folder; `fetched` is false if it was there before. */
  readonly onFile?: (name: string, bytes: number, fetched: boolean) => void;
}

/**
 * Fetches the files of a data set that a folder lacks. Every file, there before or fetched, must have its digest; what is
 * fetched is written under another name and renamed when it is whole, and nothing is resumed.
 *
 * @throws DataError naming the file or address: another digest, no such address, a broken connection or archive
 */
export async function download(set: PublishedSet, directory: string, options: DownloadOptions = {}): Promise<void> {
  const { onFile } = options;
  mkdirSync(directory, { recursive: true });
  const missing = set.files.filter((file) => {
    const path = join(directory, file.name);
    if (!existsSync(path)) return true;
    const bytes = readFileSync(path);
    const remedy = "move it away or choose another folder";
    check(bytes, file, path, remedy);
    onFile?.(file.name, bytes.length, false);
    return false;
  });
  const base = options.mirror ?? set.base;
  const address = (name: string) => new URL(name, base.endsWith("/") ? base : `${base}/`).href;
  const keep = (file: PublishedFile, bytes: Uint8Array, from: string) => {
    check(bytes, file, from, "nothing was written; try again or give another --mirror");
    writeWhole(join(directory, file.name), bytes);
    onFile?.(file.name, bytes.length, true);
  };
  if (missing.length === 0) return;
  if (set.archive === undefined) {
    for (const file of missing)
      keep(file, await fetchBytes(address(file.name), file.name, options), address(file.name));
    return;
  }
  const archive = address(set.archive);
  const entries = unpack(await fetchBytes(archive, set.archive, options), archive);
  for (const file of missing) {
    const bytes = entries.get(file.name);
    if (bytes === undefined)
      throw fault(archive, `a file ${file.name} inside`, [...entries.keys()].join(", ") || "none");
    keep(file, bytes, `${archive}, ${file.name}`);
  }
}

function check(bytes: Uint8Array, { sha256 }: PublishedFile, from: string, remedy: string): void {
  const got = createHash("sha256").update(bytes).digest("hex");
  if (got !== sha256) throw fault(from, `SHA-256 ${sha256}`, `${got} of ${bytes.length} bytes; ${remedy}`);
}

async function fetchBytes(url: string, name: string, { onBytes }: DownloadOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  try {
    const response = await fetch(url);
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    const length = Number(response.headers.get("content-length"));
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      received += chunk.length;
      if (received > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
      onBytes?.(name, received, length > 0 ? length : undefined);
    }
  } catch (cause) {
    throw fault(url, "a file to download", `${reason(cause)} after ${received} bytes`);
  }
  return Buffer.concat(chunks);
}

/** The files of a gzipped tar file by their names without folders. */
function unpack(archive: Uint8Array, from: string): Map<string, Uint8Array> {
  try {
    const items = parseTar(gunzipSync(archive, { maxOutputLength: MOST_UNPACKED }));
    const files = items.filter(({ type, data }) => type === "file" && data !== undefined);
    return new Map(files.map(({ name, data }) => [posix.basename(name), data ?? new Uint8Array()]));
  } catch (cause) {
    throw fault(from, "a gzipped tar file", reason(cause));
  }
}

/** Writes a file so that it is whole or not there. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, bytes);
  renameSync(part, path);
}

/** The message of an error with that of its cause, where fetch keeps what happened. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
