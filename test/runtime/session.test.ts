import { describe, expect, it } from "vitest";
import { Session } from "../../src/index.ts";
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
