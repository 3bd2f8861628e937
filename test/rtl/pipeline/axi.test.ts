import { afterAll, describe, expect, it } from "vitest";
import { type AxiRun, axiDesign, axiTwiddles, runAxi } from "../../../src/rtl/pipeline/axi.ts";
import { loadStream, REGISTERS, type RegisterWrite } from "../../../src/rtl/pipeline/load.ts";
import { pipelineProgram } from "../../../src/rtl/pipeline/program.ts";
import { pipelineSources } from "../../../src/rtl/pipeline/sources.ts";
import type { EngineProgram } from "../../../src/rtl/program.ts";
import type { Simulation } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { randomNetwork } from "../../compile/random-network.ts";
import { createRandom, randomDense, randomWords } from "../../contract/random.ts";
import { narrowNetwork } from "../narrow.ts";
import { chain, randomNetwork as drawProgram } from "../networks.ts";
import { outputsOf } from "./compare.ts";

const SEED = 20261126;
const STREAM_WIDTH = 12;
const COMMAND_WIDTH = 16;
const random = createRandom(SEED);
const SHAPE = { LOG2_PATHS: 2, BLOCKS: 3, LOG2_STREAM: 2, LOG2_K_MAX: 7, VECTOR: 4, TABLES: 16 } as const;
const FLOOR = {
  INPUT_WIDTH: 13,
  ACTIVATION_WIDTH: 14,
  OUTPUT_WIDTH: 13,
  SPECTRUM_WIDTH: 11,
  PRODUCT_WIDTH: 10,
  WEIGHT_WIDTH: 12,
  BIAS_WIDTH: 10,
  LAYER_WIDTH: 4,
};

const simulations: Simulation[] = [];
afterAll(() => {
  for (const simulation of simulations) simulation.dispose();
});

const SMALLEST = chain({ op: "maxpool", channels: 1, height: 2, width: 2, kernel: [2, 2], stride: 1, pad: 0 });

/** The engine behind AXI, with weights of so many bits: every network comes through its registers. */
async function build(weightBits: number, sources = pipelineSources()): Promise<Simulation> {
  const shape = { ...SHAPE, WEIGHT_BITS: weightBits };
  const { parameters } = pipelineProgram(SMALLEST, { shape, floor: FLOOR });
  const sizes = { command: COMMAND_WIDTH, stream: STREAM_WIDTH };
  const simulation = await openSimulation("wasm", axiDesign(parameters, sizes, sources));
  simulations.push(simulation);
  return simulation;
}

let wide: Promise<Simulation> | undefined;
/** The engine of 16 bits, built once. */
function engine(): Promise<Simulation> {
  wide ??= build(16);
  return wide;
}

interface Run extends Omit<AxiRun, "program" | "inputs"> {
  readonly simulation?: Simulation;
  readonly program: EngineProgram;
  readonly x: Int16Array;
}

async function run({ simulation, program, x, ...rest }: Run) {
  const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
  const load = axiTwiddles(laid.parameters);
  return runAxi(simulation ?? (await engine()), { ...rest, program: laid, inputs: x, load });
}

function drawNetwork() {
  for (;;) {
    const program = drawProgram(random);
    const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
    const fits = Object.entries(FLOOR).every(([name, width]) => laid.parameters[name as keyof typeof FLOOR] === width);
    if (fits && loadStream(laid).length < 2 ** COMMAND_WIDTH) return program;
  }
}

describe("the engine behind AXI", () => {
  it(`runs network after network that come through its registers, with pauses everywhere (seed ${SEED})`, async () => {
    for (let i = 0; i < 6; i++) {
      const program = drawNetwork();
      const x = randomWords(3 * program.input.words, "mixed", random);
      const { outputs, registers, writeRefused } = await run({ program, x, stallSeed: i === 0 ? 0 : 1 + random(1000) });
      expect(outputs).toEqual(outputsOf(program, x));
      expect(registers[REGISTERS.control >> 2]).toBe(1);
      expect(registers[REGISTERS.status >> 2]).toBe(1);
      expect(registers[REGISTERS.shape >> 2]).toBe((7 << 16) | (3 << 8) | (2 << 4) | 2);
      expect(registers[REGISTERS.vectors >> 2]).toBe((3 << 16) | 3);
      expect(writeRefused).toBe(false);
    }
  });

  it("begins anew after a reset in the middle of loading, of a vector in, and of a vector out", async () => {
    const program = drawNetwork();
    const x = randomWords(4 * program.input.words, "mixed", random);
    for (const resetAt of [50, 1000, 3000, 3333, 6000]) {
      const { outputs } = await run({ program, x, stallSeed: 5, resetAt });
      expect(outputs).toEqual(outputsOf(program, x));
    }
  });

  it("answers a write and a read of what is no register with an error", async () => {
    const program = drawNetwork();
    const x = randomWords(program.input.words, "mixed", random);
    const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
    const writes: RegisterWrite[] = [[0x44, 1], ...loadStream(laid)];
    const { outputs, writeRefused, readRefused } = await run({ program, x, writes });
    expect(writeRefused).toBe(true);
    expect(readRefused).toBe(true);
    expect(outputs).toEqual(outputsOf(program, x));
  });

  it("keeps the low bits of weights that it has no more bits for, and says how many", {
    timeout: 300_000,
  }, async () => {
    const { program, x } = narrowNetwork(9, randomNetwork(5, [48, 48, 10], 8));
    const { outputs, registers } = await run({ simulation: await build(9), program, x });
    expect(outputs).toEqual(outputsOf(program, x));
    expect(registers[REGISTERS.shape >> 2]).toBe((7 << 24) | (7 << 16) | (3 << 8) | (2 << 4) | 2);
  });

  it("makes other words if the upper of two weights is kept from another bit on", { timeout: 300_000 }, async () => {
    const { program, x } = narrowNetwork(9, randomNetwork(5, [48, 48, 10], 8));
    const sources = pipelineSources().map((source) => {
      if (source.name !== "limb_memory.v") return source;
      expect(source.text.split("data_i[16+:HALF_BITS]")).toHaveLength(2);
      const place = "data_i[(HALF_BITS == 16 ? 16 : 15)+:HALF_BITS]";
      return { ...source, text: source.text.replace("data_i[16+:HALF_BITS]", place) };
    });
    const { outputs } = await run({ simulation: await build(9, sources), program, x });
    expect(outputs).not.toEqual(outputsOf(program, x));
  });

  it("makes other words of a network with one bit of its load stream flipped", async () => {
    const layer = randomDense({ in: 16, out: 16, k: 16 }, "mixed", random);
    const program = chain({ op: "dense", ...layer, shift: 15, inverse: 0, activation: { kind: "identity" } });
    const x = randomWords(4 * 16, "mixed", random);
    const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
    const writes = [...loadStream(laid)];
    const weights = writes.findIndex(([address, data]) => address === REGISTERS.place && data >>> 24 === 4);
    const [address, data] = writes[weights + 2];
    writes[weights + 2] = [address, (data ^ (1 << 13)) >>> 0];
    const { outputs } = await run({ program, x, writes });
    expect(outputs).not.toEqual(outputsOf(program, x));
  });
});
