import { afterAll, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "../../src/rtl/engine.ts";
import { DEFAULT_PARAMETERS, parametersFor, smallestParameters } from "../../src/rtl/parameters.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../contract/random.ts";
import { chain, randomCases, randomLayers, randomNetwork } from "./networks.ts";
import { firstTraceDifference, referenceTrace } from "./reference.ts";
import { missingSimulator } from "./tools.ts";

const SEED = 20261123;

/** Small enough for every simulator. */
const SMALL = {
  LOG2_K_MAX: 7,
  LANES: 3,
  ACTIVATION_WIDTH: 12,
  SPECTRUM_WIDTH: 12,
  WEIGHT_WIDTH: 12,
  WEIGHT_BITS: 16,
  BIAS_WIDTH: 10,
  TABLE_WIDTH: 3,
  LAYER_WIDTH: 4,
};

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

describe.each([1, 3, 4, 8])("the engine with %i complex multipliers", (LANES) => {
  it.each([
    ["layers", 20, randomLayers],
    ["graphs of all operations", 40, randomNetwork],
  ] as const)(`shows the reference's words in every tensor of random %s (seed ${SEED})`, async (_, count, make) => {
    let engine: Engine | undefined;
    for (const { program, x } of randomCases(count, SEED + LANES, make)) {
      const parameters = parametersFor(program, engine?.parameters ?? { ...DEFAULT_PARAMETERS, LANES });
      if (engine && JSON.stringify(parameters) === JSON.stringify(engine.parameters)) engine.load(program);
      else engine = await openEngine(program, { parameters });
      engines.push(engine);
      const expected = referenceTrace(program, x);
      for (const stallSeed of [0, 77]) {
        const { trace, outputs } = await engine.run(x, { trace: true, stallSeed });
        expect(firstTraceDifference(trace ?? [], expected)).toBeUndefined();
        expect([...outputs]).toEqual([...(expected.at(-1)?.outputs ?? [])]);
      }
    }
  });
});

describe("the smallest engine", () => {
  it.each([
    [1, 1],
    [2, 2],
    [8, 3],
    [64, 16],
  ])("for a network of blocks of %i, with %i complex multipliers, shows the reference's words", async (k, LANES) => {
    const random = createRandom(SEED + k);
    const window = { height: 3, width: 4, kernel: [2, 3], stride: 1, pad: 1 } as const;
    const program = chain(
      { op: "conv2d", ...randomConv2d({ in: k + 1, out: 2 * k + 1, k }, window, "mixed", random) },
      { op: "flatten", words: 16 * (2 * k + 1) },
      { op: "dense", ...randomDense({ in: 16 * (2 * k + 1), out: 5, k: Math.max(1, k / 4) }, "mixed", random) },
    );
    const x = randomWords(program.input.words, "mixed", random);
    const engine = await openEngine(program, { parameters: smallestParameters(program, LANES) });
    engines.push(engine);
    const { trace } = await engine.run(x, { trace: true });
    expect(firstTraceDifference(trace ?? [], referenceTrace(program, x))).toBeUndefined();
  });
});

describe("large pictures", () => {
  it("of sides above 255 and of more than 2^16 blocks show the reference's words", async () => {
    const random = createRandom(SEED);
    const window = { height: 300, width: 257, kernel: [2, 2], stride: 2, pad: 0 } as const;
    const program = chain(
      { op: "conv2d", ...randomConv2d({ in: 1, out: 2, k: 2 }, window, "mixed", random) },
      { op: "maxpool", channels: 2, height: 150, width: 128, kernel: [150, 128], stride: 1, pad: 0 },
    );
    const x = randomWords(program.input.words, "mixed", random);
    const engine = await openEngine(program);
    engines.push(engine);
    const { trace } = await engine.run(x, { trace: true });
    expect(firstTraceDifference(trace ?? [], referenceTrace(program, x))).toBeUndefined();
  });
});

describe.each(["icarus", "verilator"] as const)("%s", (simulator) => {
  const missing = missingSimulator(simulator);
  it.skipIf(missing)(`gives the trace of the npm-only simulator ${missing ?? ""}`, async () => {
    const programs = [...randomCases(2, SEED, randomLayers), ...randomCases(8, SEED + 1, randomNetwork)].filter(
      ({ program }) => program.words < 3000,
    );
    expect(programs.length).toBeGreaterThan(5);
    const parameters = programs.reduce((least, { program }) => parametersFor(program, least), SMALL);
    const [{ program: first }] = programs;
    const engine = await openEngine(first, { simulator, parameters });
    const wasm = await openEngine(first, { simulator: "wasm", parameters });
    engines.push(engine, wasm);
    for (const { program, x } of programs) {
      for (const it of [engine, wasm]) it.load(program);
      const options = { trace: true, stallSeed: 5 };
      const result = await engine.run(x, options);
      expect(result).toEqual(await wasm.run(x, options));
      expect(firstTraceDifference(result.trace ?? [], referenceTrace(program, x))).toBeUndefined();
    }
  });
});
