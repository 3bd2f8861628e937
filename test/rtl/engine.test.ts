import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { compareTensors, type TensorCount } from "../../src/conform/compare.ts";
import { traceReference, traceRtl } from "../../src/conform/trace.ts";
import { type DenseLayer, dense } from "../../src/layers/dense.ts";
import { type Engine, engineDesign, openEngine } from "../../src/rtl/engine.ts";
import { formatImage, memoryImages, parseImage } from "../../src/rtl/images.ts";
import { DEFAULT_PARAMETERS, parametersFor, smallestParameters } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { engineSources, RTL_FOLDER } from "../../src/rtl/sources.ts";
import { createRandom, randomDense, randomWords } from "../contract/random.ts";
import { randomModel } from "../runtime/models.ts";
import { missingSimulator } from "./tools.ts";

const SEED = 20261123;

/** Small enough for every simulator. */
const SMALL = {
  LOG2_K_MAX: 8,
  LANES: 3,
  ACTIVATION_WIDTH: 12,
  SPECTRUM_WIDTH: 13,
  WEIGHT_WIDTH: 14,
  BIAS_WIDTH: 13,
  TABLE_WIDTH: 2,
  LAYER_WIDTH: 3,
};

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

function outputsOf(layers: readonly DenseLayer[], x: Int16Array): Int16Array {
  return layers.reduce((input, layer) => dense(layer, input).outputs, x);
}

/** Networks of one seed and an input for each. */
function networks(count: number, seed: number): { layers: readonly DenseLayer[]; x: Int16Array }[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const { layers } = randomModel(random);
    return { layers, x: randomWords(layers[0].in, "mixed", random) };
  });
}

