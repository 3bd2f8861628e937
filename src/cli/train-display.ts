import cliProgress from "cli-progress";
import type { EpochRecord } from "../train/checkpoint.ts";
import type { Progress } from "../train/epoch.ts";
import { percent } from "./percent.ts";

/** Shows how training goes on. */
export interface Display {
  readonly progress: (progress: Progress) => void;
  readonly epoch: (history: readonly EpochRecord[]) => void;
  readonly stop: () => void;
}

/** What a display needs to know of the run: epochs in all, those done before, images a step. */
export interface Run {
  readonly epochs: number;
  readonly begun: number;
  readonly batch: number;
}

/** Milliseconds without a line after which one is written within an epoch. */
const QUIET_MILLISECONDS = 30_000;

const clock = () => performance.now();

/** A bar on a terminal. */
export function showBar(run: Run): Display {
  const bar = new cliProgress.SingleBar({
    format: "epoch {epoch}/{epochs} [{bar}] loss {loss}  right {right}  validation {validation}  {speed}",
    stream: process.stderr,
    hideCursor: true,
  });
  const meter = createMeter(run, clock);
  let validation = "-";
  let running = false;
  return {
    progress: (progress) => {
      const { epoch, step, steps, loss, accuracy } = progress;
      const speed = meter(progress);
      const fields = { epoch, epochs: run.epochs, loss: loss.toFixed(4), right: percent(accuracy), validation, speed };
      const value = (epoch - 1) * steps + step;
      if (running) bar.update(value, fields);
      else bar.start(run.epochs * steps, value, fields);
      running = true;
    },
    epoch: (history) => {
      validation = percent(history.at(-1)?.validation ?? null);
    },
    stop: () => bar.stop(),
  };
}

/** A line for every epoch, and in epochs of minutes one every half minute. */
export function showLines(run: Run, write: (line: string) => void, now: () => number = clock): Display {
  const meter = createMeter(run, now);
  let [epochStarted, lastLine] = [now(), now()];
  let speed = "";
  return {
    progress: (progress) => {
      const { epoch, step, steps, loss, accuracy } = progress;
      speed = meter(progress);
      if (now() - lastLine < QUIET_MILLISECONDS || step === steps) return;
      lastLine = now();
      const figures = `step ${step}/${steps}  loss ${loss.toFixed(4)}  right ${percent(accuracy)}`;
      write(`epoch ${epoch}/${run.epochs}  ${figures}  ${speed}\n`);
    },
    epoch: (history) => {
      const record = history.at(-1);
      if (record) {
        const { epoch, loss, accuracy, validation } = record;
        const figures = `loss ${loss.toFixed(4)}  right ${percent(accuracy)}  validation ${percent(validation)}`;
        const seconds = ((now() - epochStarted) / 1000).toFixed(1);
        write(`epoch ${epoch}/${run.epochs}  ${figures}  ${seconds} s  ${speed}\n`);
      }
      [epochStarted, lastLine] = [now(), now()];
    },
    stop: () => {},
  };
}

/** Images a second since the run began or was resumed, and the time left at that speed. */
function createMeter({ epochs, begun, batch }: Run, now: () => number): (progress: Progress) => string {
  const started = now();
  return ({ epoch, step, steps }) => {
    const done = (epoch - 1 - begun) * steps + step;
    const seconds = (now() - started) / 1000;
    if (done <= 0 || seconds <= 0) return "";
    const left = ((epochs - begun) * steps - done) * (seconds / done);
    return `${Math.round((done * batch) / seconds)} images/s  ${duration(left)} left`;
  };
}

/** Seconds as h:mm:ss. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return `${Math.floor(whole / 3600)}:${minutes}:${rest}`;
}
