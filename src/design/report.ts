import type { Model } from "../model/model.ts";
import type { Answers } from "../train/evaluate.ts";
import type { Blocks } from "./blocks.ts";
import type { Sensitivity } from "./candidates.ts";
import type { DesignConfig } from "./config.ts";
import { bestEngine, type EngineCost, engineCosts } from "./cost.ts";
import { nanojoules } from "./energy.ts";
import type { EngineSynthesis } from "./finalists.ts";
import type { Bits } from "./job.ts";
import { ranks } from "./pareto.ts";

/** What every model of a report is compared by. The less the better, but for the accuracy. */
export interface Figures {
  /** Share of the test set that the kernels answer right. */
  readonly accuracy: number;
  /** Of the model file. */
  readonly bytes: number;
  /** Measured, of an inference in WebAssembly, one thread. */
  readonly microseconds: number;
  /** Of the engine that suits the target best: cycles, multipliers, bits of memory. */
  readonly cycles: number;
  readonly multipliers: number;
  readonly memoryBits: number;
  /** Estimate of an inference by the table of energies. */
  readonly nanojoules: number;
  /** All engines that were considered. */
  readonly engines: readonly EngineCost[];
  readonly engine: EngineCost;
}

/** A finished model. */
export interface Point extends Figures {
  /** Names its folder too: blocks, bits. */
  readonly id: string;
  readonly blocks: Blocks;
  readonly bits: Bits;
  /** What the shape was begun with, and the epochs that it was trained. */
  readonly source: string;
  readonly epochs: number;
  readonly heldOut: Answers;
  /** SHA-256 of the model file, and of its outputs on the test set. */
  readonly sha256: string;
  readonly outputs: string;
  /** What of the target does not hold; none if it is met. */
  readonly misses: readonly string[];
  /** Of a finalist: what synthesis counts of its engine, and of the device's limits those that this is over. */
  readonly synthesis?: EngineSynthesis & { readonly misses: readonly string[] };
  /** Whether no other point is as good in accuracy, bytes, cycles and microseconds, and better in one. */
  readonly pareto: boolean;
  /** Files beside the report. */
  readonly files: {
    readonly model: string;
    readonly recipe: string;
    readonly point: string;
    readonly commands: string;
  };
  /** The command that makes the model again, to the byte. */
  readonly rebuild: string;
}

/** A model that was there before. */
export interface Rival extends Figures {
  readonly name: string;
  readonly sha256: string;
}

/** A shape that was trained, whether it became points or not. */
export interface ShapeRecord {
  readonly blocks: Blocks;
  readonly source: string;
  /** Held-out answers after each rung that it was in, and the epoch that was kept. */
  readonly rungs: readonly (Answers & { readonly epochs: number; readonly kept: number })[];
  /** Bytes of its tensors with 16 bits, and cycles. */
  readonly bytes: number;
  readonly cycles: number;
  readonly finished: boolean;
}

/** A point that answers as many right as a rival or more, and is smaller or faster. */
export interface Beat {
  readonly point: string;
  readonly rival: string;
  readonly axes: readonly BeatAxis[];
}

export const BEAT_AXES = ["bytes", "cycles", "microseconds"] as const;
/** A time is called less than another if it is less than this share of it. */
const CLEARLY = 0.95;

export type BeatAxis = (typeof BEAT_AXES)[number];

/** All that a run found. */
export interface DesignReport {
  readonly circulant: "design report 1";
  readonly config: DesignConfig;
  /** SHA-256 of the training images and labels. */
  readonly data: string;
  readonly testImages: number;
  readonly heldOutImages: number;
  readonly start: Answers;
  readonly sensitivity: Sensitivity;
  readonly shapes: readonly ShapeRecord[];
  readonly points: readonly Point[];
  readonly rivals: readonly Rival[];
  readonly pareto: readonly string[];
  readonly beats: readonly Beat[];
  /** Processor time of the jobs, and what microseconds were measured with. */
  readonly jobSeconds: number;
  readonly machine: string;
}

/** Bytes, cycles, resources and energy of a model; what of the target they miss. */
export function figuresOf(
  model: Model,
  { bytes, accuracy, microseconds }: Pick<Figures, "bytes" | "accuracy" | "microseconds">,
  config: DesignConfig,
): Figures {
  const engines = engineCosts(model, config.engines, config.target.device);
  const engine = bestEngine(engines);
  const { cycles, multipliers, memoryBits } = engine;
  const energy = nanojoules(model, config.energy);
  return { accuracy, bytes, microseconds, cycles, multipliers, memoryBits, nanojoules: energy, engines, engine };
}

/** What of the target a model does not meet. */
export function missesOf(figures: Figures, { target }: DesignConfig): readonly string[] {
  const { accuracy, bytes = Number.POSITIVE_INFINITY, microseconds = Number.POSITIVE_INFINITY } = target;
  return [
    ...(figures.accuracy < accuracy ? ["accuracy"] : []),
    ...(figures.bytes > bytes ? ["bytes"] : []),
    ...(figures.microseconds > microseconds ? ["microseconds"] : []),
    ...figures.engine.misses,
  ];
}

/** Which of the points no other dominates. */
export function undominated(points: readonly Figures[]): readonly boolean[] {
  const rank = ranks(
    points.map(({ accuracy, bytes, cycles, microseconds }) => [1 - accuracy, bytes, cycles, microseconds]),
  );
  return rank.map((front) => front === 0);
}

/** Every rival that a point beats, and on which axes. */
export function beatsOf(points: readonly Point[], rivals: readonly Rival[]): readonly Beat[] {
  return points.flatMap((point) =>
    rivals.flatMap((rival) => {
      const axes = BEAT_AXES.filter((axis) => point[axis] < rival[axis] * (axis === "microseconds" ? CLEARLY : 1));
      return point.accuracy >= rival.accuracy && axes.length > 0 ? [{ point: point.id, rival: rival.name, axes }] : [];
    }),
  );
}
