import { LEAST_WEIGHT_BITS, WORD_BITS } from "../model/narrow.ts";
import type { FamilyName } from "../synth/family.ts";
import { MODELLED, tellsTables } from "../synth/resources.ts";
import { parseConfig, type TrainConfig } from "../train/config.ts";
import { invalid, list, real, record, text, whole } from "../train/fields.ts";
import { readRecipe } from "../train/recipe.ts";
import { type BlockLayer, blockLayers } from "./blocks.ts";
import { type EnergyTable, parseEnergy } from "./energy.ts";
import { type EngineChoice, parseEngine } from "./engine-choice.ts";

/** What a finished point is wanted to be; what is absent is not asked for. */
export interface Target {
  /** Least share of the held-out images, and of the test set, that the deployed integers answer right. */
  readonly accuracy: number;
  /** Most bytes of the model file. */
  readonly bytes?: number;
  /** Most time of an inference in WebAssembly, on the machine of the run. */
  readonly microseconds?: number;
  readonly device?: Device;
}

/** A part that the engine is to fit, and what it is to do there. */
export interface Device {
  readonly name: string;
  /** Clock of the engine, assumed unless place and route says it. */
  readonly megahertz: number;
  /** The family of its cells, whose resource model tells what an engine takes; without it only multipliers and bits are counted. */
  readonly family?: FamilyName;
  /** Multiplier blocks: of the family, else of 18 x 18 bits. */
  readonly dsp?: number;
  /** Look-up tables, those that are memory among them; registers; block memories in the family's unit. */
  readonly lut?: number;
  readonly ff?: number;
  readonly blockRam?: number;
  /** Bits of block memory. */
  readonly ramBits?: number;
  /** Most time of an inference, from the first word in to the last word out. */
  readonly latencyMicroseconds?: number;
  /** Least inferences a second. */
  readonly inferencesPerSecond?: number;
}

/** One round of training of all shapes that are left. */
export interface Rung {
  readonly epochs: number;
  /** Learning rate at its peak. */
  readonly rate: number;
  /** Shapes that go on after it. */
  readonly keep: number;
}

/** What is minimised beside the error. */
export type Axis = "bytes" | "cycles" | "work";
export const AXES: readonly Axis[] = ["bytes", "cycles", "work"];

/** A co-design run: plain data, the content of a configuration file with its recipe read. */
export interface DesignConfig {
  /** The network with the block sizes it has by hand, and how it is trained. */
  readonly recipe: TrainConfig;
  /** Model files of the recipe's layers with any blocks, or shipped models by name: what shapes may start from. */
  readonly known: readonly string[];
  /** Training of the network without blocks, from which sensitivity is measured and shapes may start. */
  readonly start: { readonly epochs: number; readonly rate: number };
  /** Block sizes to choose from, by layer. */
  readonly blocks: Readonly<Record<string, readonly number[]>>;
  /** Bits of a weight to choose from, 8 to 16. */
  readonly weightBits: readonly number[];
  readonly target: Target;
  /** The engines that are considered; by the last of them shapes are compared. */
  readonly engines: readonly EngineChoice[];
  readonly search: Search;
  readonly energy: EnergyTable;
}

export interface Search {
  /** Shapes, that is block sizes of all layers, to begin with. */
  readonly shapes: number;
  readonly axes: readonly Axis[];
  /** Training images on which blocks are found and formats chosen. */
  readonly calibration: number;
  readonly rungs: readonly Rung[];
  /** Relative growths of the held-out loss that narrow weights may cost, each a point of every shape that is left. */
  readonly tolerances: readonly number[];
  /** Training with the deployed integers. */
  readonly finetune: { readonly epochs: number; readonly rate: number };
  /** Engines to synthesise in the end for the family of the device, those of the best points. */
  readonly synthesise: number;
}

const FIELDS = ["recipe", "known", "start", "blocks", "weightBits", "target", "engines", "search", "energy"];

