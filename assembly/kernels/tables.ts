// Tables that the loader fills from src/fft before the first call.

/** Bytes of a quarter wave of the largest block size, 2048. */
export const QUARTER_BYTES: usize = 1024;

/** Entry i = cos(2 pi i / 2048) as a fraction of 2^15, 0 < i < 512. */
export const TWIDDLES: usize = memory.data(1024, 64);

/** `rshr(entry, 1)` of each, for the scaled forward stages. */
export const HALVED_TWIDDLES: usize = memory.data(1024, 64);

/** Entry i = the 11 bits of i in reverse order, uint16. */
export const BIT_REVERSAL: usize = memory.data(4096, 64);

/** Location of element n of a block in a tile of `stages` stages, in bytes: its bit-reversed index, 16 bytes each. */
export function tileOffset(n: i32, stages: i32): usize {
  return (<usize>load<u16>(BIT_REVERSAL + (<usize>n << 1)) >> (11 - stages)) << 4;
}
