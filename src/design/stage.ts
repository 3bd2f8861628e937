import type { Blocks } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";
import type { Dispatcher } from "./dispatch.ts";
import { type Files, type Job, jobId, type Results, workOfJob } from "./job.ts";
import type { Entry, Journal } from "./journal.ts";

/** Where a run stands. */
export interface RunProgress {
  /** Name of the job that moved. */
  readonly job: string;
  /** About how much work of the run is done, 0 .. 1, and how much of it was done before this session. */
  readonly done: number;
  readonly before: number;
  /** Jobs that are finished and jobs that there are, of this stage. */
  readonly finished: number;
  readonly jobs: number;
  readonly accuracy?: number;
}

/** A finished job with its result. */
export interface Finished<K extends Job["kind"]> {
  readonly job: Extract<Job, { kind: K }>;
  readonly result: Results[K];
  readonly files: Entry["files"];
  readonly seconds: number;
}

/** Works off the stages of a run: what the journal has is not done again. */
export interface Stages {
  /** All jobs of a stage, in their order. Files are asked for when a job is handed out. */
  readonly all: <K extends Job["kind"]>(
    jobs: readonly Extract<Job, { kind: K }>[],
    filesOf: (job: Extract<Job, { kind: K }>) => Files,
  ) => Promise<readonly Finished<K>[]>;
}

/** Threads that a job can use. */
const MOST_THREADS = 4;

/**
 * @param total     work of the whole run, by `workOfJob`
 * @param trainWork operations of an epoch of a shape
 */
export function createStages(
  { journal, dispatcher, workers, config }: StageParts,
  total: number,
  trainWork: (blocks: Blocks) => number,
  onProgress: ((progress: RunProgress) => void) | undefined,
): Stages {
  const workOf = (job: Job) => workOfJob(job, config, trainWork);
  let before = 0;
  let done = 0;
  const running = new Map<string, number>();
  const share = (work: number) => Math.min(1, work / total);

  return {
    all: async (jobs, filesOf) => {
      const open = jobs.filter((job) => !journal.entries.has(jobId(job)));
      const threads = Math.max(1, Math.min(MOST_THREADS, Math.floor(workers / Math.max(1, open.length))));
      let finished = jobs.length - open.length;
      for (const job of jobs) if (!open.includes(job)) before += workOf(job);
      const report = (job: string, accuracy?: number) => {
        const under = [...running.values()].reduce((sum, work) => sum + work, 0);
        const shares = { done: share(before + done + under), before: share(before) };
        onProgress?.({ job, ...shares, finished, jobs: jobs.length, ...(accuracy === undefined ? {} : { accuracy }) });
      };
      await Promise.all(
        open.map(async (job) => {
          const id = jobId(job);
          const outcome = await dispatcher().submit({ id, job, files: filesOf(job), threads }, (progress) => {
            running.set(id, progress.done * workOf(job));
            report(id, progress.accuracy);
          });
          if (journal.entries.has(id)) return;
          journal.add(id, outcome.result, outcome.files, outcome.seconds);
          running.delete(id);
          done += workOf(job);
          finished++;
          report(id);
        }),
      );
      return jobs.map((job) => {
        const { result, files, seconds } = entryOf(journal, jobId(job));
        return { job, result: result as never, files, seconds };
      });
    },
  };
}

/** What stages are made of; the dispatcher is asked for when there is work for it. */
export interface StageParts {
  readonly journal: Journal;
  readonly dispatcher: () => Dispatcher;
  readonly workers: number;
  readonly config: DesignConfig;
}

function entryOf(journal: Journal, id: string): Entry {
  const entry = journal.entries.get(id);
  if (entry === undefined) throw new Error(`${id} is not in the journal`);
  return entry;
}
