import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { readModel } from "../../src/model/read.ts";
import { type EngineCycles, engineCycles } from "../../src/rtl/cycles.ts";
import { type Engine, openEngine } from "../../src/rtl/engine.ts";
import { type EngineParameters, parametersFor } from "../../src/rtl/parameters.ts";
import { type EngineOperation, type EngineProgram, networkProgram, singleProgram } from "../../src/rtl/program.ts";
import { spectralSize, tapsOf } from "../../src/rtl/size.ts";
import { createRandom, type Random, randomDense, randomOperation, randomWords } from "../contract/random.ts";
import { chain, randomLayers, randomNetwork } from "./networks.ts";
import { firstCyclesDifference, observePhases } from "./phases.ts";

const SEED = 20261127;
const NETWORKS = 40;

/** Lanes, log2 of the largest block, bits of a weight, and the widths of activations, spectra, weights, biases, tables, layers. */
const CONFIGURATIONS = [
  configuration(1, 3, 16, 10, 9, 11, 7, 1, 3),
  configuration(2, 5, 16, 12, 12, 14, 10, 2, 4),
  configuration(3, 6, 8, 11, 10, 10, 9, 4, 3),
  configuration(4, 11, 16, 16, 15, 14, 12, 3, 4),
  configuration(5, 7, 11, 13, 12, 12, 10, 3, 5),
  configuration(8, 9, 16, 14, 13, 13, 11, 2, 3),
  configuration(16, 8, 13, 14, 14, 11, 11, 3, 6),
  configuration(64, 11, 16, 15, 14, 12, 12, 3, 3),
];

function configuration(
  LANES: number,
  LOG2_K_MAX: number,
  WEIGHT_BITS: number,
  ACTIVATION_WIDTH: number,
  SPECTRUM_WIDTH: number,
  WEIGHT_WIDTH: number,
  BIAS_WIDTH: number,
  TABLE_WIDTH: number,
  LAYER_WIDTH: number,
): EngineParameters {
  const widths = { ACTIVATION_WIDTH, SPECTRUM_WIDTH, WEIGHT_WIDTH, BIAS_WIDTH, TABLE_WIDTH, LAYER_WIDTH };
  return { LANES, LOG2_K_MAX, WEIGHT_BITS, ...widths };
}

const OPERATIONS = ["dense", "conv2d", "depthwise", "maxpool", "avgpool", "add", "flatten"] as const;

/** A network, an operation alone, a bare transform, or one product of blocks as large as the engine takes. */
function randomProgram(random: Random, { LOG2_K_MAX }: EngineParameters): EngineProgram {
  const k = 2 ** random(LOG2_K_MAX + 1);
  switch (random(8)) {
    case 0: {
      const blocks = 1 + random(6);
      return singleProgram({ op: random(2) === 0 ? "rfft" : "irfft", k, blocks, schedule: random(k) });
    }
    case 1:
      return singleProgram(randomOperation(OPERATIONS[random(OPERATIONS.length)], "mixed", random));
    case 2: {
      const sides = { k, in: 1 + random(3 * k), out: 1 + random(3 * k) };
      return chain({ op: "dense", ...randomDense(sides, "mixed", random) });
    }
    case 3:
    case 4:
      return randomLayers(random);
    default:
      return randomNetwork(random);
  }
}

/** Networks that fit an engine, each with the vectors of a run. */
function draw(parameters: EngineParameters) {
  const random = createRandom(SEED + parameters.LANES);
  const cases: { readonly program: EngineProgram; readonly count: number; readonly x: Int16Array }[] = [];
  while (cases.length < NETWORKS) {
    const program = narrowed(randomProgram(random, parameters), parameters.WEIGHT_BITS);
    if (!isDeepStrictEqual(parametersFor(program, parameters), parameters)) continue;
    const count = 1 + random(3);
    cases.push({ program, count, x: randomWords(count * program.input.words, "mixed", random) });
  }
  return cases;
}

/** The same network with the high bits of its weights. */
function narrowed(program: EngineProgram, bits: number): EngineProgram {
  const steps = program.steps.map((step) => {
    if (!("weights" in step.operation)) return step;
    const weights = step.operation.weights.map((word) => word >> (16 - bits));
    return { ...step, operation: { ...step.operation, weights } };
  });
  return { ...program, steps };
}

const PAIRS = CONFIGURATIONS.map((parameters) => {
  return { parameters, lanes: parameters.LANES, cases: draw(parameters) };
});

/** Whether a product has fewer terms than sums that leave at once, and a last group of output blocks with fewer than lanes. */
function productShape(operation: EngineOperation, lanes: number) {
  const size = spectralSize(operation);
  if (size === undefined || "schedule" in operation) return undefined;
  const { input, output } = size;
  return {
    waits: tapsOf(operation) * input.blocks < Math.min(lanes, output.blocks),
    idle: output.blocks % lanes !== 0,
    groups: output.blocks > lanes ? "several" : "one",
  };
}

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