describe.each([1, 3, 4, 8])("the engine with %i complex multipliers", (LANES) => {
  it(`shows the reference's words in every tensor of random networks (seed ${SEED + LANES})`, async () => {
    let engine: Engine | undefined;
    for (const { layers, x } of networks(25, SEED + LANES)) {
      const program = networkProgram(layers);
      const parameters = parametersFor(program, engine?.parameters ?? { ...DEFAULT_PARAMETERS, LANES });
      if (engine && parameters.WEIGHT_WIDTH === engine.parameters.WEIGHT_WIDTH) engine.load(program);
      else engine = await openEngine(program, { parameters });
      engines.push(engine);
      const counts = new Map<string, TensorCount>();
      for (const stallSeed of [0, 77]) {
        const { trace } = await engine.run(x, { trace: true, stallSeed });
        expect(compareTensors(0, traceReference(layers, x), traceRtl(layers, trace ?? []), counts)).toBeUndefined();
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
    const layers = [randomDense({ in: 2 * k + 1, out: 3 * k, k }, "mixed", random)];
    layers.push(randomDense({ in: 3 * k, out: 5, k: Math.max(1, k / 4) }, "mixed", random));
    const x = randomWords(layers[0].in, "mixed", random);
    const program = networkProgram(layers);
    const engine = await openEngine(program, { parameters: smallestParameters(program, LANES) });
    engines.push(engine);
    const { trace } = await engine.run(x, { trace: true });
    expect(compareTensors(0, traceReference(layers, x), traceRtl(layers, trace ?? []), new Map())).toBeUndefined();
  });
});

describe("the streams of the engine", () => {
  const layer: DenseLayer = {
    in: 13,
    out: 9,
    k: 4,
    forward: 1,
    inverse: 0,
    shift: 12,
    activation: { kind: "relu" },
    weights: randomWords(3 * 4 * 4, "uniform", createRandom(1)),
    bias: randomWords(9, "small", createRandom(2)),
  };
  const random = createRandom(3);
  const inputs = randomWords(13 * 20, "uniform", random);
  const expected = Array.from({ length: 20 }, (_, i) => [...outputsOf([layer], inputs.slice(13 * i, 13 * i + 13))]);
  const open = async () => {
    const engine = await openEngine([{ op: "dense", ...layer }]);
    engines.push(engine);
    return engine;
  };
  const beats = (words: Int16Array, last: boolean) =>
    Array.from(words, (word, i) => (word & 0xffff) | (last && i === words.length - 1 ? 0x10000 : 0));

  it.each([0, 1, 2, 3, 4, 5])("carry 20 vectors unchanged with pauses of seed %i", async (stallSeed) => {
    const { outputs } = await (await open()).run(inputs, { stallSeed });
    expect([...outputs]).toEqual(expected.flat());
  });

  it("take longer with pauses, never less", async () => {
    const engine = await open();
    expect((await engine.run(inputs, { stallSeed: 9 })).cycles).toBeGreaterThan((await engine.run(inputs)).cycles);
  });

  it("drop a vector whose tlast comes early, say so, and go on with the next", async () => {
    const engine = await open();
    const stream = [...beats(inputs.slice(0, 5), true), ...beats(inputs.slice(13, 26), true)];
    const result = await engine.runStream(Uint32Array.from(stream), 1);
    expect([...result.outputs]).toEqual(expected[1]);
    expect(result).toMatchObject({ tlastUnexpected: true, tlastMissing: false });
  });

  it("take a vector whose tlast is missing, and say so", async () => {
    const engine = await open();
    const stream = [...beats(inputs.slice(0, 13), false), ...beats(inputs.slice(13, 26), true)];
    const result = await engine.runStream(Uint32Array.from(stream), 2);
    expect([...result.outputs]).toEqual(expected.slice(0, 2).flat());
    expect(result).toMatchObject({ tlastUnexpected: false, tlastMissing: true });
  });
});

describe.each(["icarus", "verilator"] as const)("%s", (simulator) => {
  const missing = missingSimulator(simulator);
  it.skipIf(missing)(`gives the trace of the npm-only simulator ${missing ?? ""}`, async () => {
    const cases = networks(4, SEED).filter(({ layers }) =>
      layers.every((layer) => layer.in <= 600 && layer.out <= 600),
    );
    const parameters = cases.reduce((least, { layers }) => parametersFor(networkProgram(layers), least), SMALL);
    const first = networkProgram(cases[0].layers);
    const engine = await openEngine(first, { simulator, parameters });
    const wasm = await openEngine(first, { simulator: "wasm", parameters });
    engines.push(engine, wasm);
    for (const { layers, x } of cases) {
      for (const it of [engine, wasm]) it.load(networkProgram(layers));
      const options = { trace: true, stallSeed: 5 };
      const result = await engine.run(x, options);
      expect(result).toEqual(await wasm.run(x, options));
      expect([...result.outputs]).toEqual([...outputsOf(layers, x)]);
    }
  });
});

describe("the Verilog", () => {
  const build = (changes: Partial<typeof SMALL>) =>
    openSimulation("wasm", engineDesign({ ...SMALL, ...changes }, engineSources()));

  it.each([
    ["LANES", { LANES: 0 }],
    ["LOG2_K_MAX", { LOG2_K_MAX: 12, ACTIVATION_WIDTH: 14, SPECTRUM_WIDTH: 14 }],
    ["ACTIVATION_WIDTH", { ACTIVATION_WIDTH: 5 }],
    ["SPECTRUM_WIDTH", { SPECTRUM_WIDTH: 8 }],
    ["TABLE_WIDTH", { TABLE_WIDTH: 9 }],
  ])("refuses at elaboration a %s that cannot be built", async (name, changes) => {
    await expect(build(changes)).rejects.toThrow(`ERROR_circulant_engine_${name}`);
  });

  it("has one module a file, of the file's name, with a comment of what it computes", () => {
    for (const { name, text } of engineSources(RTL_FOLDER)) {
      expect(text.match(/^module (\w+)/gm), name).toEqual([`module ${name.replace(".v", "")}`]);
      expect(text.startsWith("// "), name).toBe(true);
    }
  });
});

describe("memory images", () => {
  it("read back as they were written", () => {
    for (const { layers } of networks(5, 5)) {
      const program = networkProgram(layers);
      for (const image of memoryImages(program, parametersFor(program))) {
        expect(parseImage(formatImage(image), image, image.file)).toEqual(image.limbs);
      }
    }
  });

  it.each([
    ["a word too few", "1234\n", "expected 2 words, got 1"],
    ["a digit that is none", "1234\n12g4\n", "line 2"],
    ["a word too wide", "1234\n12345\n", "line 2"],
  ])("with %s are refused", (_, text, message) => {
    const image = { file: "bias.hex", parameter: "BIAS_IMAGE", paths: [], width: 16, limbs: new Uint32Array(2) };
    expect(() => parseImage(text, image, "bias.hex")).toThrow(message);
  });

  it("descriptor fields stand in rtl/circulant_engine.v where the emitter puts them", async () => {
    const { DESCRIPTOR_FIELDS } = await import("../../src/rtl/descriptor.ts");
    const text = readFileSync(`${RTL_FOLDER}/circulant_engine.v`, "utf8");
    for (const [name, low, bits] of DESCRIPTOR_FIELDS) {
      const fixed = bits === 1 ? `descriptor[${low}]` : `descriptor[${low + bits - 1}:${low}]`;
      expect(text.includes(fixed) || text.includes(`descriptor[${low}+:`), name).toBe(true);
    }
  });
});
