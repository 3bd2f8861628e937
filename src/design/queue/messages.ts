import { createHash } from "node:crypto";
import type { ErrorCode } from "../../errors.ts";
import type { DesignConfig } from "../config.ts";
import type { Job, Results } from "../job.ts";
import type { Origin } from "../journal.ts";

/** The queue that all runs share. */
export const QUEUE = "circulant-design";

/** A job as it stands in the queue; its files lie beside, by their SHA-256. */
export interface Message {
  readonly id: string;
  readonly run: Origin;
  readonly config: DesignConfig;
  readonly job: Job;
  readonly files: Readonly<Record<string, string>>;
  readonly threads: number;
}

/** What a worker leaves of a job. */
export type Left =
  | {
      readonly result: Results[Job["kind"]];
      readonly files: Readonly<Record<string, string>>;
      readonly seconds: number;
    }
  | { readonly failed: { readonly message: string; readonly code?: ErrorCode; readonly fields?: object } };

/** The name of a job in the queue: equal for equal jobs, so that none stands in it twice. */
export function queueId(run: Origin, id: string): string {
  return createHash("sha256").update([run.config, run.data, id].join("\n")).digest("hex");
}

/** Seconds that files stay in Redis after their last use. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** Files in Redis, by their SHA-256. */
export function fileStore(redis: Store) {
  const keyOf = (digest: string) => `${QUEUE}:file:${digest}`;
  return {
    put: async (bytes: Uint8Array): Promise<string> => {
      const digest = createHash("sha256").update(bytes).digest("hex");
      const known = await redis.expire(keyOf(digest), KEPT_SECONDS);
      if (known === 0) await redis.set(keyOf(digest), Buffer.from(bytes), "EX", KEPT_SECONDS);
      return digest;
    },
    get: async (digest: string): Promise<Uint8Array | undefined> => {
      const bytes = await redis.getBuffer(keyOf(digest));
      return bytes === null ? undefined : new Uint8Array(bytes);
    },
  };
}

/** What of a client of Redis is used. */
interface Store {
  readonly expire: (key: string, seconds: number) => Promise<number>;
  readonly set: (key: string, value: Buffer, unit: "EX", seconds: number) => Promise<unknown>;
  readonly getBuffer: (key: string) => Promise<Buffer | null>;
}
