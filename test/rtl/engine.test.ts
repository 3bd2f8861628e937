import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { type DenseLayer, dense } from "../../src/layers/dense.ts";
import type { Operation } from "../../src/layers/operation.ts";
import { DESCRIPTOR_BITS } from "../../src/rtl/descriptor.ts";
import { type Engine, engineDesign, openEngine } from "../../src/rtl/engine.ts";
import { formatImage, memoryImages, parseImage } from "../../src/rtl/images.ts";
import { DEFAULT_PARAMETERS, parametersFor, smallestParameters } from "../../src/rtl/parameters.ts";
import { type EngineProgram, singleProgram } from "../../src/rtl/program.ts";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { engineSources, RTL_FOLDER } from "../../src/rtl/sources.ts";
import { createRandom, randomConv2d, randomDense, randomInputs, randomWords } from "../contract/random.ts";
import { chain, randomLayers, randomNetwork } from "./networks.ts";
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
  BIAS_WIDTH: 10,
  TABLE_WIDTH: 3,
  LAYER_WIDTH: 4,
};

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

/** Programs of one seed and an input for each. */
function cases(count: number, seed: number, make: (random: ReturnType<typeof createRandom>) => EngineProgram) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const program = make(random);
    return { program, x: randomWords(program.input.words, "mixed", random) };
  });
}

describe.each([1, 3, 4, 8])("the engine with %i complex multipliers", (LANES) => {
  it.each([
    ["layers", 20, randomLayers],
    ["graphs of all operations", 40, randomNetwork],
  ] as const)(`shows the reference's words in every tensor of random %s (seed ${SEED})`, async (_, count, make) => {
    let engine: Engine | undefined;
    for (const { program, x } of cases(count, SEED + LANES, make)) {
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
  const expected = Array.from({ length: 20 }, (_, i) => [...dense(layer, inputs.slice(13 * i, 13 * i + 13)).outputs]);
  const open = async () => {
    const engine = await openEngine(singleProgram({ op: "dense", ...layer }));
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
    const programs = [...cases(2, SEED, randomLayers), ...cases(8, SEED + 1, randomNetwork)].filter(
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

describe("the comparison of traces", () => {
  const random = createRandom(SEED);
  const window = { height: 5, width: 4, kernel: [3, 3], stride: 1, pad: 1 } as const;
  const picture = { channels: 6, ...window };
  const spectral = randomConv2d({ in: 6, out: 7, k: 4 }, window, "small", random);
  const activation = { kind: "identity" } as const;
  const small = (words: number) => randomWords(words, "small", random);
  const operations: Record<string, Operation> = {
    conv2d: { op: "conv2d", ...spectral, shift: 6, activation },
    maxpool: { op: "maxpool", ...picture },
    avgpool: { op: "avgpool", ...picture, pad: 0 },
    depthwise: { op: "depthwise", ...picture, shift: 3, activation, weights: small(54), bias: small(6) },
    add: { op: "add", words: 40, shifts: [1, -2], activation },
  };

  const parameters = Object.values(operations).reduce(
    (least, operation) => parametersFor(singleProgram(operation), least),
    smallestParameters(singleProgram(operations.conv2d), 2),
  );

  it.each([
    ["a tap outside the picture", "conv2d", "spectral_product.v", "inside_q ? spectrum_i : 32'd0", "spectrum_i"],
    ["the line of a tap", "conv2d", "window_walk.v", "y_q + 18'd1", "y_q"],
    ["the row of a pixel", "conv2d", "location_walk.v", "row_address_q + words_i", "row_address_q"],
    ["the end of a row of words", "conv2d", "location_walk.v", "(column_b_o < words_i)", "1'b1"],
    ["a bank", "conv2d", "modulo_3.v", "by_2[1:0] - 2'd2", "by_2[1:0] - 2'd1"],
    ["padding under a maximum", "maxpool", "slide.v", "maximum_i ? 16'sh8000 : 16'sd0", "16'sd0"],
    ["a maximum", "maxpool", "slide.v", "(term_q > sum_q)", "(term_q < sum_q)"],
    ["the factor of a mean", "avgpool", "slide.v", "sum_q * factor", "sum_q * 17'sd1"],
    ["a weight's place", "depthwise", "slide.v", "16*slot_1q+:16", "16*slot_q+:16"],
    ["the product of a weight", "depthwise", "slide.v", "(maximum_i || mean_i) ? widened : product", "widened"],
    ["a left shift", "add", "align.v", "wide <<< left", "wide"],
    ["the second operand", "add", "sum.v", "second_q ? base_b_i : base_a_i", "base_a_i"],
    ["a bias", "conv2d", "finish.v", "has_bias_i ? biased_b", "1'b0 ? biased_b"],
  ])("sees a fault in %s", async (_, kind, file, from, to) => {
    const operation = operations[kind];
    const program = singleProgram(operation);
    const x = Int16Array.from(randomInputs(operation, "uniform", random).flatMap((words) => [...words]));
    const compare = async (sources: ReturnType<typeof engineSources>) => {
      const engine = await openEngine(program, { parameters, sources });
      const { trace } = await engine.run(x, { trace: true });
      engine.dispose();
      return firstTraceDifference(trace ?? [], referenceTrace(program, x));
    };
    const sources = engineSources();
    expect(sources.find(({ name }) => name === file)?.text.split(from)).toHaveLength(2);
    const planted = sources.map((it) => (it.name === file ? { ...it, text: it.text.replace(from, to) } : it));
    expect(await compare(sources)).toBeUndefined();
    expect(await compare(planted)).toBeDefined();
  });
});

describe("the Verilog", () => {
  const build = (changes: Partial<typeof SMALL>) =>
    openSimulation("wasm", engineDesign({ ...SMALL, ...changes }, engineSources()));

  it.each([
    ["LANES", { LANES: 0 }],
    ["LOG2_K_MAX", { LOG2_K_MAX: 12, SPECTRUM_WIDTH: 14 }],
    ["ACTIVATION_WIDTH", { ACTIVATION_WIDTH: 2 }],
    ["SPECTRUM_WIDTH", { SPECTRUM_WIDTH: 7 }],
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
    for (const { program } of [...cases(3, 5, randomLayers), ...cases(3, 5, randomNetwork)]) {
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
    expect(text).toContain(`DESCRIPTOR_BITS = ${DESCRIPTOR_BITS};`);
    for (const [name, low, bits] of DESCRIPTOR_FIELDS) {
      const fixed = bits === 1 ? `descriptor[${low}]` : `descriptor[${low + bits - 1}:${low}]`;
      expect(text.includes(fixed) || text.includes(`descriptor[${low}+:`), name).toBe(true);
    }
  });
});
