import { describe, expect, it } from "vitest";
import { Session, ShapeError } from "../../src/index.ts";
import { volume } from "../../src/model/shape.ts";
import { createRandom, DRAWS, randomWords } from "../contract/random.ts";
import { modelOf, randomModel, randomNetwork, referenceTensors } from "./models.ts";

const SEED = 1123;

const KINDS = [
  ["dense layers with and without a change of k", randomModel],
  ["operations of every kind", randomNetwork],
] as const;

describe.each(KINDS)("a session of %s", (_, randomOne) => {
  it(`gives the reference's words (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 120; round++) {
      const model = randomOne(random);
      using session = Session.fromModel(model);
      using reference = Session.fromModel(model, { backend: "reference" });
      const output = new Int16Array(session.outputView.length);
      for (let run = 0; run < 3; run++) {
        const input = randomWords(volume(model.input.shape), DRAWS[random(4)], random);
        session.runWords(input, output);
        const what = JSON.stringify(model.operations, (_, value) => (value instanceof Int16Array ? 0 : value));
        expect(output, what).toEqual(referenceTensors(model, input).at(-1));
        expect(reference.runSync({ input }).words.data).toEqual(output);
      }
    }
  });

  it("traces every tensor of every operation as the reference does", () => {
    const random = createRandom(SEED + 1);
    for (let round = 0; round < 40; round++) {
      const model = randomOne(random);
      using session = Session.fromModel(model);
      using reference = Session.fromModel(model, { backend: "reference" });
      const input = randomWords(volume(model.input.shape), DRAWS[random(4)], random);
      expect(session.trace({ input })).toEqual(reference.trace({ input }));
    }
  });

  it("holds the tensors of the memory plan and no more, inside its memory", () => {
    const random = createRandom(SEED + 3);
    for (let round = 0; round < 40; round++) {
      const model = randomOne(random);
      using session = Session.fromModel(model);
      const { tensors, working, constants } = session.memory;
      expect(tensors).toBe(2 * model.memory.words);
      expect(tensors + working + constants).toBeLessThanOrEqual(session.memoryBytes);
      const weights = model.operations.reduce((sum, it) => sum + ("weights" in it ? 2 * it.weights.length : 0), 0);
      expect(constants).toBeGreaterThanOrEqual(weights);
    }
  });

  it("is refused if its memory plan or a tensor does not hold", () => {
    const random = createRandom(SEED + 4);
    for (let round = 0; round < 40; round++) {
      const model = randomOne(random);
      const { offsets, words } = model.memory;
      for (const memory of [
        { words: words - 8, offsets },
        { words, offsets: offsets.slice(1) },
        { words, offsets: offsets.map(() => 0) },
        { words, offsets: offsets.map((offset) => offset + 4) },
        { words: words + 8, offsets: offsets.map((offset) => offset - 8) },
      ]) {
        const isFlat = model.operations.every(({ op }) => op === "flatten");
        if (!isFlat) expect(() => Session.fromModel({ ...model, memory })).toThrow(ShapeError);
      }
      const [first, ...rest] = model.operations;
      expect(() => Session.fromModel({ ...model, operations: [{ ...first, inputs: [1] }, ...rest] })).toThrow(
        ShapeError,
      );
      expect(() => Session.fromModel({ ...model, operations: [{ ...first, inputs: [] }, ...rest] })).toThrow(
        ShapeError,
      );
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
      const layer = random(model.operations.length);
      const operation = model.operations[layer];
      const block = randomWords("k" in operation ? operation.k : 0, DRAWS[random(4)], random);
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
    const format = { input: 8, weight: 0, output: 8 };
    const flatten = { op: "flatten", words: 4, name: "flatten", inputs: [0], format } as const;
    using flat = Session.fromModel(modelOf({ shape: [2, 2, 1], fractionBits: 8, mean: 0, deviation: 1 }, [flatten]));
    expect(() => flat.stages(0, "forward", new Int16Array(1))).toThrow(RangeError);
    expect(flat.runSync({ input: Int16Array.of(1, 2, 3, 4) }).words.data).toEqual(Int16Array.of(1, 2, 3, 4));
  });
});
