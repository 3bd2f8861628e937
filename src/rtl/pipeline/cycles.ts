import { forwardLatency, inverseLatency } from "./latency.ts";
import type { Job, PipelineProgram } from "./program.ts";

/** When the parts of the engine work on a job; cycle 1 is that of the first beat in. */
export interface JobCycles {
  /** Number of the job in the network, and of the vector. */
  readonly job: number;
  readonly vector: number;
  /** The first cycle in which a row is read, and the last. */
  readonly read: readonly [number, number];
  /** The same of products, and of products read back; none for a job on words. */
  readonly product?: readonly [number, number];
  readonly inverse?: readonly [number, number];
  /** The cycle in which the next job that needs its words may see that they are there. */
  readonly done: number;
}

export interface PipelineCycles {
  /** The cycle of the last beat of each vector out. */
  readonly times: readonly number[];
  /** That of the last vector. */
  readonly total: number;
  readonly jobs: readonly JobCycles[];
  /** Cycles in which each part is busy. */
  readonly busy: Readonly<Record<"read" | "product" | "inverse", number>>;
}

/** From `valid_o` of a row to the `done_o` of rtl/pipeline/finish_row.v. */
const FINISH = 6;
/** From a row read by vector_unit to the row out of it. */
const VECTOR = 6;

/**
 * The cycles that rtl/pipeline/circulant_pipeline.v takes for `count` vectors whose beats are offered and taken without a
 * pause: equal to the simulation, cycle for cycle. It follows the units from job to job, not from cycle to cycle.
 */
export function pipelineCycles(program: PipelineProgram, count: number): PipelineCycles {
  const receive = new Receive(program, count);
  const transmit = new Transmit(program);
  const units = new Units(program);
  const { jobs, slots } = program;
  const made: JobCycles[] = [];
  let clock = 0;
  let taken = 0;
  while (taken < count) {
    const first = taken;
    let round = slots;
    for (let number = 0; number < jobs.length; number++) {
      for (let slot = 0; ; slot++) {
        // The sequencer looks for the next job in cycle `clock`.
        if (number === 0) {
          const arrival = slot < slots && taken < count ? receive.visible(taken) : Number.POSITIVE_INFINITY;
          if (slot === 0) clock = Math.max(clock, arrival);
          else if (arrival > clock) {
            round = slot;
            break;
          }
          taken++;
        } else if (slot === round) break;
        const start = units.start(jobs[number], clock + 2, number === 0 ? 0 : round, transmit);
        const times = units.run(jobs[number], start);
        if (jobs[number].releasesInput) receive.release(first + slot, times.read[1]);
        if (jobs[number].writesOutput) transmit.send(times.done);
        made.push({ job: number, vector: first + slot, ...times });
        clock = start + 1;
      }
      clock++;
    }
  }
  const times = transmit.times;
  return { times, total: times[times.length - 1] ?? 0, jobs: made, busy: units.busy };
}

/** Rounds of a stream: it is steady in the second half of them. */
const ROUNDS = 16;

/** A steady stream: cycles from one vector to the next, and the share of all cycles in which products are formed. */
export function steadyStream(program: PipelineProgram): { readonly cycles: number; readonly products: number } {
  const count = ROUNDS * program.slots;
  const { times, total, busy } = pipelineCycles(program, count);
  return { cycles: (times[count - 1] - times[count / 2 - 1]) / (count / 2), products: busy.product / total };
}

/** The input ring: when a vector can be seen by the sequencer. */
class Receive {
  private readonly completes: number[] = [];
  private readonly releases: number[] = [];
  private readonly beats: number;
  private readonly perBeat: number;

  private readonly program: PipelineProgram;
  private readonly count: number;

  constructor(program: PipelineProgram, count: number) {
    this.program = program;
    this.count = count;
    const [input] = program.layout.tensors;
    const words = 2 ** program.parameters.LOG2_STREAM;
    this.beats = Math.ceil((input.pixels * input.channels) / words);
    this.perBeat = input.stride === input.channels ? 1 : words + 1;
  }

  /** The cycle in which the sequencer sees a vector, infinity if the ring has no entry for it yet. */
  visible(vector: number): number {
    return this.complete(vector) + 2;
  }

  release(vector: number, cycle: number): void {
    this.releases[vector] = cycle;
  }

  /** The cycle of the last beat, or of the last of its words where a beat is written word by word. */
  private complete(vector: number): number {
    if (vector >= this.count) return Number.POSITIVE_INFINITY;
    if (this.completes[vector] !== undefined) return this.completes[vector];
    const before = vector === 0 ? 0 : this.complete(vector - 1);
    const freed = vector < this.program.inputEntries ? 0 : this.releases[vector - this.program.inputEntries];
    if (freed === undefined || before === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const first = Math.max(before, freed) + 1;
    this.completes[vector] = first + this.beats * this.perBeat - 1;
    return this.completes[vector];
  }
}

/** The output ring and its stream. */
class Transmit {
  readonly times: number[] = [];
  private readonly releases: number[] = [];
  private readonly reads: number;
  private started = 0;

  private readonly program: PipelineProgram;

  constructor(program: PipelineProgram) {
    this.program = program;
    const { output } = program.layout;
    const words = output.pixels * output.channels;
    const packed = output.stride === output.channels;
    this.reads = packed ? Math.ceil(words / 2 ** program.parameters.LOG2_STREAM) : words;
  }

  /** The first cycle in which the next job that writes an output has an entry for it. */
  room(): number {
    const before = this.releases[this.started - this.program.outputEntries];
    return this.started < this.program.outputEntries ? 0 : before + 1;
  }

