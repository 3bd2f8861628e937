import { describe, expect, it } from "vitest";
import { cutBatch, pieceItemsOf } from "../../src/threads/pieces.ts";
import { createTurns } from "../../src/threads/turns.ts";
import { identityModel } from "../runtime/models.ts";

describe("the pieces of a batch", () => {
  it("hold every item once, in order, in sizes that differ by one at most", () => {
    for (const threads of [1, 2, 3, 8]) {
      for (const items of [1, 2, 7, 33, 1000]) {
        const pieces = cutBatch(items, threads, { least: 1, most: 100 });
        const sizes = pieces.map(({ first, end }) => end - first);
        expect(pieces.map(({ first }) => first)).toEqual([0, ...pieces.map(({ end }) => end).slice(0, -1)]);
        expect(pieces.at(-1)?.end).toBe(items);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
        expect(pieces.length).toBe(Math.max(Math.min(threads, items), Math.ceil(items / 100)));
      }
    }
  });

  it("are fewer than threads rather than too small to be worth a message", () => {
    const counts = [1, 9, 10, 19, 20, 30, 1000].map((items) => cutBatch(items, 3, { least: 10, most: 1e6 }).length);
    expect(counts).toEqual([1, 1, 1, 1, 2, 3, 3]);
  });

  it("have the more items the less work an item is", () => {
    const items = [4, 64, 1024].map((words) => {
      return pieceItemsOf(identityModel({ shape: [1, 1, words], fractionBits: 8, mean: 0, deviation: 1 }), undefined);
    });
    expect(items[0].least).toBeGreaterThan(items[1].least);
    expect(items[1].least).toBeGreaterThan(items[2].least);
    for (const { least, most } of items) expect(most).toBeGreaterThanOrEqual(least);
  });
});

describe("turns", () => {
  it("go round the groups, and forget what is dropped", () => {
    const turns = createTurns<string>();
    const [a, b] = [["a1", "a2", "a3"], ["b1"]];
    turns.add(a);
    turns.add(b);
    turns.add([]);
    expect([turns.next(), turns.next(), turns.next()]).toEqual(["a1", "b1", "a2"]);
    turns.add(["c1", "c2"]);
    turns.drop(a);
    expect(turns.next()).toBe("c1");
    expect(turns.clear()).toEqual(["c2"]);
    expect(turns.next()).toBeUndefined();
  });
});
