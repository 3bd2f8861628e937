import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DataError, OptionError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { readModel } from "../model/read.ts";
import { blockLayers } from "./blocks.ts";
import type { DesignConfig } from "./config.ts";

/** A model that is there before the run. */
export interface Known {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly model: Model;
  readonly sha256: string;
}

const MODELS = new URL("../../models/", import.meta.url);

/** Names of the shipped models. */
export function shippedNames(): readonly string[] {
  const zoo = JSON.parse(readFileSync(new URL("zoo.json", MODELS), "utf8")) as readonly { readonly name: string }[];
  return zoo.map(({ name }) => name);
}

/** A shipped model by its name, or a model file. @throws DataError if it cannot be read, ModelFileError */
export function readKnown(source: string): Known {
  const file = shippedNames().includes(source) ? new URL(`${source}.safetensors`, MODELS) : source;
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (cause) {
    const expected = `a model file or one of ${shippedNames().join(", ")}`;
    throw new DataError(`${source}: expected ${expected}, got ${(cause as Error).message}`, { file: source });
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name: source, bytes, model: readModel(bytes), sha256 };
}

/**
 * The models that shapes may start from.
 *
 * @throws OptionError if one has other operations than the recipe, or reads other images
 */
export function readSources({ recipe, known }: DesignConfig): readonly Known[] {
  const expected = describe(recipe.input.shape, blockLayers(recipe));
  return known.map((source, i) => {
    const one = readKnown(source);
    const products = one.model.operations.filter((operation) => "k" in operation);
    const got = describe(one.model.input.shape, products);
    if (got === expected) return one;
    throw new OptionError(`known[${i}]: expected a model of the recipe's layers, ${expected}, got ${got}`, {
      option: `known[${i}]`,
    });
  });
}

/** The shipped models that answer the same question: images of one size and the same classes. */
export function rivals({ recipe }: DesignConfig): readonly Known[] {
  const question = JSON.stringify([recipe.input.shape, recipe.labels]);
  return shippedNames()
    .map(readKnown)
    .filter(({ model }) => JSON.stringify([model.input.shape, model.labels]) === question);
}

type Sized = { readonly name: string; readonly in: number; readonly out: number };

function describe(shape: readonly number[], layers: readonly Sized[]): string {
  return [shape.join("x"), ...layers.map((layer) => `${layer.name} ${layer.in}-${layer.out}`)].join(", ");
}
