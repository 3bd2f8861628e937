import { OptionError } from "../errors.ts";

/** What a caller is ready to read. Memory and time of a model are bounded by these and by nothing else. */
export interface Limits {
  /** Bytes of the file. Default 256 MiB. */
  readonly bytes: number;
  /** Bytes of the JSON header. Default 1 MiB. */
  readonly headerBytes: number;
  /** Number of operations. Default 256. */
  readonly operations: number;
  /** Words of a tensor that operations read or write. Default 2^20. */
  readonly tensorWords: number;
  /** Products, sums or comparisons of words in one inference. Default 2^34: seconds. */
  readonly work: number;
}

/** What is read if the caller sets no limits. */
export const DEFAULT_LIMITS: Limits = {
  bytes: 2 ** 28,
  headerBytes: 2 ** 20,
  operations: 256,
  tensorWords: 2 ** 20,
  work: 2 ** 34,
};

/**
 * A caller's limits with the defaults in place of those that are not set.
 *
 * @throws OptionError if one is no number from 0 up, or unknown: it would not limit anything
 */
export function limitsOf(limits: Partial<Limits>): Limits {
  const known = Object.keys(DEFAULT_LIMITS);
  for (const [name, value] of Object.entries(limits)) {
    if (!known.includes(name)) throw limitError(name, `one of ${known.join(", ")}`, "another name");
    if (value !== undefined) checkLimit(name, value);
  }
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(set) };
}

/** @throws OptionError if a limit is no number from 0 up; Infinity is one */
export function checkLimit(name: string, value: unknown): void {
  if (typeof value !== "number" || !(value >= 0)) throw limitError(name, "a number from 0 up", String(value));
}

function limitError(name: string, expected: string, got: string): OptionError {
  return new OptionError(`limits.${name}: expected ${expected}, got ${got}`, { option: `limits.${name}` });
}
