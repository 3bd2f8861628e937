import type { Answers } from "../train/evaluate.ts";
import type { Blocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";

/** Bits of a weight by the name of its operation. */
export type Bits = Readonly<Record<string, number>>;

/** A piece of a run. What it comes to depends on it, its files and the configuration alone. */
export type Job =
  /** Trains the network without blocks. */
  | { readonly kind: "start" }
  /** Gives one layer of the start network blocks. */
  | { readonly kind: "sense"; readonly layer: string; readonly k: number }
  /** Trains a shape in a rung; in the first from the best of the sources, or from the one that is named. */
  | { readonly kind: "train"; readonly blocks: Blocks; readonly rung: number; readonly source?: string }
  /** Compiles a shape and narrows the weights of one layer at a time. */
  | { readonly kind: "bits"; readonly blocks: Blocks }
  /** Compiles a shape with weights of so many bits and trains the deployed integers. */
  | { readonly kind: "finish"; readonly blocks: Blocks; readonly bits: Bits }
  /** Runs a finished model on the test set. */
  | { readonly kind: "test"; readonly model: string };

/** Files by the names that the job knows them by. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** What each kind of job comes to, beside files. */
export interface Results {
  readonly start: Answers;
  readonly sense: Answers;
  /** Before and after; `kept` is the epoch whose state is the file, 0 for the one it began with. */
  readonly train: { readonly source: string; readonly before: Answers; readonly after: Answers; readonly kept: number };
  /** With 16 bits, and by layer and bits with these. */
  readonly bits: {
    readonly full: Answers;
    readonly narrow: Readonly<Record<string, Readonly<Record<number, Answers>>>>;
  };
  readonly finish: { readonly before: Answers; readonly after: Answers; readonly kept: number };
  readonly test: Answers & { readonly digest: string };
}

export interface Outcome<K extends Job["kind"] = Job["kind"]> {
  readonly result: Results[K];
  readonly files: Files;
}

/** Where a job stands. */
export interface JobProgress {
  /** 0 .. 1. */
  readonly done: number;
  /** Share of right answers so far, where there is one. */
  readonly accuracy?: number;
}

/** The name of a job in the journal: equal for equal jobs of a run. */
export function jobId(job: Job): string {
  switch (job.kind) {
    case "start":
      return "start";
    case "sense":
      return `sense ${job.layer} ${job.k}`;
    case "train":
      return `train ${job.blocks.join("-")} ${job.rung}`;
    case "bits":
      return `bits ${job.blocks.join("-")}`;
    case "finish":
      return `finish ${pointName(job.blocks, job.bits)}`;
    case "test":
      return `test ${job.model}`;
  }
}

/** The name of a point and of its folder, as in "64-64-16_10-9-12": block sizes, bits. */
export function pointName(blocks: Blocks, bits: Bits): string {
  return `${blocks.join("-")}_${Object.values(bits).join("-")}`;
}

/** About how much work a job is, in operations. */
export function workOfJob(job: Job, config: DesignConfig, trainWork: (blocks: Blocks) => number): number {
  const fit = 4e9;
  switch (job.kind) {
    case "start":
      return config.start.epochs * trainWork(Object.values(config.blocks).map(() => 1));
    case "sense":
    case "bits":
      return fit;
    case "train":
      return config.search.rungs[job.rung].epochs * trainWork(job.blocks) + (job.rung === 0 ? 2 * fit : 0);
    case "finish":
      return fit + 3 * config.search.finetune.epochs * trainWork(job.blocks);
    case "test":
      return fit / 10;
  }
}
