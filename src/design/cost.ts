import type { Model } from "../model/model.ts";
import { realWork } from "../model/work.ts";
import { type ModelResources, resources } from "../synth/resources.ts";
import type { Axis, Device } from "./config.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { type EngineFigures, engineFigures, latencyCycles } from "./engines.ts";
import { tensorBytes } from "./sizes.ts";

/** An engine for a model and what it takes. */
export interface EngineCost extends EngineFigures {
  readonly engine: EngineChoice;
  readonly latencyMicroseconds?: number;
  readonly inferencesPerSecond?: number;
  /** What it takes of the device's family by the resource model, if the device has one. */
  readonly resources?: ModelResources;
  /** Of the device's limits those that do not hold; none without a device. */
  readonly misses: readonly string[];
}

/** For each engine to consider the smallest that holds a model. */
export function engineCosts(model: Model, engines: readonly EngineChoice[], device?: Device): readonly EngineCost[] {
  return engines.map((engine) => engineCost(engineFigures(model, engine), engine, device));
}

function engineCost(figures: EngineFigures, engine: EngineChoice, device: Device | undefined): EngineCost {
  if (device === undefined) return { engine, ...figures, misses: [] };
  const latencyMicroseconds = figures.cycles / device.megahertz;
  const inferencesPerSecond = (1e6 * device.megahertz) / figures.steadyCycles;
  const { family } = device;
  const modelled = family === undefined ? {} : { resources: resources(figures.parameters, family) };
  const cost = { engine, ...figures, latencyMicroseconds, inferencesPerSecond, ...modelled };
  return { ...cost, misses: missesOf(cost, device) };
}

function missesOf(cost: Omit<EngineCost, "misses">, device: Device): readonly string[] {
  const { multipliers, memoryBits, latencyMicroseconds = 0, inferencesPerSecond = 0 } = cost;
  const taken = cost.resources ?? { dsp: multipliers, blockRam: 0 };
  const isOver = (value: number, most = Number.POSITIVE_INFINITY) => value > most;
  return [
    ...resourcesOver(taken, device),
    ...(isOver(memoryBits, device.ramBits) ? ["ramBits"] : []),
    ...(isOver(latencyMicroseconds, device.latencyMicroseconds) ? ["latencyMicroseconds"] : []),
    ...(inferencesPerSecond < (device.inferencesPerSecond ?? 0) ? ["inferencesPerSecond"] : []),
  ];
}

/** The device's limits of cells that an engine is over. */
export function resourcesOver(taken: ModelResources, device: Device): readonly string[] {
  const { dsp, blockRam, lut = 0, lutRam = 0, ff = 0 } = taken;
  const cells = { dsp, lut: lut + lutRam, ff, blockRam };
  const names = Object.keys(cells) as (keyof typeof cells)[];
  return names.filter((name) => cells[name] > (device[name] ?? Number.POSITIVE_INFINITY));
}

/** The best engine of some: of those that miss the fewest of the device's limits the one of fewest cycles. */
export function bestEngine(engines: readonly EngineCost[]): EngineCost {
  return engines.reduce((best, engine) => {
    const fewer = engine.misses.length - best.misses.length || engine.cycles - best.cycles;
    return fewer < 0 ? engine : best;
  });
}

/** What shapes are compared by: bytes of the tensors, cycles of the last engine, products and sums. */
export function axisCost(axis: Axis, model: Model, engines: readonly EngineChoice[]): number {
  if (axis === "bytes") return tensorBytes(model);
  if (axis === "cycles") return latencyCycles(model, engines[engines.length - 1]);
  return model.operations.reduce((sum, operation) => sum + realWork(operation), 0);
}
