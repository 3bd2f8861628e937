// What the runtime calls. Pointers and numbers only, no imports, no allocation: the caller lays the memory out.

export { biasAndClip, lookUp } from "./kernels/activation";
export { wordsFromPixels, wordsFromReals } from "./kernels/input";
export { irfft } from "./kernels/irfft";
export { countMulrDifferences, probeLanes, probeRequant, probeRshr, probeScalar } from "./kernels/probes";
export { product1, product16, product4, product8, spreadOperands } from "./kernels/product";
export { run } from "./kernels/program";
export { rfft } from "./kernels/rfft";
export { BIT_REVERSAL, HALVED_TWIDDLES, TWIDDLES } from "./kernels/tables";
export { mask, naturalFromTile, tileFromNatural } from "./kernels/tiles";

/** The first byte that the caller may use. */
export const HEAP: usize = __heap_base;
