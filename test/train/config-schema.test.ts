import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import schema from "../../models/recipe.schema.json" with { type: "json" };
import { parseConfig } from "../../src/train/config.ts";
import { readRecipe, SHIPPED_RECIPES } from "../../src/train/recipe.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [field: string]: Json };

const MODELS = new URL("../../models/", import.meta.url);
const allows = new Ajv2020({ strict: false }).compile(schema);

function parses(value: unknown): boolean {
  try {
    parseConfig(value);
    return true;
  } catch {
    return false;
  }
}

/** A recipe with every operation, whose layers keep the picture, so that no change of one upsets another. */
const EVERY: Json = {
  $schema: "./recipe.schema.json",
  input: { shape: [7, 7, 2], mean: 0.5, deviation: 1 },
  layers: [
    { op: "conv2d", out: 2, kernel: 1, stride: 1, pad: 0, k: 2, norm: true, activation: "relu" },
    {
      op: "residual",
      layers: [{ op: "depthwise", kernel: [1, 1], stride: 1, pad: 0, norm: false, activation: "identity" }],
      shortcut: [{ op: "maxpool", window: 1, stride: 1, pad: 0 }],
      activation: "relu",
    },
    { op: "avgpool", window: [1, 1], stride: 1 },
    { op: "globalavgpool" },
    { op: "flatten" },
    { op: "dense", out: 2, k: 2048, norm: false, activation: "identity" },
  ],
  labels: ["a", "b"],
  batch: 32,
  epochs: 1,
  rate: 1,
  warmup: 0,
  decay: 0,
  smoothing: 0,
  average: 0,
  distillation: { weight: 0, temperature: 1 },
  augmentation: { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0, fade: 0, flip: true, cutout: 0 },
  validation: 0,
  seed: 0,
};

/** None of these is a value that only the other fields could make wrong. */
const STRANGERS: readonly Json[] = [null, true, "x", -1, 0.5, 1e12, [], {}, [0.5, 0.5], [1, 1, 1, 1]];

/** Every recipe that differs in one place: a value replaced, a field left out or added. */
function* changes(value: Json, path = "recipe"): Generator<readonly [string, Json | undefined]> {
  for (const stranger of STRANGERS) yield [`${path} = ${JSON.stringify(stranger)}`, stranger];
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      for (const [name, changed] of changes(entry, `${path}[${index}]`)) {
        if (changed !== undefined) yield [name, value.with(index, changed)];
      }
    }
  } else if (typeof value === "object" && value !== null) {
    yield [`${path} and a field`, { ...value, stranger: 1 }];
    for (const [field, entry] of Object.entries(value)) {
      yield [`${path} without ${field}`, Object.fromEntries(Object.entries(value).filter(([name]) => name !== field))];
      for (const [name, changed] of changes(entry, `${path}.${field}`)) {
        if (changed !== undefined) yield [name, { ...value, [field]: changed }];
      }
    }
  }
}

/** The schema, and what was measured of the models. */
const NO_RECIPES = ["recipe.schema.json", "zoo.json", "golden.json"];

describe("models/recipe.schema.json", () => {
  test("and the parser take and refuse the same recipes, whatever one place of them holds", () => {
    expect([allows(EVERY), parses(EVERY)]).toEqual([true, true]);
    const verdicts = [...changes(EVERY)].map(([name, value]) => ({
      name,
      schema: allows(value),
      parser: parses(value),
    }));
    expect(verdicts.filter((verdict) => verdict.schema !== verdict.parser)).toEqual([]);
    const taken = verdicts.filter((verdict) => verdict.parser).length;
    expect([taken > 20, verdicts.length - taken > 500]).toEqual([true, true]);
  });

  const edges: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["k", [1, 2, 1024, 2048], [0, 3, 4096]],
    ["stride", [1, 8], [0, 9]],
    ["kernel", [1, 7], [0, 8]],
  ];
  test.each(edges)("and the parser agree on the limits of a convolution's %s", (field, good, bad) => {
    const { layers } = EVERY as unknown as { layers: object[] };
    const verdict = (value: number) => {
      const recipe = { ...(EVERY as object), layers: layers.with(0, { ...layers[0], [field]: value }) };
      return [allows(recipe), parses(recipe)];
    };
    for (const value of good) expect(verdict(value), String(value)).toEqual([true, true]);
    for (const value of bad) expect(verdict(value), String(value)).toEqual([false, false]);
  });

  test.each(SHIPPED_RECIPES)("and the parser take the shipped %s", (name) => {
    const file: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, MODELS), "utf8"));
    expect([allows(file), parses(file)]).toEqual([true, true]);
    expect(readRecipe(name)).toEqual(parseConfig(file));
  });

  test("stands beside the shipped recipes and no others", () => {
    const files = readdirSync(MODELS).filter((file) => file.endsWith(".json") && !NO_RECIPES.includes(file));
    expect(files.sort()).toEqual(SHIPPED_RECIPES.map((name) => `${name}.json`).sort());
  });
});
