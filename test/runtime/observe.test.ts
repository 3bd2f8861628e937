import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import type { Model } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { observe } from "../../src/runtime/observe.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { modelOf, randomModel, randomNetwork, referenceTensors } from "./models.ts";

const random = createRandom(11);
const MODELS = [randomModel, randomNetwork].flatMap((make) => Array.from({ length: 12 }, () => make(random)));

/** The model with other weights and biases. */
function otherWords(model: Model): Model {
  const operations = model.operations.map((operation) => {
    if (!("weights" in operation)) return operation;
    const { weights, bias } = operation;
    const draw = (words: Int16Array) => randomWords(words.length, "mixed", random);
    return { ...operation, weights: draw(weights), bias: draw(bias) };
  });
  return { ...model, operations };
}

describe("an observer", () => {
  it("shows every tensor in the reference's words, and so after other weights were loaded", () => {
    for (const model of MODELS) {
      const observer = observe(model);
      for (const now of [model, otherWords(model), otherWords(model)]) {
        observer.reload(now);
        const input = randomWords(volume(model.input.shape), "mixed", random);
        observer.tensors[0].set(input);
        observer.run();
        expect(observer.tensors.map((words) => words.slice())).toEqual(referenceTensors(now, input));
      }
    }
  });

  it("refuses a model of other operations or other shapes", () => {
    const [model, other] = [randomModel(createRandom(1)), randomNetwork(createRandom(2))];
    expect(() => observe(model).reload(other)).toThrow(ShapeError);
    const [first] = model.operations;
    const { input } = model;
    const chain = (count: number) => modelOf(input, Array(count).fill({ ...first, op: "flatten", words: 8 }));
    expect(() => observe(model).reload(chain(model.operations.length))).toThrow("expected the operations");
  });
});
