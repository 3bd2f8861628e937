import { DESCRIPTOR_BITS } from "./descriptor.ts";
import type { EngineParameters } from "./parameters.ts";

/** Memories of one shape, written in one place at most; read-only ones may be read in two. */
export interface MemoryShape {
  readonly width: number;
  /** log2 of the words. */
  readonly depth: number;
  readonly count: number;
  readonly written: boolean;
  readonly ports: number;
  /** Whether a register follows; without one it cannot be a block. Default true. */
  readonly registered?: boolean;
}

/** Bits of all words of memories. */
export function memoryBits(memories: readonly MemoryShape[]): number {
  return memories.reduce((sum, { width, depth, count }) => sum + count * width * 2 ** depth, 0);
}

/** The memories of rtl/circulant_engine.v, queues among them. */
export function engineMemories(parameters: EngineParameters): readonly MemoryShape[] {
  const { LANES, LOG2_K_MAX, ACTIVATION_WIDTH, SPECTRUM_WIDTH, WEIGHT_WIDTH, WEIGHT_BITS } = parameters;
  const { BIAS_WIDTH, TABLE_WIDTH, LAYER_WIDTH } = parameters;
  const written = (width: number, depth: number, count: number) => ({ width, depth, count, written: true, ports: 1 });
  const read = (width: number, depth: number, count: number, ports: number) => ({
    width,
    depth,
    count,
    written: false,
    ports,
  });
  return [
    read(DESCRIPTOR_BITS, LAYER_WIDTH, 1, 1),
    written(16, ACTIVATION_WIDTH - 1, 3),
    written(32, SPECTRUM_WIDTH - 1, 2),
    { ...written(17, 2, 1), registered: false },
    read(2 * WEIGHT_BITS * LANES, WEIGHT_WIDTH, 1, 1),
    read(16, LOG2_K_MAX - 2, 1, 2),
    read(16, BIAS_WIDTH, 1, 2),
    read(16, TABLE_WIDTH + 9, 2, 2),
  ];
}
