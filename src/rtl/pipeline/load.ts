import { REGIONS, regionImages } from "./images.ts";
import type { PipelineProgram } from "./program.ts";

/** Registers of rtl/pipeline/circulant_pipeline_axi.v, byte addresses. */
export const REGISTERS = {
  control: 0x00,
  status: 0x04,
  shape: 0x08,
  vectors: 0x0c,
  cycles: 0x10,
  place: 0x20,
  limbs: 0x24,
  data: 0x28,
} as const;

/** A write to a register. */
export type RegisterWrite = readonly [address: number, data: number];

/**
 * The writes that put a network into the engine through AXI4-Lite and let it run: first it is stopped, in the end started.
 * Nothing else is needed to change from one network to another that fits.
 */
export function loadStream(program: PipelineProgram): readonly RegisterWrite[] {
  const writes: RegisterWrite[] = [[REGISTERS.control, 0]];
  for (const { region, limbs, words } of regionImages(program)) {
    if (words.length === 0) continue;
    writes.push([REGISTERS.place, REGIONS.indexOf(region) * 2 ** 24], [REGISTERS.limbs, limbs]);
    for (const word of words) writes.push([REGISTERS.data, word]);
  }
  writes.push([REGISTERS.control, 1]);
  return writes;
}