/**
 * Checks a configuration, as parsed from JSON.
 *
 * @param readNamedRecipe how a recipe that is given by a name or a file is read
 * @throws OptionError naming the field that is missing, unknown or out of range
 */
export function parseDesign(
  value: unknown,
  readNamedRecipe: (source: string) => TrainConfig = readRecipe,
): DesignConfig {
  const root = record(value, "design", [...FIELDS, "$schema"]);
  if (root.$schema !== undefined) text(root.$schema, "$schema");
  const recipe = typeof root.recipe === "string" ? readNamedRecipe(root.recipe) : parseConfig(root.recipe);
  if (recipe.validation === 0) throw invalid("recipe.validation", "images held out, on which points are compared", 0);
  const layers = blockLayers(recipe);
  const target = parseTarget(root.target);
  const start = record(root.start, "start", ["epochs", "rate"]);
  return {
    recipe,
    known: list(root.known ?? [], "known").map((source, i) => text(source, `known[${i}]`)),
    start: { epochs: whole(start.epochs, "start.epochs", 1, 1000), rate: rate(start.rate, "start.rate") },
    blocks: parseBlocks(root.blocks, layers),
    weightBits: parseBits(root.weightBits),
    target,
    engines: parseEngines(root.engines),
    search: parseSearch(root.search, target),
    energy: parseEnergy(root.energy),
  };
}

function parseBlocks(value: unknown, layers: readonly BlockLayer[]): DesignConfig["blocks"] {
  const names = layers.map(({ name }) => name);
  const given = record(value ?? {}, "blocks", names);
  const entries = layers.map(({ name, k }) => {
    const sizes = given[name] === undefined ? [k] : increasing(given[name], `blocks.${name}`, 1, 2048);
    for (const size of sizes) if ((size & (size - 1)) !== 0) throw invalid(`blocks.${name}`, "powers of two", size);
    return [name, sizes] as const;
  });
  return Object.fromEntries(entries);
}

function parseBits(value: unknown): readonly number[] {
  const bits = increasing(value ?? [WORD_BITS], "weightBits", LEAST_WEIGHT_BITS, WORD_BITS);
  if (!bits.includes(WORD_BITS)) throw invalid("weightBits", `${WORD_BITS} among them`, bits);
  return bits;
}

function parseEngines(value: unknown): readonly EngineChoice[] {
  const engines = list(value, "engines").map((engine, i) => parseEngine(engine, `engines[${i}]`));
  if (engines.length === 0) throw invalid("engines", "at least one engine", engines);
  return engines;
}

function parseTarget(value: unknown): Target {
  const target = record(value, "target", ["accuracy", "bytes", "microseconds", "device"]);
  return {
    accuracy: real(target.accuracy, "target.accuracy", 0, 1),
    ...optional(target, "target", { bytes: [1, 2 ** 40], microseconds: [1e-6, 1e12] }),
    ...(target.device === undefined ? {} : { device: parseDevice(target.device) }),
  };
}

const DEVICE_LIMITS = {
  dsp: [0, 1e9],
  lut: [0, 1e9],
  ff: [0, 1e9],
  blockRam: [0, 1e9],
  ramBits: [0, 1e15],
  latencyMicroseconds: [1e-6, 1e12],
  inferencesPerSecond: [1e-6, 1e12],
} as const;

function parseDevice(value: unknown): Device {
  const name = "target.device";
  const device = record(value, name, ["name", "megahertz", "family", ...Object.keys(DEVICE_LIMITS)]);
  const family = device.family === undefined ? undefined : parseFamily(device.family, `${name}.family`);
  const limits = optional(device, name, DEVICE_LIMITS);
  for (const limit of ["lut", "ff", "blockRam"]) {
    if (limits[limit] === undefined) continue;
    if (family === undefined) throw invalid(`${name}.family`, `a family, of which ${limit} is told`, device.family);
    const isTold = limit === "blockRam" || tellsTables(family);
    if (!isTold) throw invalid(`${name}.${limit}`, `a limit that the model tells for ${family}`, device[limit]);
  }
  return {
    name: text(device.name, `${name}.name`),
    megahertz: real(device.megahertz, `${name}.megahertz`, 1e-3, 1e5),
    ...(family === undefined ? {} : { family }),
    ...limits,
  };
}

