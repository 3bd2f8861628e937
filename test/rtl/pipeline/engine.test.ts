import { describe, expect, it } from "vitest";
import { openPipeline } from "../../../src/rtl/pipeline/engine.ts";
import { createRandom, randomDense, randomWords } from "../../contract/random.ts";
import { chain, randomLayers, randomNetwork } from "../networks.ts";
import { firstTensorDifference, outputsOf } from "./compare.ts";

describe("the streaming engine in simulation", () => {
  it("makes the words of the reference: one dense layer, many vectors", async () => {
    const random = createRandom(5);
    const program = chain({ op: "dense", ...randomDense({ in: 1024, out: 1024, k: 64 }, "mixed", random) });
    const engine = await openPipeline(program, { trace: true });
    const x = randomWords(1024 * 12, "mixed", random);
    const one = await engine.run(x.slice(0, 1024), { trace: true });
    expect(firstTensorDifference(program, x.slice(0, 1024), one.trace ?? [])).toBeUndefined();
    const { outputs, times, busy, cycles } = await engine.run(x);
    expect(outputs).toEqual(outputsOf(program, x));
    console.log(one.cycles, cycles, [...times].map((t, i) => t - (times[i - 1] ?? 0)), busy);
    engine.dispose();
  });

  it("random", async () => {
    const random = createRandom(77);
    for (let i = 0; i < 12; i++) {
      const program = i % 2 ? randomLayers(random) : randomNetwork(random);
      const shape = { LOG2_PATHS: 1 + random(3), BLOCKS: 1 + random(8), LOG2_STREAM: random(2) };
      const engine = await openPipeline(program, { trace: true, shape, slots: 1 + random(4) });
      const x = randomWords(program.input.words, "mixed", random);
      const { trace, outputs } = await engine.run(x, { trace: true });
      const d = firstTensorDifference(program, x, trace ?? []);
      console.log(i, JSON.stringify(shape), program.steps.map(({ operation: o }) => o.op + ("k" in o ? o.k : "")).join(" "), d ?? "equal");
      engine.dispose();
      expect(outputs).toEqual(outputsOf(program, x));
    }
  }, 600_000);
});
