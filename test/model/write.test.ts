import { describe, expect, it } from "vitest";
import { OverflowError } from "../../src/errors.ts";
import type { Model, ModelOperation } from "../../src/model/model.ts";
import { writeModel } from "../../src/model/write.ts";
import { refusal, withWords } from "./hostile.ts";
import { exampleModel } from "./random-model.ts";

const MODEL = exampleModel(1);

/** The example with other fields in one operation. */
function changed(name: string, fields: object): Model {
  const operations = MODEL.operations.map((operation) =>
    operation.name === name ? ({ ...operation, ...fields } as ModelOperation) : operation,
  );
  return { ...MODEL, operations };
}

describe("the writer", () => {
  it.each([
    ["dense1", { weights: new Int16Array(47) }, /dense1\.weight: expected 48 words, got 47/],
    ["conv1", { weights: new Int16Array(73) }, /conv1\.weight: expected 72 words, got 73/],
    ["depthwise1", { weights: new Int16Array(8) }, /depthwise1\.weight: expected 72 words, got 8/],
    ["conv2", { bias: new Int16Array(5) }, /conv2\.bias: expected 6 words, got 5/],
    ["add1", { activation: { kind: "table", table: new Int16Array(256) } }, /add1\.table: expected 257 words, got 256/],
    ["dense1", { forward: 8 }, /dense1\.forward: expected a schedule from 0 to 7, got 8/],
    ["conv1", { inverse: 4 }, /conv1\.inverse: expected a schedule from 0 to 3, got 4/],
  ])("refuses tensors and schedules that do not fit %s: %j", (name, fields, message) => {
    expect(() => writeModel(changed(name, fields))).toThrow(message);
  });

  it.each([
    ["conv1", { height: 7 }, /conv1\.height: expected 6 by its graph, got 7/],
    ["depthwise1", { width: 6 }, /depthwise1\.width: expected 5 by its graph, got 6/],
    ["dense1", { in: 17 }, /dense1\.in: expected 18 by its graph, got 17/],
    ["maxpool1", { channels: 7 }, /maxpool1\.channels: expected 8 by its graph, got 7/],
    ["flatten1", { words: 17 }, /flatten1\.words: expected 18 by its graph, got 17/],
    ["avgpool1", { format: { input: 8, weight: 0, output: 9 } }, /avgpool1\.output: expected 8 by its graph, got 9/],
    ["add1", { format: { input: 7, weight: 0, output: 6 } }, /add1\.input: expected 8 by its graph, got 7/],
  ])("refuses sizes and formats of %s that a reader would not find: %j", (name, fields, message) => {
    expect(() => writeModel(changed(name, fields))).toThrow(message);
  });

  it("refuses a mean that is not a number", () => {
    expect(() => writeModel({ ...MODEL, input: { ...MODEL.input, mean: Number.NaN } })).toThrow(/input\.mean/);
  });

  it("refuses a memory plan in which tensors overlap", () => {
    const memory = { ...MODEL.memory, offsets: MODEL.memory.offsets.map(() => 0) };
    expect(() => writeModel({ ...MODEL, memory })).toThrow(/memory\.offsets: expected room of their own/);
  });
});

describe("a file whose weights could make an accumulator wrap", () => {
  it.each([
    ["dense1", 1, 3 * 2],
    ["conv1", 1, 9 * 2],
    ["depthwise1", 0, 9],
  ])("is refused, and so is the model: %s", (name, bin, products) => {
    const shift = name === "depthwise1" ? 8 : 10;
    const bound = products * 32767 * 32768 + 2 ** (shift - 1);
    const error = refusal(withWords(`${name}.weight`, 32767));
    expect(error).toBeInstanceOf(OverflowError);
    expect(error.fields).toEqual({ layer: name, block: 0, bin, bound });
    const operation = MODEL.operations.find((found) => found.name === name);
    const weights = operation && "weights" in operation ? operation.weights.slice().fill(32767) : undefined;
    expect(() => writeModel(changed(name, { weights }))).toThrow(OverflowError);
  });
});
