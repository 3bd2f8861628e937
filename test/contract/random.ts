import { type Activation, TABLE_WORDS } from "../../src/layers/activation.ts";
import { blockGrid, type DenseLayer } from "../../src/layers/dense.ts";

/** A fixed sequence of integers: uniform below `n`. */
export type Random = (n: number) => number;

/** Words at which the arithmetic changes its mind. */
export const EDGE_WORDS: readonly number[] = [-32768, -32767, -1, 0, 1, 32766, 32767];

/** mulberry32: the same integers for the same seed on every engine. */
export function createRandom(seed: number): Random {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** How words are drawn: all int16, edges only, small ones, or a mixture. */
export type Draw = "uniform" | "edges" | "small" | "mixed";

export const DRAWS: readonly Draw[] = ["uniform", "edges", "small", "mixed"];

export function randomWords(length: number, draw: Draw, random: Random): Int16Array {
  return Int16Array.from({ length }, () => {
    const kind = draw === "mixed" ? DRAWS[random(3)] : draw;
    if (kind === "edges") return EDGE_WORDS[random(EDGE_WORDS.length)];
    return kind === "small" ? random(401) - 200 : random(65536) - 32768;
  });
}

function randomSchedule(k: number, random: Random): number {
  return [0, k - 1, random(k)][random(3)];
}

function randomActivation(random: Random): Activation {
  const kind = random(5);
  if (kind === 0) return { kind: "identity" };
  if (kind === 1) return { kind: "relu" };
  if (kind === 2) return { kind: "table", table: randomWords(TABLE_WORDS, "mixed", random) };
  const bounds = [random(65536) - 32768, random(65536) - 32768].sort((a, b) => a - b);
  return { kind: "clip", lo: bounds[0], hi: kind === 3 ? 32767 : bounds[1] };
}

/** A layer of the given sides, its words drawn so that sums wrap and saturate for "uniform" and "edges". */
export function randomDense(sides: { in: number; out: number; k: number }, draw: Draw, random: Random): DenseLayer {
  const { p, q } = blockGrid(sides);
  return {
    ...sides,
    forward: randomSchedule(sides.k, random),
    inverse: randomSchedule(sides.k, random),
    shift: [0, 1, 2, 31, random(32), 8 + random(8)][random(6)],
    activation: randomActivation(random),
    weights: randomWords(p * q * sides.k, draw, random),
    bias: randomWords(sides.out, draw, random),
  };
}
