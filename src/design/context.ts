import type { DesignConfig } from "./config.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { Journal, Origin } from "./journal.ts";
import type { Known } from "./known.ts";
import type { RunProgress, Stages } from "./stage.ts";

export interface DesignOptions {
  /** Folder of the images. */
  readonly data: string;
  /** Folder of the run: journal, points, report. */
  readonly out: string;
  /** Jobs at a time, each in a process of its own. Default: the machine's cores. */
  readonly workers?: number;
  /** Go on with the run in the folder. */
  readonly resume?: boolean;
  /** Whoever works the jobs off in place of processes of this machine; closed at the end. */
  readonly dispatcher?: (origin: Origin) => Dispatcher;
  /** Ends the run; what is finished stays in the journal. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** What the parts of a run share. */
export interface Run {
  readonly config: DesignConfig;
  readonly options: DesignOptions;
  readonly journal: Journal;
  readonly stages: Stages;
  readonly sources: readonly Known[];
  readonly origin: Origin;
}