function parseFamily(value: unknown, name: string): FamilyName {
  const family = MODELLED.find((one) => one === value);
  if (family === undefined) throw invalid(name, MODELLED.join(" or "), value);
  return family;
}

/** Those of the numbers that are there, each in its limits. */
function optional(
  fields: Readonly<Record<string, unknown>>,
  where: string,
  limits: Readonly<Record<string, readonly [number, number]>>,
): Record<string, number> {
  const there = Object.entries(limits).filter(([name]) => fields[name] !== undefined);
  return Object.fromEntries(
    there.map(([name, [least, most]]) => [name, real(fields[name], `${where}.${name}`, least, most)]),
  );
}

const SEARCH_FIELDS = ["shapes", "axes", "calibration", "rungs", "tolerances", "finetune", "synthesise"];

function parseSearch(value: unknown, { device }: Target): Search {
  const name = "search";
  const search = record(value, name, SEARCH_FIELDS);
  const synthesise = whole(search.synthesise ?? 0, `${name}.synthesise`, 0, 100);
  if (synthesise > 0 && device?.family === undefined) {
    throw invalid("target.device.family", "the family that engines are synthesised for", device?.family);
  }
  const shapes = whole(search.shapes, `${name}.shapes`, 1, 1000);
  const finetune = record(search.finetune, `${name}.finetune`, ["epochs", "rate"]);
  const tolerances = list(search.tolerances, `${name}.tolerances`);
  if (tolerances.length === 0) throw invalid(`${name}.tolerances`, "at least one", tolerances);
  return {
    shapes,
    axes: parseAxes(search.axes, `${name}.axes`),
    calibration: whole(search.calibration, `${name}.calibration`, 1, 100_000),
    rungs: parseRungs(search.rungs, `${name}.rungs`, shapes),
    tolerances: tolerances.map((tolerance, i) => real(tolerance, `${name}.tolerances[${i}]`, 0, 100)),
    finetune: {
      epochs: whole(finetune.epochs, `${name}.finetune.epochs`, 1, 1000),
      rate: rate(finetune.rate, `${name}.finetune.rate`),
    },
    synthesise,
  };
}

function parseAxes(value: unknown, name: string): readonly Axis[] {
  const axes = list(value, name).map((axis, i) => {
    const known = AXES.find((one) => one === axis);
    if (known === undefined) throw invalid(`${name}[${i}]`, AXES.join(", "), axis);
    return known;
  });
  if (axes.length === 0 || new Set(axes).size < axes.length) throw invalid(name, "different axes, one or more", axes);
  return axes;
}

function parseRungs(value: unknown, name: string, shapes: number): readonly Rung[] {
  const rungs = list(value, name);
  if (rungs.length === 0) throw invalid(name, "at least one round of training", rungs);
  let left = shapes;
  return rungs.map((rung, i) => {
    const fields = record(rung, `${name}[${i}]`, ["epochs", "rate", "keep"]);
    left = whole(fields.keep, `${name}[${i}].keep`, 1, left);
    return {
      epochs: whole(fields.epochs, `${name}[${i}].epochs`, 1, 100_000),
      rate: rate(fields.rate, `${name}[${i}].rate`),
      keep: left,
    };
  });
}

function rate(value: unknown, name: string): number {
  return real(value, name, 1e-9, 10);
}

/** Whole numbers, each larger than the one before. */
function increasing(value: unknown, name: string, least: number, most: number): readonly number[] {
  const numbers = list(value, name).map((number, i) => whole(number, `${name}[${i}]`, least, most));
  const sorted = numbers.every((number, i) => i === 0 || number > numbers[i - 1]);
  if (numbers.length === 0 || !sorted) throw invalid(name, "numbers, each larger than the one before", numbers);
  return numbers;
}
