import { describe, it } from "vitest";
import type { Operation } from "../../src/layers/operation.ts";
import type { Window } from "../../src/layers/window.ts";
import { expectReference } from "./compare.ts";
import {
  createRandom,
  DRAWS,
  EDGE_WORDS,
  randomConv2d,
  randomDepthwise,
  randomInputs,
  randomOperation,
  randomWords,
} from "./random.ts";
import { REALISATIONS } from "./realisations.ts";

const SEED = 20261124;
const KINDS = ["conv2d", "depthwise", "maxpool", "avgpool", "add", "flatten"] as const;

/** Simulated hardware takes seconds where the kernels take milliseconds. */
const roundsOf = (name: string, rounds: number) => (name.startsWith("rtl") ? Math.ceil(rounds / 20) : rounds);

/** An operation without its weights, for messages. */
const describeOperation = (operation: Operation) =>
  JSON.stringify(operation, (_, value) => (value instanceof Int16Array ? value.length : value));

/** Every block size; blocks and channels full and partial; one window, one row, one column. */
const CONVOLUTIONS: readonly (readonly [k: number, inputs: number, out: number, window: Window])[] = [
  [1, 1, 1, { height: 1, width: 1, kernel: [1, 1], stride: 1, pad: 0 }],
  [1, 3, 32, { height: 9, width: 8, kernel: [3, 3], stride: 1, pad: 1 }],
  [1, 7, 13, { height: 6, width: 7, kernel: [1, 1], stride: 1, pad: 0 }],
  [1, 4, 9, { height: 8, width: 9, kernel: [2, 5], stride: 2, pad: 3 }],
  [2, 2, 2, { height: 5, width: 5, kernel: [3, 3], stride: 1, pad: 1 }],
  [2, 5, 31, { height: 4, width: 6, kernel: [1, 3], stride: 2, pad: 1 }],
  [4, 16, 16, { height: 8, width: 8, kernel: [3, 3], stride: 1, pad: 1 }],
  [4, 9, 6, { height: 7, width: 5, kernel: [2, 2], stride: 3, pad: 2 }],
  [8, 24, 40, { height: 7, width: 7, kernel: [3, 3], stride: 1, pad: 1 }],
  [8, 8, 8, { height: 1, width: 23, kernel: [1, 5], stride: 1, pad: 0 }],
  [16, 32, 32, { height: 16, width: 16, kernel: [3, 3], stride: 2, pad: 1 }],
  [16, 64, 100, { height: 4, width: 4, kernel: [3, 3], stride: 1, pad: 1 }],
  [16, 20, 12, { height: 19, width: 1, kernel: [5, 1], stride: 1, pad: 2 }],
  [32, 33, 65, { height: 3, width: 5, kernel: [1, 1], stride: 2, pad: 0 }],
  [64, 64, 64, { height: 5, width: 3, kernel: [7, 7], stride: 1, pad: 3 }],
  [128, 130, 256, { height: 2, width: 2, kernel: [2, 2], stride: 1, pad: 0 }],
  [512, 512, 513, { height: 2, width: 3, kernel: [1, 2], stride: 1, pad: 1 }],
  [2048, 2048, 2050, { height: 1, width: 2, kernel: [1, 1], stride: 1, pad: 1 }],
];

describe.each(REALISATIONS.slice(1))("operations of $name", (realisation) => {
  it.each(KINDS)(`equal the reference for %s with random sides (seed ${SEED})`, async (op) => {
    const random = createRandom(SEED + op.length * 977);
    for (let round = 0; round < roundsOf(realisation.name, 160); round++) {
      const draw = DRAWS[round % DRAWS.length];
      const operation = randomOperation(op, draw, random);
      const inputs = randomInputs(operation, draw, random);
      await expectReference(realisation, operation, inputs, describeOperation(operation));
    }
  });

  it.each(CONVOLUTIONS)(`equal the reference for convolutions of k = %i, in = %i, out = %i, %o`, async (...sides) => {
    const [k, inputs, out, window] = sides;
    const random = createRandom(SEED + k * 7919 + inputs * 31 + out);
    for (const draw of DRAWS) {
      const operation = { op: "conv2d", ...randomConv2d({ in: inputs, out, k }, window, draw, random) } as const;
      await expectReference(realisation, operation, randomInputs(operation, draw, random), draw);
    }
  });

  it("equal the reference where every window covers nothing but padding", async () => {
    const random = createRandom(SEED);
    const window = { height: 1, width: 1, kernel: [2, 2], stride: 9, pad: 4 } as const;
    for (const k of [1, 2, 8]) {
      const operation = { op: "conv2d", ...randomConv2d({ in: 9, out: 11, k }, window, "edges", random) } as const;
      await expectReference(realisation, operation, randomInputs(operation, "edges", random));
    }
    const operation = { op: "depthwise", ...randomDepthwise(9, window, "edges", random) } as const;
    await expectReference(realisation, operation, randomInputs(operation, "edges", random));
    const pool = { op: "maxpool", channels: 9, ...window } as const;
    await expectReference(realisation, pool, randomInputs(pool, "edges", random));
  });

  it("wrap the accumulator for -32768 times -32768", async () => {
    const window = { height: 4, width: 4, kernel: [3, 3], stride: 1, pad: 1 } as const;
    const random = createRandom(SEED);
    for (const word of [-32768, 32767]) {
      for (const k of [1, 2, 8]) {
        const layer = randomConv2d({ in: 2 * k, out: 3 * k, k }, window, "edges", random);
        const weights = new Int16Array(layer.weights.length).fill(-32768);
        const operation = { op: "conv2d", ...layer, weights, shift: 16 } as const;
        await expectReference(realisation, operation, [new Int16Array(16 * 2 * k).fill(word)]);
      }
      const layer = randomDepthwise(9, window, "edges", random);
      const weights = new Int16Array(layer.weights.length).fill(-32768);
      const operation = { op: "depthwise", ...layer, weights, shift: 16 } as const;
      await expectReference(realisation, operation, [new Int16Array(16 * 9).fill(word)]);
    }
  });

  it("equal the reference for means of the extremes over every window up to 32 words", async () => {
    for (let count = 1; count <= 32; count++) {
      const pool = {
        op: "avgpool",
        channels: 3,
        height: 1,
        width: count,
        kernel: [1, count],
        stride: 1,
        pad: 0,
      } as const;
      for (const word of EDGE_WORDS) await expectReference(realisation, pool, [new Int16Array(3 * count).fill(word)]);
    }
  });

  it("equal the reference for sums with every pair of shifts", async () => {
    const random = createRandom(SEED);
    const step = realisation.name.startsWith("rtl") ? 5 : 1;
    for (let a = -15; a <= 15; a += step) {
      for (let b = -15; b <= 15; b += step) {
        const operation = { op: "add", words: 40, shifts: [a, b], activation: { kind: "identity" } } as const;
        await expectReference(
          realisation,
          operation,
          [0, 1].map(() => randomWords(40, "mixed", random)),
        );
      }
    }
  });
});
