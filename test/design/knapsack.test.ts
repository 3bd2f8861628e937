import { describe, expect, it } from "vitest";
import { frontier, type Option } from "../../src/design/knapsack.ts";
import { dominates, ranks } from "../../src/design/pareto.ts";
import { createRandom } from "../contract/random.ts";

/** Every selection, one by one. */
function everySelection(items: readonly (readonly Option[])[]): { cost: number; loss: number; picks: number[] }[] {
  return items.reduce(
    (found, options) =>
      found.flatMap(({ cost, loss, picks }) =>
        options.map((option, n) => ({ cost: cost + option.cost, loss: loss + option.loss, picks: [...picks, n] })),
      ),
    [{ cost: 0, loss: 0, picks: [] as number[] }],
  );
}

describe("the knapsack over layers", () => {
  it("finds for every budget what trying all selections finds", () => {
    const next = createRandom(3);
    for (let run = 0; run < 200; run++) {
      const items = Array.from({ length: 1 + next(5) }, () =>
        Array.from({ length: 1 + next(5) }, () => ({ cost: next(30), loss: next(30) })),
      );
      const all = everySelection(items);
      const front = frontier(items);
      for (let budget = 0; budget <= 150; budget++) {
        const within = all.filter(({ cost }) => cost <= budget);
        const best = front.filter(({ cost }) => cost <= budget).at(-1);
        expect(best?.loss).toBe(within.length === 0 ? undefined : Math.min(...within.map(({ loss }) => loss)));
      }
      for (const { picks, cost, loss } of front) {
        expect(picks.reduce((sum, pick, i) => sum + items[i][pick].cost, 0)).toBe(cost);
        expect(picks.reduce((sum, pick, i) => sum + items[i][pick].loss, 0)).toBe(loss);
      }
    }
  });

  it("stays small for many layers, with selections that do cost and lose what they say", () => {
    const next = createRandom(4);
    const items = Array.from({ length: 40 }, () =>
      Array.from({ length: 6 }, () => ({ cost: next(1e6), loss: next(1e6) })),
    );
    const front = frontier(items);
    expect(front.length).toBeLessThanOrEqual(20_001);
    const least = (name: "cost" | "loss") =>
      items.reduce((sum, options) => sum + Math.min(...options.map((option) => option[name])), 0);
    expect(front[0].cost).toBe(least("cost"));
    expect(front.at(-1)?.loss).toBe(least("loss"));
    expect(front.every(({ loss }, i) => i === 0 || loss < front[i - 1].loss)).toBe(true);
  });
});

describe("fronts", () => {
  it("are those of the definition", () => {
    const next = createRandom(5);
    const points = Array.from({ length: 60 }, () => [next(8), next(8), next(8)]);
    const rank = ranks(points);
    for (const [n, point] of points.entries()) {
      const before = points.map((other, m) => (dominates(other, point) ? rank[m] : -1));
      expect(rank[n]).toBe(Math.max(...before) + 1);
    }
    expect(dominates([1, 1], [1, 1])).toBe(false);
    expect(dominates([1, 0], [1, 1])).toBe(true);
  });
});
