import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { classify } from "../../src/cli/classify.ts";
import { loadModel } from "../../src/cli/files.ts";
import { markdown, modelFile, readZoo } from "../../src/cli/zoo.ts";
import { readImageSet } from "../../src/data/read.ts";
import type { Model } from "../../src/model/model.ts";
import { Session } from "../../src/runtime/session.ts";
import { parseConfig } from "../../src/train/config.ts";

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function digestOn(folder: string, model: Model): string {
  using session = Session.fromModel(model);
  return classify(session, readImageSet(root(folder), "test")).digest;
}

describe.each(readZoo())("the shipped model $name", (entry) => {
  const { model } = loadModel(modelFile(entry));

  it.runIf(entry.sample)("makes the words of its digest on the shipped sample", () => {
    if (entry.sample) expect(digestOn(entry.sample.folder, model)).toBe(entry.sample.outputs);
  });

  it.runIf(entry.sample)("makes others with one bit of a weight flipped", () => {
    const operations = model.operations.map((operation, i) => {
      if (i !== model.operations.length - 1 || !("weights" in operation)) return operation;
      return { ...operation, weights: operation.weights.map((word, at) => (at === 0 ? word ^ 1 : word)) };
    });
    if (entry.sample) expect(digestOn(entry.sample.folder, { ...model, operations })).not.toBe(entry.sample.outputs);
  });

  it("has a recipe of its labels", () => {
    const recipe = parseConfig(JSON.parse(readFileSync(root(`models/${entry.name}.json`), "utf8")));
    expect(model.labels).toEqual(recipe.labels);
    expect(recipe.epochs).toBe(entry.epochs.circulant);
  });
});

it("docs/zoo.md shows the table of the shipped models", () => {
  expect(readFileSync(root("docs/zoo.md"), "utf8")).toContain(markdown(readZoo()));
});
