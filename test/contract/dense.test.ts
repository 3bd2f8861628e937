import { describe, expect, it } from "vitest";
import { accumulatorBound } from "../../src/model/prove.ts";
import { expectReference } from "./compare.ts";
import { createRandom, DRAWS, randomDense, randomWords } from "./random.ts";
import { REALISATIONS } from "./realisations.ts";

const SEED = 7 * 20261123;

/** Sides with one block, odd grids, full and partial last blocks, chunks of 4, 8 and 16 block rows and more. */
const SIDES: readonly (readonly [k: number, inputs: number, out: number])[] = [
  [1, 1, 1],
  [1, 2, 3],
  [1, 7, 8],
  [1, 33, 17],
  [1, 64, 40],
  [2, 1, 1],
  [2, 9, 31],
  [2, 34, 17],
  [2, 40, 70],
  [4, 4, 4],
  [4, 3, 90],
  [4, 61, 35],
  [8, 8, 8],
  [8, 65, 127],
  [8, 9, 130],
  [16, 160, 37],
  [16, 90, 10],
  [16, 250, 200],
  [16, 17, 290],
  [32, 31, 33],
  [32, 200, 410],
  [64, 100, 130],
  [64, 784, 600],
  [128, 129, 127],
  [128, 500, 1100],
  [256, 700, 300],
  [512, 513, 1030],
  [1024, 1025, 1000],
  [2048, 2047, 2049],
];

describe.each(REALISATIONS.slice(1))("dense layers of $name", (realisation) => {
  it.each(SIDES)(`equal the reference for k = %i, in = %i, out = %i (seed ${SEED})`, async (k, inputs, out) => {
    const random = createRandom(SEED + k * 7919 + inputs * 31 + out);
    for (let round = 0; round < (k > 256 ? 1 : 4); round++) {
      for (const draw of DRAWS) {
        const layer = randomDense({ in: inputs, out, k }, draw, random);
        const x = randomWords(inputs, draw, random);
        await expectReference(realisation, { op: "dense", ...layer }, [x]);
      }
    }
  });

  it(`equal the reference for random sides (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 150; round++) {
      const k = 2 ** random(8);
      const sides = { k, in: 1 + random(20 * k), out: 1 + random(20 * k) };
      const draw = DRAWS[random(DRAWS.length)];
      const layer = randomDense(sides, draw, random);
      const x = randomWords(sides.in, draw, random);
      await expectReference(realisation, { op: "dense", ...layer }, [x], JSON.stringify(sides));
    }
  });

  it("wrap the accumulator for -32768 times -32768 in real and imaginary parts", async () => {
    for (const k of [1, 2, 8]) {
      const sides = { k, in: 3 * k, out: 5 * k };
      const layer = {
        ...randomDense(sides, "edges", createRandom(SEED)),
        weights: new Int16Array(15 * k).fill(-32768),
        shift: 16,
      };
      for (const word of [-32768, 32767]) {
        const x = new Int16Array(sides.in).fill(word);
        await expectReference(realisation, { op: "dense", ...layer }, [x]);
      }
    }
  });

  it.each([1, 2, 8, 64])(
    "round as the reference where the bound of the accumulators is at its limit, k = %i",
    async (k) => {
      const rows = 9;
      for (const sign of [-1, 1]) {
        const weights = new Int16Array(3 * rows * k).map((_, at) => {
          const isReal = at % k <= k / 2;
          return isReal ? sign * (Math.floor(at / k) % 3 === 2 ? 1 : 32767) : 0;
        });
        const bounds = [];
        for (const shift of [0, 1, 14, 15, 16, 17, 31]) {
          const sides = { k, in: 3 * k, out: rows * k };
          const layer = { ...randomDense(sides, "edges", createRandom(SEED)), weights, shift, forward: 0 };
          bounds.push(accumulatorBound(layer).bound);
          const x = new Int16Array(sides.in).map((_, at) => (at % k === 0 ? -32768 : 0));
          await expectReference(realisation, { op: "dense", ...layer }, [x]);
        }
        const first = 65535 * 32768;
        expect(bounds.slice(0, 4)).toEqual([first, first + 1, first + 2 ** 13, first + 2 ** 14]);
        expect(bounds[4]).toBe(2 ** 31);
      }
    },
  );
});
