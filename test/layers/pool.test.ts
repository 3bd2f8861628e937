import { describe, expect, it } from "vitest";
import { avgpool, LARGEST_MEAN, maxpool, meanOf } from "../../src/layers/pool.ts";
import { expectSame } from "../contract/compare.ts";
import { createRandom, DRAWS, EDGE_WORDS, randomWindow, randomWords } from "../contract/random.ts";
import { allWindows, toWord } from "./direct.ts";

const SEED = 20261124;

/** Each window's words inside the picture, channel by channel. */
function wordsUnder(layer: Parameters<typeof maxpool>[0], x: Int16Array): number[][] {
  return allWindows(layer).flatMap((pixels) =>
    Array.from({ length: layer.channels }, (_, c) =>
      pixels.flatMap((pixel) => (pixel === undefined ? [] : [x[pixel * layer.channels + c]])),
    ),
  );
}

const sumOf = (words: readonly number[]) => words.reduce((sum, word) => sum + word, 0);

function* randomPools(mayPad: boolean) {
  const random = createRandom(SEED);
  for (let run = 0; run < 200; run++) {
    const layer = { channels: 1 + random(9), ...randomWindow(random, mayPad) };
    yield { layer, x: randomWords(layer.height * layer.width * layer.channels, DRAWS[run % 4], random) };
  }
}

describe("maxpool", () => {
  it(`is the largest word of each window inside the picture, -32768 if there is none (seed ${SEED})`, () => {
    for (const { layer, x } of randomPools(true)) {
      const expected = wordsUnder(layer, x).map((words) => Math.max(-32768, ...words));
      expectSame(maxpool(layer, x), Int16Array.from(expected));
    }
  });

  it("lets no padding win over negative words", () => {
    const layer = { channels: 1, height: 2, width: 2, kernel: [2, 2], stride: 2, pad: 1 } as const;
    expect([...maxpool(layer, Int16Array.of(-5, -6, -7, -32768))]).toEqual([-5, -6, -7, -32768]);
  });
});

describe("avgpool", () => {
  it(`is the sum times 1/2^s, or times the rounded reciprocal, rounded half up (seed ${SEED})`, () => {
    for (const { layer, x } of randomPools(false)) {
      const expected = wordsUnder(layer, x).map((words) => {
        const isPower = Number.isInteger(Math.log2(words.length));
        const factor = isPower ? 2 ** 15 / words.length : Math.round(2 ** 15 / words.length);
        return toWord((sumOf(words) * factor) / 2 ** 15);
      });
      expectSame(avgpool(layer, x), Int16Array.from(expected));
    }
  });

  it(`is the mean within a half and the error of the reciprocal, count / 2^16 of it (seed ${SEED})`, () => {
    for (const { layer, x } of randomPools(false)) {
      const means = avgpool(layer, x);
      for (const [at, words] of wordsUnder(layer, x).entries()) {
        const mean = sumOf(words) / words.length;
        expect(Math.abs(means[at] - mean)).toBeLessThanOrEqual(0.5 + (Math.abs(mean) * words.length) / 2 ** 16);
      }
    }
  });

  it("rounds ties up in windows of a power of two", () => {
    const layer = { channels: 1, height: 1, width: 2, kernel: [1, 2], stride: 1, pad: 0 } as const;
    for (const [a, b, mean] of [
      [1, 2, 2],
      [-1, -2, -1],
      [-1, 0, 0],
      [32767, 32766, 32767],
      [-32768, -32767, -32767],
    ]) {
      expect(avgpool(layer, Int16Array.of(a, b))[0]).toBe(mean);
    }
  });

  it("stays in int32 for every window up to the largest, at both extremes", () => {
    for (let count = 1; count <= LARGEST_MEAN; count++) {
      const mean = meanOf(count);
      if ("reciprocal" in mean) expect(count * 32768 * mean.reciprocal).toBeLessThan(2 ** 31);
      else expect(2 ** mean.shift).toBe(count);
      for (const word of [EDGE_WORDS[0], EDGE_WORDS[6]]) {
        const layer = { channels: 1, height: 1, width: count, kernel: [1, count], stride: 1, pad: 0 } as const;
        const factor = "reciprocal" in mean ? mean.reciprocal / 2 ** 15 : 1 / count;
        expect(avgpool(layer, new Int16Array(count).fill(word))[0]).toBe(toWord(word * count * factor));
      }
    }
  });
});
