import { WORD_BITS } from "../model/narrow.ts";
import type { EngineParameters } from "../rtl/parameters.ts";
import type { PipelineParameters } from "../rtl/pipeline/parameters.ts";
import { type FamilyName, RESOURCE_NAMES, type Resources } from "./family.ts";
import type { EngineName } from "./parts.ts";
import type { ResourceTable } from "./resource-table.ts";
import { resources } from "./resources.ts";

/** Counts of one synthesis. */
export interface MeasuredEngine {
  readonly family: FamilyName;
  readonly top: EngineName;
  readonly parameters: EngineParameters | PipelineParameters;
  readonly resources: Resources;
}

/** The counts that bench/resources.json keeps; of those made before engines had bits of a weight to choose, these are 16. */
export function readMeasured(
  rows: readonly (Omit<MeasuredEngine, "parameters"> & { readonly parameters: Readonly<Record<string, number>> })[],
): readonly MeasuredEngine[] {
  return rows.map((row) => {
    const parameters: Readonly<Record<string, number>> = { WEIGHT_BITS: WORD_BITS, ...row.parameters };
    return { ...row, parameters: parameters as unknown as MeasuredEngine["parameters"] };
  });
}

/** Errors of the model over measured engines, in per cent of what synthesis counted. */
export interface ModelError {
  readonly resource: keyof Resources;
  /** Engines of which the model or synthesis has some; where only the model has, the error is infinite. */
  readonly engines: number;
  readonly median: number;
  readonly worst: number;
}

export function percentOff(model: number, real: number): number {
  if (real === 0) return model === 0 ? 0 : Number.POSITIVE_INFINITY;
  return (100 * (model - real)) / real;
}

/** Median and largest error of each resource that the model tells. */
export function modelErrors(measured: readonly MeasuredEngine[], table?: ResourceTable): readonly ModelError[] {
  const pairs = measured.map((it) => ({ real: it.resources, model: resources(it.parameters, it.family, table) }));
  return RESOURCE_NAMES.map((resource) => {
    const errors = pairs
      .flatMap(({ real, model }) => {
        const told = model[resource];
        const some = told !== undefined && (told > 0 || real[resource] > 0);
        return some ? [Math.abs(percentOff(told, real[resource]))] : [];
      })
      .sort((a, b) => a - b);
    if (errors.length === 0) return { resource, engines: 0, median: 0, worst: 0 };
    const middle = errors.length >> 1;
    const median = errors.length % 2 === 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2;
    return { resource, engines: errors.length, median, worst: errors[errors.length - 1] };
  });
}
