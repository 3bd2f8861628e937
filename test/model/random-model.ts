import { scaledStages } from "../../src/fft/schedule.ts";
import type { Activation } from "../../src/layers/activation.ts";
import type { Model, ModelLayer } from "../../src/model/model.ts";

/** A generator of uint32 that gives the same numbers for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

interface Shape {
  readonly in: number;
  readonly out: number;
  readonly k: number;
  readonly activation: Activation;
}

/** A layer of small random words whose formats hold. */
function randomLayer(shape: Shape, name: string, inputBits: number, next: () => number): ModelLayer {
  const { k, out } = shape;
  const stages = Math.log2(k);
  const p = Math.ceil(out / k);
  const q = Math.ceil(shape.in / k);
  const forward = next() % k;
  const inverse = next() % k;
  const shift = 10;
  const weight = 12;
  const output = inputBits - scaledStages(forward) + weight - shift - scaledStages(inverse) + stages;
  return {
    ...shape,
    name,
    forward,
    inverse,
    shift,
    weights: Int16Array.from({ length: p * q * k }, () => (next() % 2001) - 1000),
    bias: Int16Array.from({ length: out }, () => (next() % 65536) - 32768),
    format: { input: inputBits, weight, output },
  };
}

const SHAPES: readonly Shape[] = [
  { in: 20, out: 24, k: 8, activation: { kind: "relu" } },
  { in: 24, out: 13, k: 16, activation: { kind: "clip", lo: -200, hi: 300 } },
  {
    in: 13,
    out: 6,
    k: 1,
    activation: { kind: "table", table: Int16Array.from({ length: 257 }, (_, i) => i * 100 - 12800) },
  },
  { in: 6, out: 3, k: 4, activation: { kind: "identity" } },
];

/** A model with a layer of every activation; the same for the same seed. */
export function randomModel(seed: number, shapes: readonly Shape[] = SHAPES): Model {
  const next = random(seed);
  const layers: ModelLayer[] = [];
  for (const [i, shape] of shapes.entries()) {
    layers.push(randomLayer(shape, `dense${i + 1}`, layers.at(-1)?.format.output ?? 8, next));
  }
  return {
    input: { shape: [4, shapes[0].in / 4], fractionBits: 8, mean: 0.1307, deviation: 0.3081 },
    layers,
    labels: Array.from({ length: shapes[shapes.length - 1].out }, (_, i) => `label ${i}`),
  };
}
