/** Latency of rtl/pipeline/forward_butterfly.v, and of inverse_butterfly.v with the register before it. */
const BUTTERFLY = 5;

/** Cycles that the commutators of the stages up to log2 k hold a row. */
function delays(log2K: number, log2Paths: number): number {
  let sum = 0;
  for (let stage = log2Paths + 2; stage <= log2K; stage++) sum += 2 ** (stage - 2 - log2Paths);
  return sum;
}

/** Cycles from a row into rtl/pipeline/forward_transform.v to the row out of it. */
export function forwardLatency(log2K: number, log2Paths: number): number {
  return 2 + BUTTERFLY * Math.max(0, log2K - 1) + delays(log2K, log2Paths);
}

/** Cycles from a row into rtl/pipeline/inverse_transform.v to the row out of it. */
export function inverseLatency(log2K: number, log2Paths: number): number {
  return 1 + BUTTERFLY * Math.max(0, log2K - 1) + delays(log2K, log2Paths);
}
