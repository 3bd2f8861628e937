import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blankModel } from "../../src/design/blank.ts";
import { blockLayers, withBlocks } from "../../src/design/blocks.ts";
import { chooseShapes } from "../../src/design/candidates.ts";
import { chooseBits } from "../../src/design/choose-bits.ts";
import { type DesignConfig, parseDesign } from "../../src/design/config.ts";
import { axisCost, bestEngine, engineCosts } from "../../src/design/cost.ts";
import { ENERGY, nanojoules } from "../../src/design/energy.ts";
import { surviving } from "../../src/design/halving.ts";
import { readSources, rivals } from "../../src/design/known.ts";
import { OptionError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { resources } from "../../src/synth/resources.ts";
import { readRecipe, SHIPPED_RECIPES } from "../../src/train/recipe.ts";
import { errorOf } from "../caught.ts";
import { SMALL } from "./config.ts";

// biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
type Change = (value: any) => void;

function changed(change: Change): unknown {
  const value = JSON.parse(JSON.stringify(SMALL));
  change(value);
  return value;
}

const lanes = (...counts: readonly number[]) => counts.map((count) => ({ lanes: count }));

const WRONG: readonly (readonly [string, Change, RegExp])[] = [
  ["a field too many", (c) => (c.blok = 1), /design\.blok: expected one of recipe/],
  ["no target", (c) => delete c.target, /target: expected an object, got nothing/],
  ["no held-out images", (c) => (c.recipe.validation = 0), /recipe\.validation: expected images held out/],
  ["a recipe that does not hold", (c) => (c.recipe.batch = 33), /batch: expected a multiple of 32, got 33/],
  ["blocks of no layer", (c) => (c.blocks.dense9 = [2]), /blocks\.dense9: expected one of dense1, dense2/],
  ["a block size that is none", (c) => (c.blocks.dense1 = [4, 12]), /blocks\.dense1: expected powers of two, got 12/],
  ["block sizes out of order", (c) => (c.blocks.dense1 = [8, 4]), /blocks\.dense1: expected numbers, each larger/],
  ["no block sizes", (c) => (c.blocks.dense1 = []), /blocks\.dense1: expected numbers, each larger/],
  ["too few bits", (c) => (c.weightBits = [7, 16]), /weightBits\[0\]: expected a number from 8 to 16, got 7/],
  ["bits without 16", (c) => (c.weightBits = [8, 9]), /weightBits: expected 16 among them/],
  [
    "an accuracy in percent",
    (c) => (c.target.accuracy = 99),
    /target\.accuracy: expected a number from 0 to 1, got 99/,
  ],
  ["a device without a clock", (c) => delete c.target.device.megahertz, /target\.device\.megahertz: expected a number/],
  [
    "a family that no model tells",
    (c) => (c.target.device.family = "ice40"),
    /target\.device\.family: expected xc7 or ecp5, got "ice40"/,
  ],
  [
    "look-up tables of no family",
    (c) => (c.target.device.lut = 5000),
    /target\.device\.family: expected a family, of which lut is told, got nothing/,
  ],
  [
    "synthesis for no family",
    (c) => (c.search.synthesise = 2),
    /target\.device\.family: expected the family that engines are synthesised for, got nothing/,
  ],
  ["an axis that is none", (c) => (c.search.axes = ["watts"]), /search\.axes\[0\]: expected bytes, cycles, work/],
  ["an axis twice", (c) => (c.search.axes = ["bytes", "bytes"]), /search\.axes: expected different axes/],
  ["more kept than there are", (c) => (c.search.rungs[1].keep = 4), /search\.rungs\[1\]\.keep: .* from 1 to 3, got 4/],
  ["no rungs", (c) => (c.search.rungs = []), /search\.rungs: expected at least one round/],
  ["no tolerances", (c) => (c.search.tolerances = []), /search\.tolerances: expected at least one/],
  ["a rate of 0", (c) => (c.search.finetune.rate = 0), /search\.finetune\.rate: expected a number from/],
  ["no engines", (c) => (c.engines = []), /engines: expected at least one engine/],
  ["an engine of no size", (c) => (c.engines = [{ lanes: 0 }]), /engines\[0\]\.lanes: expected a number from 1 to 64/],
  [
    "an engine of three paths",
    (c) => (c.engines = [{ paths: 3, blocks: 1 }]),
    /engines\[0\]\.paths: expected 2, 4 or 8/,
  ],
  ["energy that is none", (c) => (c.energy = { word: -1 }), /energy\.word: expected a number from 0/],
  ["known models that are no list", (c) => (c.known = "mnist-mlp"), /known: expected an array/],
];

describe("a configuration", () => {
  it.each(WRONG)("is refused with %s", (_, change, message) => {
    const error = errorOf(() => parseDesign(changed(change)));
    expect(error).toBeInstanceOf(OptionError);
    expect(error.message).toMatch(message);
  });

  it("keeps a layer's own block size where it names none, and takes what it leaves out", () => {
    const { blocks, known, energy, weightBits } = parseDesign(
      changed((c) => {
        for (const name of ["blocks", "known", "energy", "weightBits"]) delete c[name];
      }),
    );
    expect({ blocks, known, energy, weightBits }).toEqual({
      blocks: { dense1: [8], dense2: [8] },
      known: [],
      energy: ENERGY,
      weightBits: [16],
    });
  });

  it("that the package has parses, and its sources and rivals are there", () => {
    const file = new URL("../../examples/design/mnist.json", import.meta.url);
    const config = parseDesign(JSON.parse(readFileSync(file, "utf8")));
    expect(readSources(config).map(({ name }) => name)).toEqual(["mnist-mlp"]);
    expect(rivals(config).map(({ name }) => name)).toEqual(["mnist-mlp", "mnist-cnn"]);
    expect(parseDesign(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it("is refused with a known model of other layers", () => {
    const config = parseDesign(changed((c) => (c.known = ["mnist-mlp"])));
    const error = errorOf(() => readSources(config));
    expect(error.message).toMatch(/known\[0\]: expected a model of the recipe's layers, 28x28x1, dense1 784-32/);
  });
});

describe("what costs follow from before anything is trained", () => {
  it.each(SHIPPED_RECIPES)("is the model that was compiled of %s, but for its words and formats", (name) => {
    const file = new Uint8Array(readFileSync(new URL(`../../models/${name}.safetensors`, import.meta.url)));
    const model = readModel(file);
    const blank = blankModel(readRecipe(name));
    for (const axis of ["bytes", "cycles", "work"] as const)
      expect(axisCost(axis, blank, [{ lanes: 4 }])).toBe(axisCost(axis, model, [{ lanes: 4 }]));
    const engines = [...lanes(1, 4), { paths: 4, blocks: 4 }];
    expect(engineCosts(blank, engines)).toEqual(engineCosts(model, engines));
    expect(nanojoules(blank, ENERGY)).toBe(nanojoules(model, ENERGY));
    expect(blank.memory).toEqual(model.memory);
  });

  it("has weights of fewer bits in fewer bytes and less energy", () => {
    const recipe = readRecipe("mnist-cnn");
    const names = blankModel(recipe)
      .operations.filter((operation) => "weights" in operation)
      .map(({ name }) => name);
    const narrow = blankModel(recipe, Object.fromEntries(names.map((name) => [name, 8])));
    const words = narrow.operations.reduce((sum, one) => sum + ("weights" in one ? one.weights.length : 0), 0);
    expect(axisCost("bytes", blankModel(recipe), []) - axisCost("bytes", narrow, [])).toBe(words);
    expect(nanojoules(narrow, ENERGY)).toBeLessThan(nanojoules(blankModel(recipe), ENERGY));
  });

  it("counts the multipliers of the published streaming engine", () => {
    const [cost] = engineCosts(blankModel(readRecipe("mnist-mlp")), [{ paths: 4, blocks: 16 }]);
    const trivial = 2 + 1;
    expect(cost.multipliers).toBe(4 * 64 + 2 * 4 * (5 * 2 - trivial));
    expect(cost.steadyCycles).toBeLessThan(cost.cycles);
  });

  it("takes the engine that misses least, and of those the fastest", () => {
    const model = blankModel(readRecipe("mnist-mlp"));
    const device = { name: "part", megahertz: 100, dsp: 20 };
    const costs = engineCosts(model, lanes(1, 2, 4, 8), device);
    expect(costs.map(({ misses }) => misses)).toEqual([[], [], ["dsp"], ["dsp"]]);
    expect(bestEngine(costs).engine).toEqual({ lanes: 2 });
    expect(bestEngine(engineCosts(model, lanes(1, 2, 4, 8))).engine).toEqual({ lanes: 8 });
    for (const { cycles, latencyMicroseconds } of costs) expect(latencyMicroseconds).toBe(cycles / 100);
  });

  it("tells the cells of a device's family, and holds them against its limits one by one", () => {
    const model = blankModel(readRecipe("mnist-mlp"));
    const engines = [...lanes(1, 4), { paths: 2, blocks: 2 }];
    const part = { name: "part", megahertz: 100, family: "xc7" } as const;
    for (const [i, cost] of engineCosts(model, engines, part).entries()) {
      expect(cost.misses).toEqual([]);
      expect(cost.resources).toEqual(resources(cost.parameters, "xc7"));
      const { dsp, lut = 0, lutRam = 0, ff = 0, blockRam } = cost.resources ?? { dsp: 0, blockRam: 0 };
      for (const [name, value] of Object.entries({ dsp, lut: lut + lutRam, ff, blockRam })) {
        expect(value).toBeGreaterThan(0);
        expect(engineCosts(model, engines, { ...part, [name]: value })[i].misses).toEqual([]);
        expect(engineCosts(model, engines, { ...part, [name]: value - 0.5 })[i].misses).toEqual([name]);
      }
    }
  });
});

const config: DesignConfig = parseDesign(SMALL);

describe("the search", () => {
  const sensitivity = { dense1: { 4: 0.1, 8: 0.2, 16: 0.9 }, dense2: { 2: 0, 8: 0.3 } };

  it("takes the recipe's shape, the ends of the fronts, and as many as are asked for, each once", () => {
    const shapes = chooseShapes(config, sensitivity).map((blocks) => blocks.join());
    expect(shapes).toHaveLength(4);
    expect(new Set(shapes).size).toBe(4);
    expect(shapes).toContain("8,8");
    expect(shapes).toContain("4,2");
    expect(shapes).toContain("16,8");
    const all = chooseShapes({ ...config, search: { ...config.search, shapes: 50 } }, sensitivity);
    expect(all).toHaveLength(6);
  });

  it("puts blocks where they are, in residuals too", () => {
    const recipe = readRecipe("cifar10-cnn");
    const own = blockLayers(recipe).map(({ k }) => k);
    expect(withBlocks(recipe, own)).toEqual(recipe);
    const other = own.map((k) => (k === 1 ? 1 : 2));
    expect(blockLayers(withBlocks(recipe, other)).map(({ k }) => k)).toEqual(other);
  });

  it("lets those go on that no other beats, the nearest to the wanted accuracy first", () => {
    const trained = [
      { blocks: [4, 2], after: { loss: 0, accuracy: 0.8 } },
      { blocks: [8, 2], after: { loss: 0, accuracy: 0.6 } },
      { blocks: [8, 8], after: { loss: 0, accuracy: 0.65 } },
      { blocks: [16, 8], after: { loss: 0, accuracy: 0.3 } },
    ];
    const kept = (keep: number) => surviving(config, trained, keep).map(({ blocks }) => blocks.join());
    expect(kept(1)).toEqual(["4,2"]);
    expect(kept(2)).toEqual(["4,2", "8,8"]);
    expect(kept(4)).toEqual(["4,2", "8,2", "8,8", "16,8"]);
  });

  it("takes the fewest bytes that a tolerance allows", () => {
    const at = (loss: number) => ({ loss, accuracy: 0 });
    const narrow = { dense1: { 8: at(1.2), 10: at(1.01) }, dense2: { 8: at(1.005), 10: at(0.9) } };
    const chosen = chooseBits(config.recipe, { full: at(1), narrow }, [0, 0.005, 0.02, 0.5, 0.6]);
    expect(chosen).toEqual([
      { dense1: 16, dense2: 10 },
      { dense1: 16, dense2: 8 },
      { dense1: 10, dense2: 8 },
      { dense1: 8, dense2: 8 },
    ]);
  });
});

it("a blank model is one that the file takes, once its formats are those of its graph", () => {
  const { operations, ...rest } = blankModel(config.recipe);
  const made = operations.map((operation) =>
    "k" in operation ? { ...operation, shift: Math.log2(operation.k) } : operation,
  );
  expect(() => writeModel({ ...rest, operations: made })).not.toThrow();
});
