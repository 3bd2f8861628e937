/** What a model is held to in a place: the most of each quantity, and who published it. */
export interface Target {
  readonly title: string;
  /** Which build of the runtime it carries: kernels inlined in the program, or imported as a module. */
  readonly runtime: "inline" | "module";
  readonly limits: readonly Limit[];
}

export interface Limit {
  readonly what: Quantity;
  readonly most: number;
  readonly source: string;
}

/** Bytes of runtime and model together; bytes of memory; milliseconds of processor time. */
export type Quantity = "bytes" | "gzipBytes" | "memoryBytes" | "inferenceMs" | "startMs";

const WORKERS = "https://developers.cloudflare.com/workers/platform/limits/";
/** As listed until 2025; Vercel has deprecated functions on the edge runtime since, which still runs its middleware. */
const VERCEL = "https://vercel.com/docs/functions/limitations";
const LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
/** Timeout: 3 s unless told otherwise, at most 900 s. */
const LAMBDA_TIMEOUT = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html";
/** A task that takes 50 ms or more is a long one. */
const LONG_TASKS = "https://www.w3.org/TR/longtasks-1/";
/** Pages of more than 5,000 KiB are flagged. */
const LIGHTHOUSE = "https://developer.chrome.com/docs/lighthouse/performance/total-byte-weight";
/** A memory of 32-bit addresses has at most 65,536 pages of 64 KiB. */
const WASM = "https://webassembly.github.io/spec/js-api/#limits";

/** Both plans; the limits of 3 and 10 MB after gzip ended in 2026. */
const WORKER_LIMITS: readonly Limit[] = [
  { what: "bytes", most: 64 * 2 ** 20, source: WORKERS },
  { what: "memoryBytes", most: 128e6, source: WORKERS },
  { what: "startMs", most: 1000, source: WORKERS },
];
const MEMORY_32_BIT: Limit = { what: "memoryBytes", most: 65536 * 65536, source: WASM };

/** The places that `doctor` knows. Published limits as of November 2026; MB are taken as 10^6 bytes. */
export const TARGETS = {
  "workers-free": {
    title: "Cloudflare Workers, free plan",
    runtime: "module",
    limits: [...WORKER_LIMITS, { what: "inferenceMs", most: 10, source: WORKERS }],
  },
  workers: {
    title: "Cloudflare Workers, paid plan, default limit of processor time",
    runtime: "module",
    limits: [...WORKER_LIMITS, { what: "inferenceMs", most: 30_000, source: WORKERS }],
  },
  vercel: {
    title: "Vercel, edge runtime, Hobby plan",
    runtime: "module",
    limits: [
      { what: "gzipBytes", most: 1e6, source: VERCEL },
      { what: "memoryBytes", most: 128e6, source: VERCEL },
      { what: "inferenceMs", most: 25_000, source: VERCEL },
    ],
  },
  lambda: {
    title: "AWS Lambda, smallest memory, default timeout",
    runtime: "inline",
    limits: [
      { what: "gzipBytes", most: 50e6, source: LAMBDA },
      { what: "bytes", most: 250e6, source: LAMBDA },
      { what: "memoryBytes", most: 128e6, source: LAMBDA },
      { what: "inferenceMs", most: 3000, source: LAMBDA_TIMEOUT },
    ],
  },
  browser: {
    title: "a page: no long task, no enormous payload",
    runtime: "inline",
    limits: [
      { what: "gzipBytes", most: 5000 * 1024, source: LIGHTHOUSE },
      MEMORY_32_BIT,
      { what: "inferenceMs", most: 50, source: LONG_TASKS },
    ],
  },
  node: { title: "Node", runtime: "inline", limits: [MEMORY_32_BIT] },
} as const satisfies Readonly<Record<string, Target>>;

export type TargetName = keyof typeof TARGETS;
