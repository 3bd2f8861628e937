import { afterAll, describe, expect, it } from "vitest";
import { pipelineCycles } from "../../../src/rtl/pipeline/cycles.ts";
import { openPipeline, type PipelineEngine } from "../../../src/rtl/pipeline/engine.ts";
import { type PipelineOptions, pipelineProgram } from "../../../src/rtl/pipeline/program.ts";
import type { SimulatorName } from "../../../src/rtl/simulate/design.ts";
import { createRandom, randomDense, randomWords } from "../../contract/random.ts";
import { chain, randomLayers, randomNetwork } from "../networks.ts";
import { missingSimulator } from "../tools.ts";
import { firstNetworkDifference, outputsOf } from "./compare.ts";

const SEED = 20261125;

/** Large enough for the random networks, so that an engine is built once. */
const FLOOR = {
  INPUT_WIDTH: 15,
  ACTIVATION_WIDTH: 16,
  OUTPUT_WIDTH: 15,
  SPECTRUM_WIDTH: 13,
  PRODUCT_WIDTH: 12,
  WEIGHT_WIDTH: 14,
  BIAS_WIDTH: 11,
  LAYER_WIDTH: 5,
};
const SHAPES = [
  { LOG2_PATHS: 1, BLOCKS: 1, LOG2_STREAM: 0, LOG2_K_MAX: 8, VECTOR: 1, TABLES: 16 },
  { LOG2_PATHS: 2, BLOCKS: 4, LOG2_STREAM: 3, LOG2_K_MAX: 8, VECTOR: 4, TABLES: 16 },
  { LOG2_PATHS: 3, BLOCKS: 3, LOG2_STREAM: 4, LOG2_K_MAX: 8, VECTOR: 8, TABLES: 16 },
] as const;

const engines: PipelineEngine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

const SMALLEST = chain({ op: "dense", ...randomDense({ in: 4, out: 4, k: 4 }, "mixed", createRandom(SEED)) });

async function open(shape: (typeof SHAPES)[number], simulator: SimulatorName = "wasm", floor = FLOOR) {
  const engine = await openPipeline(SMALLEST, {
    shape,
    floor,
    simulator,
    trace: true,
    streamWidth: 14,
    traceWidth: 13,
  });
  engines.push(engine);
  return engine;
}

/** A network that fits an engine, and how its vectors are interleaved. */
function draw(random: ReturnType<typeof createRandom>, engine: PipelineEngine) {
  for (;;) {
    const program = random(2) === 0 ? randomLayers(random) : randomNetwork(random);
    const options: PipelineOptions = { slots: 1 + random(4), entries: 1 + random(5), buffers: 1 + random(3) };
    const { parameters } = engine.program;
    const needed = pipelineProgram(program, { ...options, shape: parameters, floor: parameters }).parameters;
    if (JSON.stringify(needed) === JSON.stringify(parameters)) return { program, options };
  }
}

describe.each(SHAPES)("the streaming engine, 2^$LOG2_PATHS paths, $BLOCKS blocks", (shape) => {
  it(`shows the reference's words in every tensor of random networks, with pauses (seed ${SEED})`, async () => {
    const engine = await open(shape);
    const random = createRandom(SEED + shape.BLOCKS);
    for (let i = 0; i < 30; i++) {
      const { program, options } = draw(random, engine);
      engine.load(program, options);
      const x = randomWords(program.input.words, "mixed", random);
      for (const stallSeed of [0, 99 + i]) {
        const { trace, outputs } = await engine.run(x, { trace: true, stallSeed });
        expect(firstNetworkDifference(program, x, trace ?? [])).toBeUndefined();
        expect(outputs).toEqual(outputsOf(program, x));
      }
    }
  });

  it(`takes the cycles of the model for random networks and numbers of vectors (seed ${SEED})`, async () => {
    const engine = await open(shape);
    const random = createRandom(SEED - shape.BLOCKS);
    for (let i = 0; i < 80; i++) {
      const { program, options } = draw(random, engine);
      engine.load(program, options);
      const count = 1 + random(7);
      const x = randomWords(program.input.words * count, "mixed", random);
      const { outputs, times, cycles, busy } = await engine.run(x);
      const model = pipelineCycles(engine.program, count);
      expect([...times]).toEqual(model.times);
      expect(cycles).toBe(model.total);
      expect(busy).toMatchObject(model.busy);
      if (i % 4 === 0) expect(outputs).toEqual(outputsOf(program, x));
    }
  });

  it(`keeps vectors apart when both streams pause (seed ${SEED})`, async () => {
    const engine = await open(shape);
    const random = createRandom(SEED * 3 + shape.BLOCKS);
    for (let i = 0; i < 12; i++) {
      const { program, options } = draw(random, engine);
      engine.load(program, options);
      const x = randomWords(program.input.words * 5, "mixed", random);
      const { outputs } = await engine.run(x, { stallSeed: 1 + random(1000) });
      expect(outputs).toEqual(outputsOf(program, x));
    }
  });
});

describe("64 complex multipliers", () => {
  it("take 1024 x 1024 weights in blocks of 64 every 128 cycles, all of them busy", async () => {
    const random = createRandom(SEED);
    const program = chain({ op: "dense", ...randomDense({ in: 1024, out: 1024, k: 64 }, "mixed", random) });
    const engine = await openPipeline(program);
    engines.push(engine);
    const x = randomWords(1024 * 6, "mixed", random);
    const { outputs, times, busy } = await engine.run(x);
    expect(outputs).toEqual(outputsOf(program, x));
    expect([...times].slice(1).map((time, i) => time - times[i])).toEqual([128, 128, 128, 128, 128]);
    expect(busy).toEqual({ receive: 768, read: 768, product: 768, inverse: 768, transmit: 768 });
  });
});

describe.each(["icarus", "verilator"] as const)("on %s", (simulator) => {
  const reason = missingSimulator(simulator);
  it.skipIf(reason)(`the streaming engine shows the same words ${reason ?? ""}`, async () => {
    const random = createRandom(SEED);
    const window = { height: 4, width: 4, kernel: [2, 2], stride: 2, pad: 0 } as const;
    const program = chain(
      { op: "dense", ...randomDense({ in: 60, out: 64, k: 16 }, "mixed", random) },
      { op: "maxpool", channels: 4, ...window },
      { op: "flatten", words: 16 },
      { op: "dense", ...randomDense({ in: 16, out: 9, k: 8 }, "mixed", random) },
    );
    const shape = { LOG2_PATHS: 2, BLOCKS: 3, LOG2_STREAM: 1, TABLES: 4 };
    const engine = await openPipeline(program, { shape, simulator, trace: true });
    engines.push(engine);
    const x = randomWords(program.input.words, "mixed", random);
    const { trace, outputs, cycles } = await engine.run(x, { trace: true });
    expect(firstNetworkDifference(program, x, trace ?? [])).toBeUndefined();
    expect(outputs).toEqual(outputsOf(program, x));
    expect(cycles).toBe(pipelineCycles(engine.program, 1).total);
  });
});
