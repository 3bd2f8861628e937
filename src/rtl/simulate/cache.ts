import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The hexadecimal SHA-256 of a value's JSON text. */
export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** A folder of the temporary directory that only this user can write to. */
export function defaultCacheDirectory(): string {
  return join(tmpdir(), `circulant-${process.getuid?.() ?? "user"}`);
}

/** Makes the folder; false if it cannot be made or others could change what is in it. */
function prepare(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(directory);
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  } catch {
    return false;
  }
}

const DIGEST_BYTES = 32;

/** The payload of a cache file, nothing if it is missing or damaged. */
function read(path: string): Uint8Array | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const payload = bytes.subarray(DIGEST_BYTES);
  const expected = createHash("sha256").update(payload).digest();
  return expected.equals(bytes.subarray(0, DIGEST_BYTES)) ? payload : undefined;
}

/** Puts a file in place in one step, so that no other process sees a part of it. */
function write(path: string, payload: Uint8Array): void {
  const partial = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(partial, Buffer.concat([createHash("sha256").update(payload).digest(), payload]));
    renameSync(partial, path);
  } catch {
    rmSync(partial, { force: true });
  }
}

/**
 * What `build` makes, from the folder if it is there and whole. A folder that cannot be written to, or that others
 * can write to, is not used.
 */
export async function cached(directory: string, name: string, build: () => Promise<Uint8Array>): Promise<Uint8Array> {
  if (!prepare(directory)) return build();
  const path = join(directory, name);
  const found = read(path);
  if (found !== undefined) return found;
  const payload = await build();
  write(path, payload);
  return payload;
}

/** Writes bytes to a file that can be run as a program. */
export function writeExecutable(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes);
  chmodSync(path, 0o700);
}
