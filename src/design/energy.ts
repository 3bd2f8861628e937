import { operationWords } from "../layers/operation.ts";
import type { Model, ModelOperation } from "../model/model.ts";
import { denseWork, realWork } from "../model/work.ts";
import { real, record } from "../train/fields.ts";
import { bitsOfWeights } from "./sizes.ts";

/**
 * Energies in picojoules of an engine's steps: a model, not a measurement. Of the transforms and products half of the
 * operations are multiplications, half additions.
 */
export interface EnergyTable {
  /** Of 16 by 16 bits. */
  readonly multiplication: number;
  /** Of 32 bits. */
  readonly addition: number;
  /** A bit of a weight read from on-chip memory. */
  readonly weightBit: number;
  /** A word of a tensor written and read again. */
  readonly word: number;
}

/**
 * Horowitz, Computing's energy problem, ISSCC 2014, 45 nm at 0.9 V: a multiplication of 32 bits 3.1 pJ, a quarter of it
 * for 16; an addition of 32 bits 0.1 pJ; 64 bits read of a memory of 32 KB 20 pJ.
 */
export const ENERGY: EnergyTable = { multiplication: 0.8, addition: 0.1, weightBit: 0.31, word: 10 };

/** @throws OptionError naming an entry that does not hold */
export function parseEnergy(value: unknown): EnergyTable {
  const names = Object.keys(ENERGY) as (keyof EnergyTable)[];
  const given = record(value ?? {}, "energy", names);
  const table = { ...ENERGY } as Record<keyof EnergyTable, number>;
  for (const name of names) if (given[name] !== undefined) table[name] = real(given[name], `energy.${name}`, 0, 1e9);
  return table;
}

/** Nanojoules of an inference by a table. */
export function nanojoules({ operations }: Pick<Model, "operations">, table: EnergyTable): number {
  return operations.reduce((sum, operation) => sum + energyOf(operation, table), 0) / 1000;
}

function energyOf(operation: ModelOperation, table: EnergyTable): number {
  const steps = (denseWork(operation) > 0 ? realWork(operation) : 0) / 2;
  const sums = denseWork(operation) > 0 ? 0 : realWork(operation);
  const { output } = operationWords(operation);
  const words = operation.op === "flatten" ? 0 : output;
  return (
    steps * (table.multiplication + table.addition) +
    sums * table.addition +
    readsOf(operation) * bitsOfWeights(operation) * table.weightBit +
    words * table.word
  );
}

/** How often the weights are read: once a window. */
function readsOf(operation: ModelOperation): number {
  if (operation.op !== "conv2d" && operation.op !== "depthwise") return 1;
  return operationWords(operation).output / (operation.op === "conv2d" ? operation.out : operation.channels);
}
