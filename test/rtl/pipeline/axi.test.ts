import { afterAll, describe, expect, it } from "vitest";
import { beatsOf, vectorsOf } from "../../../src/rtl/pipeline/beats.ts";
import { twiddleMemories } from "../../../src/rtl/pipeline/images.ts";
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
  const beat = 16 << SHAPE.LOG2_STREAM;
  const twiddles = twiddleMemories(parameters).flatMap(({ paths, limbs, depth }) =>
    paths.map((path) => ({ path: `u_axi.u_pipeline.${path}`, width: 32 * limbs, depth })),
  );
  const simulation = await openSimulation("wasm", {
    sources,
    top: "axi_bench",
    parameters: { ...parameters, COMMAND_WIDTH, STREAM_WIDTH },
    memories: [
      { path: "u_commands.mem", width: 40, depth: 2 ** COMMAND_WIDTH },
      { path: "u_inputs.mem", width: beat + 1, depth: 2 ** STREAM_WIDTH },
      { path: "u_outputs.mem", width: beat, depth: 2 ** STREAM_WIDTH },
      { path: "u_registers.mem", width: 32, depth: 8 },
      ...twiddles,
    ],
    trace: [],
    outputs: ["write_refused_o", "read_refused_o"],
  });
  simulations.push(simulation);
  return simulation;
}

let wide: Promise<Simulation> | undefined;
/** The engine of 16 bits, built once. */
function engine(): Promise<Simulation> {
  wide ??= build(16);
  return wide;
}

interface Run {
  readonly simulation?: Simulation;
  readonly program: EngineProgram;
  readonly x: Int16Array;
  readonly commands?: readonly RegisterWrite[];
  readonly stallSeed?: number;
  readonly resetAt?: number;
}

async function run({ simulation, program, x, commands, stallSeed = 0, resetAt = 0 }: Run) {
  const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
  const writes = commands ?? loadStream(laid);
  const beatWords = 2 ** SHAPE.LOG2_STREAM;
  const beats = beatsOf(x, program.input.words, beatWords);
  const count = x.length / program.input.words;
  const outputBeats = Math.ceil(program.output.words / beatWords);
  const result = await (simulation ?? (await engine())).run({
    inputs: {
      count_i: count,
      command_count_i: writes.length,
      stream_beats_i: count * Math.ceil(program.input.words / beatWords),
      stall_seed_i: stallSeed,
      reset_at_i: resetAt,
    },
    load: [
      { path: "u_commands.mem", words: Uint32Array.from(writes.flatMap(([address, data]) => [data, address])) },
      { path: "u_inputs.mem", words: beats },
      ...twiddleMemories(laid.parameters).flatMap(({ paths, words }) =>
        paths.map((path) => ({ path: `u_axi.u_pipeline.${path}`, words })),
      ),
    ],
    read: [
      { path: "u_outputs.mem", offset: 0, count: count * outputBeats },
      { path: "u_registers.mem", offset: 0, count: 8 },
    ],
    maxCycles: 40 * writes.length + 200_000 + resetAt,
  });
  const [words, registers] = result.memories;
  return { outputs: vectorsOf(words, count, program.output.words, beatWords), registers, flags: result.outputs };
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
      const { outputs, registers, flags } = await run({ program, x, stallSeed: i === 0 ? 0 : 1 + random(1000) });
      expect(outputs).toEqual(outputsOf(program, x));
      expect(registers[REGISTERS.control >> 2]).toBe(1);
      expect(registers[REGISTERS.status >> 2]).toBe(1);
      expect(registers[REGISTERS.shape >> 2]).toBe((7 << 16) | (3 << 8) | (2 << 4) | 2);
      expect(registers[REGISTERS.vectors >> 2]).toBe((3 << 16) | 3);
      expect(flags.write_refused_o).toBe(0);
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
    const commands: RegisterWrite[] = [[0x44, 1], ...loadStream(laid)];
    const { outputs, flags } = await run({ program, x, commands });
    expect(flags.write_refused_o).toBe(1);
    expect(flags.read_refused_o).toBe(1);
    expect(outputs).toEqual(outputsOf(program, x));
  });

  it("keeps the low bits of weights that it has no more bits for, and says how many it has", async () => {
    const { program, x } = narrowNetwork(9, randomNetwork(5, [48, 48, 10], 8));
    const { outputs, registers } = await run({ simulation: await build(9), program, x });
    expect(outputs).toEqual(outputsOf(program, x));
    expect(registers[REGISTERS.shape >> 2]).toBe((7 << 24) | (7 << 16) | (3 << 8) | (2 << 4) | 2);

    const sources = pipelineSources().map((source) => {
      if (source.name !== "limb_memory.v") return source;
      expect(source.text.split("data_i[16+:HALF_BITS]")).toHaveLength(2);
      const place = "data_i[(HALF_BITS == 16 ? 16 : 15)+:HALF_BITS]";
      return { ...source, text: source.text.replace("data_i[16+:HALF_BITS]", place) };
    });
    const wrong = await run({ simulation: await build(9, sources), program, x });
    expect(wrong.outputs).not.toEqual(outputsOf(program, x));
  });

  it("makes other words of a network with one bit of its load stream flipped", async () => {
    const layer = randomDense({ in: 16, out: 16, k: 16 }, "mixed", random);
    const program = chain({ op: "dense", ...layer, shift: 15, inverse: 0, activation: { kind: "identity" } });
    const x = randomWords(4 * 16, "mixed", random);
    const laid = pipelineProgram(program, { shape: SHAPE, floor: FLOOR });
    const commands = [...loadStream(laid)];
    const weights = commands.findIndex(([address, data]) => address === REGISTERS.place && data >>> 24 === 4);
    const [address, data] = commands[weights + 2];
    commands[weights + 2] = [address, (data ^ (1 << 13)) >>> 0];
    const { outputs } = await run({ program, x, commands });
    expect(outputs).not.toEqual(outputsOf(program, x));
  });
});
