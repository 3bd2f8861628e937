import { describe, expect, it } from "vitest";
import { Session, ShapeError } from "../../src/index.ts";
import { dense } from "../../src/layers/dense.ts";
import { createRandom, DRAWS, randomWords } from "../contract/random.ts";
import { randomModel } from "./models.ts";

const SEED = 1123;

describe("a session", () => {
  it(`gives the reference's words for random networks with and without a change of k (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 120; round++) {
      const model = randomModel(random);
      using session = Session.fromModel(model);
      using reference = Session.fromModel(model, { backend: "reference" });
      const output = new Int16Array(session.outputView.length);
      for (let run = 0; run < 3; run++) {
        const input = randomWords(model.layers[0].in, DRAWS[random(4)], random);
        session.runWords(input, output);
        let expected: Int16Array = input;
        for (const layer of model.layers) expected = dense(layer, expected).outputs;
        const shape = model.layers.map((layer) => [layer.in, layer.k, layer.out]);
        expect(output, JSON.stringify(shape)).toEqual(expected);
        expect(reference.runSync({ input }).words.data).toEqual(output);
      }
    }
  });

  it("traces every tensor of every layer as the reference does", () => {
    const random = createRandom(SEED + 1);
    for (let round = 0; round < 40; round++) {
      const model = randomModel(random);
      using session = Session.fromModel(model);
      using reference = Session.fromModel(model, { backend: "reference" });
      const input = randomWords(model.layers[0].in, DRAWS[random(4)], random);
      expect(session.trace({ input })).toEqual(reference.trace({ input }));
    }
  });
});

describe("the words after each stage of a transform", () => {
  it("are those of the reference, forward and inverse", () => {
    const random = createRandom(SEED + 2);
    for (let round = 0; round < 60; round++) {
      const model = randomModel(random);
      using session = Session.fromModel(model);
      using reference = Session.fromModel(model, { backend: "reference" });
      const layer = random(model.layers.length);
      const block = randomWords(model.layers[layer].k, DRAWS[random(4)], random);
      for (const direction of ["forward", "inverse"] as const) {
        const stages = session.stages(layer, direction, block);
        expect(stages.length).toBe(Math.log2(block.length));
        expect(stages).toEqual(reference.stages(layer, direction, block));
      }
    }
  });

  it("are refused for a block of another length or a layer that is not there", () => {
    const model = randomModel(createRandom(SEED));
    using session = Session.fromModel(model);
    expect(() => session.stages(0, "forward", new Int16Array(3000))).toThrow(ShapeError);
    expect(() => session.stages(99, "forward", new Int16Array(1))).toThrow(RangeError);
  });
});
