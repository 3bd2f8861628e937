import { OptionError } from "../errors.ts";

/** What a server takes on. */
export interface ServeLimits {
  /** Bytes of a request's body. Default 8 MiB. */
  readonly bodyBytes: number;
  /** Items of one request. Default 128. */
  readonly batch: number;
  /** Items that wait or run at a time, of all requests; more are answered 503. Default 256. */
  readonly waiting: number;
}

export const DEFAULT_SERVE_LIMITS: ServeLimits = { bodyBytes: 8 * 2 ** 20, batch: 128, waiting: 256 };

/** Limits with their defaults. @throws OptionError if one is no positive integer, or a batch could never be taken */
export function checkLimits(given: Partial<ServeLimits>): ServeLimits {
  const limits = { ...DEFAULT_SERVE_LIMITS, ...given };
  for (const [option, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new OptionError(`limits.${option}: expected a positive integer, got ${value}`, { option });
    }
  }
  if (limits.waiting < limits.batch) {
    throw new OptionError(`limits.waiting: expected at least limits.batch = ${limits.batch}, got ${limits.waiting}`, {
      option: "waiting",
    });
  }
  return limits;
}
