import type { Model } from "../model/model.ts";
import { realWork } from "../model/work.ts";
import { mostCycles } from "../rtl/cycles.ts";
import { type EngineParameters, smallestParameters } from "../rtl/parameters.ts";
import { networkProgram } from "../rtl/program.ts";
import type { Axis, Device } from "./config.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { tensorBytes } from "./sizes.ts";

/** An engine for a model and what it takes. */
export interface EngineCost {
  readonly engine: EngineChoice;
  /** Of an inference. */
  readonly cycles: number;
  /** Whether the cycles are exact or a bound from above. */
  readonly exact: boolean;
  /** Multipliers of 16 x 16 bits. */
  readonly multipliers: number;
  /** Bits of all memories. */
  readonly memoryBits: number;
  readonly latencyMicroseconds?: number;
  /** Of the device's limits those that do not hold; none without a device. */
  readonly misses: readonly string[];
}

/** For each engine to consider the smallest that holds a model. */
export function engineCosts(model: Model, engines: readonly EngineChoice[], device?: Device): readonly EngineCost[] {
  return engines.map((engine) => engineCost(model, engine, device));
}

function engineCost(model: Model, engine: EngineChoice, device: Device | undefined): EngineCost {
  const program = networkProgram(model);
  const parameters = smallestParameters(program, engine.lanes);
  const cycles = cyclesOf(model, engine);
  const cost = {
    ...{ engine, cycles, exact: false },
    multipliers: multipliersOf(parameters),
    memoryBits: memoryBitsOf(parameters),
  };
  if (device === undefined) return { ...cost, misses: [] };
  const latencyMicroseconds = cycles / device.megahertz;
  return { ...cost, latencyMicroseconds, misses: missesOf({ ...cost, latencyMicroseconds }, device) };
}

function missesOf(cost: Omit<EngineCost, "misses">, device: Device): readonly string[] {
  const { multipliers, memoryBits, latencyMicroseconds = 0 } = cost;
  const { dsp, ramBits, latencyMicroseconds: latency, inferencesPerSecond } = device;
  const limits: readonly (readonly [string, number, number | undefined])[] = [
    ["dsp", multipliers, dsp],
    ["ramBits", memoryBits, ramBits],
    ["latencyMicroseconds", latencyMicroseconds, latency],
    ["inferencesPerSecond", latencyMicroseconds, inferencesPerSecond && 1e6 / inferencesPerSecond],
  ];
  return limits.filter(([, value, most]) => most !== undefined && value > most).map(([name]) => name);
}

function cyclesOf(model: Model, { lanes }: EngineChoice): number {
  return mostCycles(networkProgram(model), lanes);
}

/** Multipliers of the lanes, of the butterfly, of the unit of windows and of two tables of activations. */
function multipliersOf({ LANES }: EngineParameters): number {
  return 4 * LANES + 4 + 2 + 2;
}

function memoryBitsOf(parameters: EngineParameters): number {
  const { LANES, LOG2_K_MAX, ACTIVATION_WIDTH, SPECTRUM_WIDTH, WEIGHT_WIDTH, BIAS_WIDTH, TABLE_WIDTH } = parameters;
  const activations = 3 * 16 * 2 ** (ACTIVATION_WIDTH - 1);
  const tables = 2 * 16 * 512 * 2 ** TABLE_WIDTH;
  const weights = 32 * LANES * 2 ** WEIGHT_WIDTH;
  return activations + 32 * 2 ** SPECTRUM_WIDTH + weights + 16 * 2 ** BIAS_WIDTH + tables + 16 * 2 ** LOG2_K_MAX;
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
  if (axis === "cycles") return cyclesOf(model, engines[engines.length - 1]);
  return model.operations.reduce((sum, operation) => sum + realWork(operation), 0);
}
