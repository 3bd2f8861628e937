import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DataError, OptionError } from "../errors.ts";

/** What a run is of; a resumed one must be of the same. */
export interface Origin {
  /** SHA-256, hexadecimal, of the configuration and of the files that it names. */
  readonly config: string;
  /** Of the training images and labels. */
  readonly data: string;
}

/** A finished job. */
export interface Entry {
  readonly id: string;
  readonly result: unknown;
  /** SHA-256 of its files, by name; each lies in the folder of the run as `files/<digest>`. */
  readonly files: Readonly<Record<string, string>>;
  /** Time that it took. */
  readonly seconds: number;
}

/** The finished jobs of a run: a file to which a line is added for each, and the files of all. */
export interface Journal {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Keeps the files, then adds the line. */
  readonly add: (id: string, result: unknown, files: Readonly<Record<string, Uint8Array>>, seconds: number) => Entry;
  /** The bytes of a file of an entry. @throws DataError if they are not those that were kept */
  readonly read: (digest: string) => Uint8Array;
  readonly close: () => void;
}

/** The name of the journal in the folder of a run. */
export const JOURNAL = "journal.jsonl";

/**
 * Opens the journal of a run.
 *
 * @param resume whether the folder may hold a run already; a line that was cut when a run was killed is taken away
 * @throws OptionError if a run is there and is not to be resumed, or is of another configuration or other images
 * @throws DataError if the journal is damaged
 */
export function openJournal(folder: string, origin: Origin, resume: boolean): Journal {
  const file = join(folder, JOURNAL);
  const isThere = existsSync(file);
  if (isThere && !resume) {
    throw new OptionError(
      `${folder}: expected no run in this folder, got one; --resume goes on with it, or give another with --out`,
      { option: "out" },
    );
  }
  mkdirSync(join(folder, "files"), { recursive: true });
  const entries = new Map<string, Entry>();
  if (isThere) for (const entry of readEntries(file, origin)) entries.set(entry.id, entry);
  const handle = openSync(file, "a");
  const append = (line: object) => {
    writeSync(handle, `${JSON.stringify(line)}\n`);
    fsyncSync(handle);
  };
  if (!isThere || readFileSync(file).length === 0) append({ run: origin });
  const place = (digest: string) => join(folder, "files", digest);
  return {
    entries,
    add: (id, result, files, seconds) => {
      const digests = Object.entries(files).map(([name, bytes]) => {
        const digest = createHash("sha256").update(bytes).digest("hex");
        writeWhole(place(digest), bytes);
        return [name, digest] as const;
      });
      const entry = { id, result, files: Object.fromEntries(digests), seconds };
      append(entry);
      entries.set(id, entry);
      return entry;
    },
    read: (digest) => {
      const bytes = readKept(place(digest));
      const found = createHash("sha256").update(bytes).digest("hex");
      if (found === digest) return bytes;
      throw new DataError(`${place(digest)}: expected bytes of this SHA-256, got ${found}; begin the run again`, {
        file: place(digest),
      });
    },
    close: () => closeSync(handle),
  };
}

function readKept(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new DataError(`${file}: expected a file of the run, got ${(cause as Error).message}; begin the run again`, {
      file,
    });
  }
}

/** The entries of a journal, which then ends with a whole line. */
function readEntries(file: string, origin: Origin): readonly Entry[] {
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(file, whole);
  const [head, ...lines] = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
  if (head === undefined) return [];
  checkOrigin(file, parseLine(file, head, 1), origin);
  const ids = new Set<string>();
  return lines.map((line, i) => {
    const entry = parseLine(file, line, i + 2);
    if (!isEntry(entry) || ids.has(entry.id)) throw damaged(file, i + 2, line);
    ids.add(entry.id);
    return entry;
  });
}

function checkOrigin(file: string, head: unknown, origin: Origin): void {
  const run = (head as { readonly run?: Origin } | null)?.run;
  if (run === undefined) throw damaged(file, 1, JSON.stringify(head));
  for (const name of ["config", "data"] as const) {
    if (run[name] === origin[name]) continue;
    const what = name === "config" ? "configuration" : "images";
    throw new OptionError(
      `${file}: expected a run of this ${what}, SHA-256 ${origin[name]}, got ${run[name]}; resume it with the ${what} it was begun with`,
      { option: "resume" },
    );
  }
}

function parseLine(file: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(file, number, line);
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { id, result, files, seconds } = value as Record<string, unknown>;
  const digests = typeof files === "object" && files !== null ? Object.values(files) : [null];
  return (
    typeof id === "string" &&
    typeof seconds === "number" &&
    result !== undefined &&
    digests.every((digest) => typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest))
  );
}

function damaged(file: string, line: number, got: string): DataError {
  const message = `${file}, line ${line}: expected a job that was done, once, got ${got.slice(0, 60)}; begin the run again`;
  return new DataError(message, { file, line });
}

function writeWhole(file: string, bytes: Uint8Array): void {
  const part = `${file}.part`;
  writeFileSync(part, bytes, { flush: true });
  renameSync(part, file);
}
