import type { Files, Job, JobProgress, Outcome } from "./job.ts";

/** A job on its way to whoever works it off. */
export interface Order {
  readonly id: string;
  readonly job: Job;
  readonly files: Files;
  /** Threads that it may use. */
  readonly threads: number;
}

/** What a job came to, and the seconds that it took. */
export type Worked = Outcome & { readonly seconds: number };

/** Whoever works jobs off: processes of this machine, or of others behind a queue. */
export interface Dispatcher {
  /** Works a job off when its turn comes. */
  readonly submit: (order: Order, onProgress: (progress: JobProgress) => void) => Promise<Worked>;
  readonly close: () => Promise<void>;
}
