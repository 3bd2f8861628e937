import { describe, expect, it } from "vitest";
import { type Job, joinNumbers, shareWords, takeBatch } from "../../src/serve/node/queue.ts";

function job(key: string, numbers: Job["numbers"], count = 1): Job & { words: Int16Array[] } {
  const words: Int16Array[] = [];
  return { key, numbers, count, words, resolve: (it) => words.push(it), reject: () => {} };
}

describe("a batch", () => {
  it("is the first job with those of its model and type that fit, the others keep their order", () => {
    const a = job("a", Uint8Array.of(1), 1);
    const b = job("b", Uint8Array.of(2), 1);
    const reals = job("a", Float32Array.of(3), 1);
    const large = job("a", Uint8Array.of(4, 5, 6), 3);
    const c = job("a", Uint8Array.of(7), 1);
    const queue: Job[] = [a, b, reals, large, c];
    expect(takeBatch(queue, 3)).toEqual([a, c]);
    expect(queue).toEqual([b, reals, large]);
    expect(takeBatch(queue, 3)).toEqual([b]);
    expect(takeBatch(queue, 3)).toEqual([reals]);
    expect(takeBatch(queue, 2)).toEqual([large]);
    expect(queue).toEqual([]);
  });

  it.each([Uint8Array, Int16Array, Float32Array])(
    "of %o holds the numbers of its jobs, and shares the words",
    (Type) => {
      const batch = [job("a", Type.of(1, 2), 1), job("a", Type.of(3, 4, 5, 6), 2)];
      const numbers = joinNumbers(batch);
      expect(numbers).toEqual(Type.of(1, 2, 3, 4, 5, 6));
      shareWords(batch, Int16Array.of(10, 20, 30));
      expect(batch.map(({ words }) => words)).toEqual([[Int16Array.of(10)], [Int16Array.of(20, 30)]]);
    },
  );
});