  /** A vector's words are there: it is read as soon as those before it are, and leaves three cycles after. */
  send(done: number): void {
    const first = Math.max(done, (this.releases.at(-1) ?? 0) + 1);
    const last = first + this.reads - 1;
    this.releases.push(last);
    this.times.push(last + 3);
    this.started++;
  }
}

/** The units that work on jobs, each job's times following from those of the jobs before it. */
class Units {
  readonly busy = { read: 0, product: 0, inverse: 0 };
  /** Of all jobs the cycle from which they count as done. */
  private readonly dones: number[] = [];
  private vectorFree = 0;
  private walkerFree = 0;
  /** Of the jobs on spectra, in order: forward_unit's and inverse_unit's last row out, product_unit's last cycle. */
  private readonly forwardLeft: number[] = [];
  private readonly inverseLeft: number[] = [];
  private readonly productEnds: number[] = [];
  private forwardLog2K = 0;
  private inverseLog2K = 0;
  private productStart = 0;
  private inverseStart = 0;
  private inverseRead = 0;
  /** Cycles that the sums of the row before take to leave, from its last product on. */
  private leaving = 0;
  private sumsEnd = 0;
  /** Last cycle of the window before, and those in which the quarters of the product memory were read last. */
  private windowEnd = 0;
  private readonly quarterRead = [0, 0, 0, 0];
  private windows = 0;

  private readonly program: PipelineProgram;

  constructor(program: PipelineProgram) {
    this.program = program;
  }

  /** The cycle in which a job starts that the sequencer holds ready from cycle `ready` on. */
  start(job: Job, ready: number, round: number, transmit: Transmit): number {
    const done = (back: number) => this.dones[this.dones.length - back] ?? 0;
    const earliest = [ready, this.vectorFree];
    if (round > 0) earliest.push(done(round));
    if (job.writesOutput) earliest.push(transmit.room());
    if (job.isVector) earliest.push(done(1));
    else {
      const under = this.forwardLog2K === job.log2K ? 2 : 1;
      earliest.push(this.walkerFree, (this.forwardLeft.at(-under) ?? -1) + 1);
      earliest.push((this.productEnds.at(-this.program.buffers) ?? -2) + 2);
    }
    return Math.max(...earliest);
  }

  run(job: Job, start: number): Omit<JobCycles, "job" | "vector"> {
    const times = job.isVector ? this.runVector(job, start) : this.runSpectra(job, start);
    this.dones.push(times.done);
    // A job on words keeps its unit until its last word has left.
    this.busy.read += times.read[1] - times.read[0] + 1 + (job.isVector ? VECTOR : 0);
    return times;
  }

  private runVector(job: Job, start: number) {
    const last = start + job.windows * job.groups * job.taps;
    this.vectorFree = last + VECTOR + 1;
    return { read: [start + 1, last] as const, done: last + VECTOR + FINISH + 1 };
  }

  private runSpectra(job: Job, start: number) {
    const { LOG2_PATHS, BLOCKS } = this.program.parameters;
    const { log2K, rows, inputBlocks, outputBlocks, windows, taps } = job;
    // Forward: the words stand two cycles after their address.
    const lastRead = start + job.pixels * inputBlocks * rows;
    this.walkerFree = lastRead;
    this.forwardLog2K = log2K;
    const forwardLeft = lastRead + 2 + forwardLatency(log2K, LOG2_PATHS);
    this.forwardLeft.push(forwardLeft);

    const productStart = Math.max(start + 2, this.productStart + 2, forwardLeft + 2, this.productEnds.at(-1) ?? 0);
    this.productStart = productStart;
    const under = this.inverseLog2K === log2K ? 2 : 1;
    const inverseStart = Math.max(
      start + 2,
      this.inverseStart + 2,
      this.inverseRead,
      (this.inverseLeft.at(-under) ?? -1) + 1,
    );
    this.inverseStart = inverseStart;
    this.inverseLog2K = log2K;

    const readBack = outputBlocks * rows;

    this.windowEnd = productStart;
    this.inverseRead = inverseStart;
    let [firstProduct, firstBack] = [0, 0];
    for (let window = 0; window < windows; window++, this.windows++) {
      const quarter = this.windows & 3;
      const begins = Math.max(this.windowEnd, this.quarterRead[quarter]) + 1;
      this.windowEnd = begins - 1;
      for (let first = 0; first < outputBlocks; first += BLOCKS) {
        this.productRows(rows, taps * inputBlocks, Math.min(BLOCKS, outputBlocks - first));
      }
      // The last sums leave from five cycles after their last product on.
      const complete = this.windowEnd + 5 + this.leaving + 1;
      const backBegins = Math.max(this.inverseRead + 1, complete);
      this.inverseRead = backBegins + readBack - 1;
      this.quarterRead[quarter] = this.inverseRead;
      if (window === 0) [firstProduct, firstBack] = [begins, backBegins];
    }
    this.productEnds.push(this.windowEnd);
    this.busy.product += this.windowEnd - productStart;
    this.busy.inverse += windows * readBack;
    const inverseLeft = this.inverseRead + 1 + inverseLatency(log2K, LOG2_PATHS);
    this.inverseLeft.push(inverseLeft);
    return {
      read: [start + 1, lastRead] as const,
      product: [firstProduct, this.windowEnd] as const,
      inverse: [firstBack, this.inverseRead] as const,
      done: inverseLeft + FINISH + 1,
    };
  }

  /** Rows of one group of output blocks: the last product of each waits for the sums before it, which leave one a cycle. */
  private productRows(rows: number, products: number, blocks: number): void {
    for (let row = 0; row < rows; row++) {
      this.windowEnd = Math.max(this.windowEnd + products, this.sumsEnd + this.leaving);
      this.sumsEnd = this.windowEnd;
      this.leaving = blocks;
    }
  }
}
