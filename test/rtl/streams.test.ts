import { afterAll, describe, expect, it } from "vitest";
import { type DenseLayer, dense } from "../../src/layers/dense.ts";
import { type Engine, openEngine } from "../../src/rtl/engine.ts";
import { singleProgram } from "../../src/rtl/program.ts";
import { createRandom, randomWords } from "../contract/random.ts";

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

describe("the streams of the engine", () => {
  const layer: DenseLayer = {
    in: 13,
    out: 9,
    k: 4,
    forward: 1,
    inverse: 0,
    shift: 12,
    activation: { kind: "relu" },
    weights: randomWords(3 * 4 * 4, "uniform", createRandom(1)),
    bias: randomWords(9, "small", createRandom(2)),
  };
  const random = createRandom(3);
  const inputs = randomWords(13 * 20, "uniform", random);
  const expected = Array.from({ length: 20 }, (_, i) => [...dense(layer, inputs.slice(13 * i, 13 * i + 13)).outputs]);
  const open = async () => {
    const engine = await openEngine(singleProgram({ op: "dense", ...layer }));
    engines.push(engine);
    return engine;
  };
  const beats = (words: Int16Array, last: boolean) =>
    Array.from(words, (word, i) => (word & 0xffff) | (last && i === words.length - 1 ? 0x10000 : 0));

  it.each([0, 1, 2, 3, 4, 5])("carry 20 vectors unchanged with pauses of seed %i", async (stallSeed) => {
    const { outputs } = await (await open()).run(inputs, { stallSeed });
    expect([...outputs]).toEqual(expected.flat());
  });

  it("take longer with pauses, never less", async () => {
    const engine = await open();
    expect((await engine.run(inputs, { stallSeed: 9 })).cycles).toBeGreaterThan((await engine.run(inputs)).cycles);
  });

  it("drop a vector whose tlast comes early, say so, and go on with the next", async () => {
    const engine = await open();
    const stream = [...beats(inputs.slice(0, 5), true), ...beats(inputs.slice(13, 26), true)];
    const result = await engine.runStream(Uint32Array.from(stream), 1);
    expect([...result.outputs]).toEqual(expected[1]);
    expect(result).toMatchObject({ tlastUnexpected: true, tlastMissing: false });
  });

  it("take a vector whose tlast is missing, and say so", async () => {
    const engine = await open();
    const stream = [...beats(inputs.slice(0, 13), false), ...beats(inputs.slice(13, 26), true)];
    const result = await engine.runStream(Uint32Array.from(stream), 2);
    expect([...result.outputs]).toEqual(expected.slice(0, 2).flat());
    expect(result).toMatchObject({ tlastUnexpected: false, tlastMissing: true });
  });
});
