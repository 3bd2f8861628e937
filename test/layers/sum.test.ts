import { describe, expect, it } from "vitest";
import { activate } from "../../src/layers/activation.ts";
import { align, sum } from "../../src/layers/sum.ts";
import { expectSame } from "../contract/compare.ts";
import { createRandom, DRAWS, EDGE_WORDS, randomOperation, randomWords } from "../contract/random.ts";
import { toWord } from "./direct.ts";

const SEED = 20261124;

describe("align", () => {
  it("is the word over 2^shift, halves up, clamped, for every shift at every edge and tie", () => {
    for (let shift = -15; shift <= 15; shift++) {
      const tie = 2 ** (shift - 1);
      const ties = shift > 0 ? [tie, -tie, tie - 1, -tie - 1, 3 * tie, -3 * tie] : [];
      for (const word of [...EDGE_WORDS, ...ties].filter((value) => Math.abs(value) <= 32768 && value < 32768)) {
        expect(align(word, shift), `${word} >> ${shift}`).toBe(toWord(word / 2 ** shift));
      }
    }
  });

  it("rounds half up, to the larger of two neighbours", () => {
    expect([align(1, 1), align(-1, 1), align(-3, 1), align(-32768, 15), align(-16384, 15)]).toEqual([1, 0, -1, -1, 0]);
    expect([align(16384, 15), align(16383, 15), align(32767, 15)]).toEqual([1, 0, 1]);
  });

  it("saturates to the left", () => {
    expect([align(-32768, -1), align(-1, -15), align(-2, -15), align(1, -15), align(0, -15)]).toEqual([
      -32768, -32768, -32768, 32767, 0,
    ]);
    expect([align(16383, -1), align(16384, -1), align(-16384, -1), align(-16385, -1)]).toEqual([
      32766, 32767, -32768, -32768,
    ]);
  });
});

describe("sum", () => {
  it(`adds what align makes of each operand, clamps, and applies the activation (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 300; run++) {
      const layer = randomOperation("add", "mixed", random);
      if (layer.op !== "add") throw new TypeError(layer.op);
      const [a, b] = [0, 1].map(() => randomWords(layer.words, DRAWS[run % 4], random));
      const aligned = (words: Int16Array, operand: 0 | 1) =>
        Array.from(words, (word) => toWord(word / 2 ** layer.shifts[operand]));
      const second = aligned(b, 1);
      const expected = aligned(a, 0).map((word, i) => activate(layer.activation, toWord(word + second[i])));
      expectSame(sum(layer, a, b), Int16Array.from(expected));
    }
  });

  it("refuses operands of another length", () => {
    const layer = { words: 3, shifts: [0, 0], activation: { kind: "identity" } } as const;
    expect(() => sum(layer, new Int16Array(3), new Int16Array(2))).toThrow(/add: expected 3 words, got 2/);
  });
});