async function open(program: EngineProgram, parameters?: EngineParameters): Promise<Engine> {
  const engine = await openEngine(program, parameters ? { parameters } : {});
  engines.push(engine);
  return engine;
}

function readZoo(name: string): EngineProgram {
  return networkProgram(readModel(readFileSync(new URL(`../../models/${name}.safetensors`, import.meta.url))));
}

describe.each(PAIRS)("the engine with $lanes complex multipliers", ({ parameters, lanes, cases }) => {
  it(`takes the cycles of the model in every phase of ${NETWORKS} random networks (seed ${SEED})`, async () => {
    const engine = await open(cases[0].program, parameters);
    for (const { program, count, x } of cases) {
      engine.load(program);
      const observed = await observePhases(engine, x);
      expect(firstCyclesDifference(engineCycles(program, lanes), count, observed)).toBeUndefined();
    }
  });
});

describe("the random networks", () => {
  it("have all operations, all block sizes, sums that wait for one another and groups with idle lanes", () => {
    const operations = PAIRS.flatMap(({ cases }) => cases.flatMap(({ program }) => program.steps));
    expect(new Set(operations.map(({ operation }) => operation.op))).toEqual(new Set([...OPERATIONS, "rfft", "irfft"]));
    const sizes = operations.flatMap(({ operation }) => ("k" in operation ? operation.k : []));
    expect([...new Set(sizes)].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => 2 ** i));
    const products = PAIRS.flatMap(({ cases, lanes }) => {
      return cases.flatMap(({ program }) =>
        program.steps.flatMap(({ operation }) => productShape(operation, lanes) ?? []),
      );
    });
    for (const waits of [false, true]) {
      for (const idle of [false, true]) expect(products).toContainEqual({ waits, idle, groups: "several" });
    }
    const totals = PAIRS.flatMap(({ cases, lanes }) => cases.map(({ program }) => engineCycles(program, lanes).total));
    expect(totals.length).toBeGreaterThanOrEqual(200);
    expect(new Set(totals).size).toBeGreaterThanOrEqual(200);
  });
});

describe("the comparison of cycles", () => {
  it("names a phase that the model has a cycle longer or shorter, and a wrong total", async () => {
    const window = { height: 4, width: 4, kernel: [2, 2], stride: 2, pad: 0 } as const;
    const program = chain(
      { op: "dense", ...randomDense({ in: 60, out: 64, k: 16 }, "mixed", createRandom(SEED)) },
      { op: "maxpool", channels: 4, ...window },
      { op: "flatten", words: 16 },
      { op: "add", words: 16, shifts: [0, 0], activation: { kind: "identity" } },
    );
    const engine = await open(program);
    const observed = await observePhases(engine, randomWords(2 * 60, "mixed", createRandom(SEED)));
    const model = engineCycles(program, engine.parameters.LANES);
    const compare = (planted: EngineCycles) => firstCyclesDifference(planted, 2, observed);
    expect(compare(model)).toBeUndefined();
    let planted = 0;
    for (const [operation, phases] of model.operations.entries()) {
      for (const [i, { phase, cycles }] of phases.entries()) {
        for (const wrong of [cycles - 1, cycles + 1]) {
          const place = `operation ${operation}, ${phase},`;
          const operations = model.operations.with(operation, phases.with(i, { phase, cycles: wrong }));
          expect(compare({ ...model, operations })).toBe(
            `vector 0: the model has ${place} ${wrong} cycles, the simulation ${place} ${cycles} cycles`,
          );
          planted++;
        }
      }
    }
    expect(planted).toBeGreaterThan(30);
    expect(compare({ ...model, total: model.total + 1 })).toContain("2 vectors: the model has");
    expect(compare({ ...model, steady: model.steady - 1 })).toContain("2 vectors: the model has");
  });
});

describe("the shipped networks", () => {
  it.each(["mnist-mlp", "mnist-cnn", "fashion-cnn", "cifar10-cnn"])(
    "%s takes the cycles that docs/zoo.md tells",
    (name) => {
      const page = readFileSync(new URL("../../docs/zoo.md", import.meta.url), "utf8");
      const [, table] = page.split("cycles an image, 4 complex multipliers |");
      const row = table.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";
      expect(engineCycles(readZoo(name), 4).total.toLocaleString("en")).toBe(row.split("|").at(-2)?.trim());
    },
  );

  it("mnist-mlp takes the cycles of the model in every phase", async () => {
    const program = readZoo("mnist-mlp");
    const engine = await open(program);
    const observed = await observePhases(engine, randomWords(2 * program.input.words, "mixed", createRandom(SEED)));
    expect(firstCyclesDifference(engineCycles(program, engine.parameters.LANES), 2, observed)).toBeUndefined();
  });
});
