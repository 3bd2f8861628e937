import { OptionError, RuntimeError } from "../errors.ts";
import type { Operation } from "../layers/operation.ts";
import type { Model, Shape } from "../model/model.ts";
import { packedBytes } from "../model/narrow.ts";
import { tensorTypes } from "../model/program.ts";
import { tensorsOf } from "../model/tensors.ts";
import { denseWork, realWork } from "../model/work.ts";
import type { Backend } from "./backend.ts";

export interface ProfileOptions {
  /** Rounds, of whose times the medians are taken, 1 to 10,000; each takes a millisecond or more an operation. Default 25. */
  readonly runs?: number;
}

/** Where the time of an inference goes. Times are microseconds, medians over the rounds. */
export interface Profile {
  readonly backend: Backend["name"];
  readonly runs: number;
  readonly operations: readonly OperationProfile[];
  /** An inference as one call, from the words of the input to those of the output. */
  readonly microseconds: number;
  /** The sum of the operations, each timed by itself. */
  readonly operationMicroseconds: number;
  /**
   * What the sum misses: the inference less the sum. Above 0 where operations drive one another's words from the
   * caches, below 0 where the sum has more calls from JavaScript than one.
   */
  readonly missedMicroseconds: number;
  /** The step of the clock. */
  readonly clockMicroseconds: number;
}

/** One operation's part of an inference. */
export interface OperationProfile {
  readonly name: string;
  readonly op: Operation["op"];
  /** Of the tensor that it writes. */
  readonly shape: Shape;
  /** Block size, where there are blocks. */
  readonly k?: number;
  readonly microseconds: number;
  /** Of the sum of the operations; the shares of all are 1. */
  readonly share: number;
  /** Weights, bias and table as the model has them. */
  readonly weightBytes: number;
  /** The same as the kernels read them, with their lists of addresses; 0 for "reference". */
  readonly constantBytes: number;
  /** Operations of the dense form, two for each weight of each window, those over the padding too; 0 without weights. */
  readonly denseOperations: number;
  /** Operations that the block-circulant form takes, by the same count: products and sums. */
  readonly operations: number;
  /** denseOperations in 10^9 a second. */
  readonly denseGops: number;
}

const RUNS = 25;
const MOST_RUNS = 10_000;
/** Until the engine has compiled what is hot as well as it can. */
const WARM_UP_MS = 100;
const READING_MS = 1;
/** Steps of the clock in a reading. */
const READING_STEPS = 20;
/** Reads of a clock, 20 ms of them or more, after which it stands still. */
const MOST_READS = 1 << 20;

/**
 * Times each operation of a network by itself, and the network as one call, in turns. Between two readings of the clock
 * an operation runs as often as a clock of coarse steps needs. It then reads what its own runs have left where they
 * overwrite their input: the kernels do not branch on words, so their time does not depend on them.
 *
 * @param load writes the words of an item into the backend's input
 * @throws OptionError  if `runs` is no number of rounds
 * @throws RuntimeError if the clock stands still while code runs
 */
export function profileModel(model: Model, backend: Backend, load: () => void, options: ProfileOptions = {}): Profile {
  const { runs = RUNS } = options;
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS) {
    throw new OptionError(`runs: expected 1 to ${MOST_RUNS}, got ${runs}`, { option: "runs" });
  }
  const step = clockStep();
  load();
  warmUp(backend);
  const tasks = model.operations.map((_, i) => () => backend.runOperation(i));
  const medians = timeInTurns([backend.run, ...tasks], runs, Math.max(READING_MS, READING_STEPS * step));
  load();
  backend.run();
  const [whole, ...times] = medians.map((ms) => 1000 * ms);
  const sum = times.reduce((total, time) => total + time, 0);
  return {
    backend: backend.name,
    runs,
    operations: times.map((time, i) => profileOperation(model, backend, i, time, sum)),
    microseconds: whole,
    operationMicroseconds: sum,
    missedMicroseconds: whole - sum,
    clockMicroseconds: 1000 * step,
  };
}

function profileOperation(model: Model, backend: Backend, i: number, time: number, sum: number): OperationProfile {
  const operation = model.operations[i];
  const { name, op } = operation;
  const denseOperations = denseWork(operation);
  return {
    name,
    op,
    shape: tensorTypes(model)[i + 1].shape,
    ...("k" in operation ? { k: operation.k } : {}),
    microseconds: time,
    share: time / sum,
    weightBytes: tensorsOf(operation).reduce((bytes, { words, bits }) => bytes + packedBytes(words.length, bits), 0),
    constantBytes: backend.constantBytes(i),
    denseOperations,
    operations: realWork(operation),
    denseGops: denseOperations === 0 ? 0 : denseOperations / time / 1000,
  };
}

/** The milliseconds between two values of the clock, the least of some. */
function clockStep(): number {
  let least = Number.POSITIVE_INFINITY;
  let last = nextTick(performance.now());
  for (let i = 0; i < 5; i++) {
    const next = nextTick(last);
    least = Math.min(least, next - last);
    last = next;
  }
  return least;
}

function nextTick(last: number): number {
  for (let reads = 0; reads < MOST_READS; reads++) {
    const now = performance.now();
    if (now > last) return now;
  }
  throw new RuntimeError(
    "clock: expected performance.now() to advance while code runs, got one that stands still, as in Workers; profile the model in Node, Deno, Bun or a page",
    { problem: "FROZEN_CLOCK" },
  );
}

function warmUp({ run }: Backend): void {
  const start = performance.now();
  do run();
  while (performance.now() - start < WARM_UP_MS);
}

/** Milliseconds of each task, the medians over `runs` rounds in each of which every task has a turn of `leastMs`. */
function timeInTurns(tasks: readonly (() => void)[], runs: number, leastMs: number): number[] {
  const repeats = tasks.map((task) => {
    let count = 1;
    while (time(task, count) < leastMs) count *= 2;
    return count;
  });
  const times = tasks.map(() => new Float64Array(runs));
  for (let round = 0; round < runs; round++) {
    for (const [i, task] of tasks.entries()) times[i][round] = time(task, repeats[i]) / repeats[i];
  }
  return times.map(median);
}

function time(task: () => void, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) task();
  return performance.now() - start;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
