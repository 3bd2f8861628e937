// What the runtime calls. Pointers and numbers only, no imports, no allocation: the caller lays the memory out.

export { sha256, sumMagnitudes } from "./kernels/check";
export { realsFromWords, wordsFromPixels, wordsFromReals } from "./kernels/input";
export { irfft } from "./kernels/irfft";
export { packRow } from "./kernels/pack";
export { run } from "./kernels/program";
export { rfft } from "./kernels/rfft";
export { BIT_REVERSAL, fillTables, HALVED_TWIDDLES, TWIDDLES } from "./kernels/tables";

/** The first byte that the caller may use. */
export const HEAP: usize = __heap_base;
