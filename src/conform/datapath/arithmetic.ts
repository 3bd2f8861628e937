import { requant, sat } from "../../fixed/arithmetic.ts";
import type { Overflow, Rounding } from "./choices.ts";

// The roundings and overflows of other datapaths. The project's own are in src/fixed/arithmetic.ts.

/** Brings an integer to int16. */
export function limiter(overflow: Overflow): (v: number) => number {
  return overflow === "saturate" ? sat : (v) => (v << 16) >> 16;
}

/** Shifts an int32 right by 0 .. 31 with a rounding. */
export function shifter(rounding: Rounding): (v: number, n: number) => number {
  switch (rounding) {
    case "half up":
      return (v, n) => (n === 0 ? v : (v >> n) + ((v >> (n - 1)) & 1));
    case "truncated":
      return (v, n) => v >> n;
    case "toward zero":
      return (v, n) => Math.trunc(v / 2 ** n);
    case "half away":
      return (v, n) => Math.sign(v) * Math.floor(Math.abs(v) / 2 ** n + 0.5);
    case "half even":
      return (v, n) => {
        const scaled = v / 2 ** n;
        const below = Math.floor(scaled);
        return scaled - below === 0.5 ? below + (below & 1) : Math.floor(scaled + 0.5);
      };
  }
}

/** An accumulator as an int16. */
export function requantiser(rounding: Rounding, overflow: Overflow): (acc: number, shift: number) => number {
  if (rounding === "half up" && overflow === "saturate") return requant;
  const [shift, limit] = [shifter(rounding), limiter(overflow)];
  return (acc, n) => limit(shift(acc, n));
}
