import { OptionError } from "../errors.ts";
import { engineMemories } from "../rtl/memories.ts";
import type { EngineParameters } from "../rtl/parameters.ts";
import { delays, LONG_DELAY, pipelineMemories } from "../rtl/pipeline/memories.ts";
import { multipliers } from "../rtl/pipeline/multipliers.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";
import { FAMILIES, type FamilyName, type Resources } from "./family.ts";
import { hasMemoryRules, type MemoryCells, memoryCells } from "./memories.ts";
import { engineParts, type Parts, pipelineParts } from "./parts.ts";
import { RESOURCE_TABLE, type ResourceTable } from "./resource-table.ts";

/** Resources of which the table tells what each part takes. */
export const FITTED = ["lut", "ff", "carry", "lutRam"] as const;
export type Fitted = (typeof FITTED)[number];

/** Of Xilinx 7: cycles from which on a chain of registers is a shift register in look-up tables, and those that one holds. */
const SHIFT = { from: 3, holds: 16 };

/** Families of which the model tells multiplier blocks and block memories. */
export const MODELLED: readonly FamilyName[] = (Object.keys(FAMILIES) as FamilyName[]).filter(hasMemoryRules);

/** Whether the table has numbers of both engines for a family, so that the model tells all resources. */
export function tellsTables(family: FamilyName, table: ResourceTable = RESOURCE_TABLE): boolean {
  const engines = table.families[family] ?? {};
  return engines.circulant_engine !== undefined && engines.circulant_pipeline !== undefined;
}

function isPipeline(parameters: EngineParameters | PipelineParameters): parameters is PipelineParameters {
  return "BLOCKS" in parameters;
}

function memoriesOf(parameters: EngineParameters | PipelineParameters, family: FamilyName): MemoryCells {
  const shapes = isPipeline(parameters) ? pipelineMemories(parameters) : engineMemories(parameters);
  const sum = { blockRam: 0, lutRam: 0, romBits: 0, romRegisters: 0, readRegisters: 0 };
  for (const shape of shapes) {
    const cells = memoryCells(shape, family);
    for (const name of Object.keys(sum) as (keyof MemoryCells)[]) sum[name] += cells[name] * shape.count;
  }
  return sum;
}

/** Registers of the short delays of both transforms, and their bits that are shift registers. */
function delayBits(parameters: PipelineParameters, family: FamilyName): { registers: number; shifts: number } {
  let [registers, shifts] = [0, 0];
  for (const { delay, lines } of delays(parameters)) {
    if (delay < SHIFT.from || (family !== "xc7" && delay < LONG_DELAY)) registers += 32 * delay * lines;
    else if (delay < LONG_DELAY) shifts += 32 * lines * Math.ceil(delay / SHIFT.holds);
  }
  return { registers, shifts };
}

/** What the numbers of a table are multiplied by: parts of an engine, and memories that are constants in look-up tables. */
export function resourceFeatures(parameters: EngineParameters | PipelineParameters, family: FamilyName): Parts {
  const { romBits, romRegisters } = memoriesOf(parameters, family);
  return { ...(isPipeline(parameters) ? pipelineParts(parameters) : engineParts(parameters)), romBits, romRegisters };
}

/** What memories and the delays of the transforms take, counted: the table tells what there is beside it. */
export function counted(parameters: EngineParameters | PipelineParameters, family: FamilyName): Record<Fitted, number> {
  const { registers, shifts } = isPipeline(parameters) ? delayBits(parameters, family) : { registers: 0, shifts: 0 };
  const { lutRam, readRegisters } = memoriesOf(parameters, family);
  return { lut: 0, ff: readRegisters + registers, carry: 0, lutRam: lutRam + shifts };
}

/** Multiplier blocks. For Xilinx 7 the product of a mean, 32 by 17 bits, takes two. */
function dspOf(parameters: EngineParameters | PipelineParameters, family: FamilyName): number {
  const means = family === "xc7" ? 1 : 0;
  if (isPipeline(parameters)) {
    return multipliers(parameters).total - sharedProducts(parameters) + means * parameters.VECTOR;
  }
  return 4 * parameters.LANES + 4 + 2 + 2 + means;
}

/**
 * Products that Yosys makes one of: a butterfly that always turns by an eighth, whose cosine is its sine, multiplies each of
 * its words once. There is one such for every group of the stages whose twiddles are constants, in either transform.
 */
function sharedProducts({ LOG2_PATHS, LOG2_K_MAX }: PipelineParameters): number {
  let butterflies = 0;
  for (let stage = 3; stage <= Math.min(LOG2_PATHS + 1, LOG2_K_MAX); stage++)
    butterflies += 2 ** (LOG2_PATHS + 1 - stage);
  return 2 * 2 * butterflies;
}

/** Figures of the model; those that the table tells are absent while it has no numbers of the engine for the family. */
export type ModelResources = Pick<Resources, "dsp" | "blockRam"> & Partial<Pick<Resources, Fitted>>;

/**
 * What an engine takes by the model: multiplier blocks and block memories counted, the others by a table that is fitted to
 * synthesis.
 *
 * @throws OptionError if memories of the family are not counted
 */
export function resources(
  parameters: EngineParameters | PipelineParameters,
  family: FamilyName,
  table: ResourceTable = RESOURCE_TABLE,
): ModelResources {
  if (!hasMemoryRules(family)) {
    throw new OptionError(`model: expected xc7 or ecp5, whose memories are counted, got ${family}`, {
      option: "model",
    });
  }
  const { blockRam } = memoriesOf(parameters, family);
  const exact = { dsp: dspOf(parameters, family), blockRam };
  const numbers = table.families[family]?.[isPipeline(parameters) ? "circulant_pipeline" : "circulant_engine"];
  if (numbers === undefined) return exact;
  const features = resourceFeatures(parameters, family);
  const apart = counted(parameters, family);
  const sums = FITTED.map((name) => {
    const parts = Object.entries(numbers[name]).map(([part, each]) => each * (features[part] ?? 0));
    return [name, Math.round(parts.reduce((total, part) => total + part, apart[name]))];
  });
  return { ...exact, ...(Object.fromEntries(sums) as Record<Fitted, number>) };
}
