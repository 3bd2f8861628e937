import cliProgress from "cli-progress";
import type { RunProgress } from "../design/stage.ts";
import { percent } from "./percent.ts";

/** Shows how a run goes on. */
export interface DesignDisplay {
  readonly progress: (progress: RunProgress) => void;
  readonly stop: () => void;
}

/** A bar on a terminal; in a log a line for every job that is finished. */
export function showDesign(isTerminal: boolean, write: (line: string) => void): DesignDisplay {
  return isTerminal ? showBar() : showLines(write);
}

function showBar(): DesignDisplay {
  const bar = new cliProgress.SingleBar({
    format: "{job} [{bar}] {percentage} %  {finished}/{jobs}  right {right}  {left} left",
    stream: process.stderr,
    hideCursor: true,
  });
  const left = createClock();
  let running = false;
  return {
    progress: (progress) => {
      const { job, done, finished, jobs, accuracy } = progress;
      const fields = { job, finished, jobs, right: percent(accuracy ?? null), left: left(progress) };
      if (running) bar.update(Math.round(1000 * done), fields);
      else bar.start(1000, Math.round(1000 * done), fields);
      running = true;
    },
    stop: () => bar.stop(),
  };
}

function showLines(write: (line: string) => void): DesignDisplay {
  const left = createClock();
  let last = "";
  return {
    progress: (progress) => {
      const { job, done, finished, jobs, accuracy } = progress;
      const state = `${finished}/${jobs}`;
      const right = accuracy === undefined ? "" : `  right ${percent(accuracy)}`;
      if (`${job} ${state}` === last || accuracy !== undefined) return;
      last = `${job} ${state}`;
      write(`${job}  ${state}${right}  ${(100 * done).toFixed(0)} % of the run  ${left(progress)} left\n`);
    },
    stop: () => {},
  };
}

/** The time left at the speed of this session, h:mm:ss. */
function createClock(): (progress: RunProgress) => string {
  const started = performance.now();
  return ({ done, before }) => {
    const seconds = (performance.now() - started) / 1000;
    if (done <= before) return "-";
    const rest = Math.round(((1 - done) * seconds) / (done - before));
    const [minutes, over] = [Math.floor(rest / 60) % 60, rest % 60].map((part) => String(part).padStart(2, "0"));
    return `${Math.floor(rest / 3600)}:${minutes}:${over}`;
  };
}
