import { rshr } from "../../src/fixed/arithmetic";

// Tables that the loader fills before the first call: the twiddles from src/fft, the others from these.

/** Bytes of a quarter wave of the largest block size, 2048. */
export const QUARTER_BYTES: usize = 1024;

/** Entry i = cos(2 pi i / 2048) as a fraction of 2^15, 0 < i < 512. */
export const TWIDDLES: usize = memory.data(1024, 64);

/** `rshr(entry, 1)` of each, for the scaled forward stages. */
export const HALVED_TWIDDLES: usize = memory.data(1024, 64);

/** Entry i = the 11 bits of i in reverse order, uint16. */
export const BIT_REVERSAL: usize = memory.data(4096, 64);

/** Fills the tables that follow from the twiddles. */
export function fillTables(): void {
  for (let at: usize = 0; at < QUARTER_BYTES; at += 2) {
    store<i16>(HALVED_TWIDDLES + at, <i16>rshr(load<i16>(TWIDDLES + at), 1));
  }
  for (let n: usize = 0, reversed: usize = 0; n < 2048; n++) {
    store<u16>(BIT_REVERSAL + (n << 1), <u16>reversed);
    // adds 1 from the other end: the carry runs to lower bits
    let bit: usize = 1024;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
}

/** Location of element n of a block in a tile of `stages` stages, in bytes: its bit-reversed index, 16 bytes each. */
export function tileOffset(n: i32, stages: i32): usize {
  return (<usize>load<u16>(BIT_REVERSAL + (<usize>n << 1)) >> (11 - stages)) << 4;
}
