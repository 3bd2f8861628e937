import { vectorsOf } from "../../src/rtl/pipeline/beats.ts";
import { pipelineCycles } from "../../src/rtl/pipeline/cycles.ts";
import { twiddleMemories } from "../../src/rtl/pipeline/images.ts";
import { loadStream, REGISTERS, type RegisterWrite } from "../../src/rtl/pipeline/load.ts";
import { pipelineSources } from "../../src/rtl/pipeline/sources.ts";
import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { createRandom, randomConv2d, randomDense, randomDepthwise, randomWords } from "../contract/random.ts";
import { chain } from "../rtl/networks.ts";
import { smallNetworks } from "./networks.ts";
import { beats, outputsOf, PIPELINE_PARAMETERS, placed } from "./pipeline.ts";
import type { Target } from "./target.ts";

const SEED = 20261130;
const STREAM_WIDTH = 9;
const COMMAND_WIDTH = 12;
const COUNT = 5;
/** Cycles from the release of the reset to the first beat, and from the last one to the read of the counter. */
const CYCLES_AROUND = 14;

/** What loads the streaming engine and tells of it: the AXI4-Lite registers, and the port that fills the memories. */
export function pipelineAxiTarget(): Target {
  return {
    name: "pipeline-axi",
    design: axiDesign(),
    unit: "u_axi",
    isMutated: ({ file, text }) => /^(circulant_pipeline_axi|limb_memory)\.v$/.test(file) || /load_/.test(text),
    checks: [...networks().flatMap(loaded), ...refused(), ...begunAnew()],
  };
}

function axiDesign(): Design {
  const beat = 16 << PIPELINE_PARAMETERS.LOG2_STREAM;
  return {
    sources: pipelineSources(),
    top: "axi_bench",
    parameters: { ...PIPELINE_PARAMETERS, COMMAND_WIDTH, STREAM_WIDTH },
    memories: [
      { path: "u_commands.mem", width: 40, depth: 2 ** COMMAND_WIDTH },
      { path: "u_inputs.mem", width: beat + 1, depth: 2 ** STREAM_WIDTH },
      { path: "u_outputs.mem", width: beat, depth: 2 ** STREAM_WIDTH },
      { path: "u_registers.mem", width: 32, depth: 8 },
      ...twiddleMemories(PIPELINE_PARAMETERS).flatMap(({ paths, limbs, depth }) =>
        paths.map((path) => ({ path: `u_axi.u_pipeline.${path}`, width: 32 * limbs, depth })),
      ),
    ],
    trace: [],
    outputs: ["write_refused_o", "refused_reads_o"],
  };
}

/** Every region is used: several operations, weights of blocks and of channels, biases, both tables. */
function networks() {
  const random = createRandom(SEED);
  const table = () => ({ kind: "table", table: randomWords(257, "mixed", random) }) as const;
  const window = { height: 3, width: 2, kernel: [2, 2], stride: 1, pad: 0 } as const;
  return [
    smallNetworks(random)[0],
    chain(
      { op: "dense", ...randomDense({ in: 9, out: 24, k: 8 }, "mixed", random), shift: 9, activation: table() },
      { op: "depthwise", ...randomDepthwise(4, window, "mixed", random), shift: 12 },
      { op: "flatten", words: 8 },
      { op: "dense", ...randomDense({ in: 8, out: 21, k: 16 }, "mixed", random), activation: table() },
    ),
    chain(
      { op: "dense", ...randomDense({ in: 14, out: 33, k: 4 }, "mixed", random), shift: 11 },
      { op: "dense", ...randomDense({ in: 33, out: 6, k: 2 }, "mixed", random), shift: 13 },
    ),
    // Vectors of one beat.
    chain({ op: "dense", ...randomDense({ in: 2, out: 2, k: 2 }, "mixed", random), shift: 15 }),
    // Output rows that do not lie side by side.
    chain({ op: "conv2d", ...randomConv2d({ in: 2, out: 5, k: 4 }, window, "mixed", random), shift: 12 }),
    // Weights from an address on whose highest bit is 1.
    chain(
      { op: "dense", ...randomDense({ in: 48, out: 48, k: 2 }, "mixed", random), shift: 13 },
      { op: "dense", ...randomDense({ in: 48, out: 4, k: 2 }, "mixed", random), shift: 13 },
    ),
  ];
}

interface Case {
  readonly source: ReturnType<typeof networks>[number];
  readonly seed: number;
  /** Made of the stream that loads the network. */
  readonly commands?: (stream: readonly RegisterWrite[]) => readonly RegisterWrite[];
  readonly stallSeed?: number;
  readonly resetAt?: number;
  readonly writeRefused?: boolean;
}

/** Loads a network, runs vectors, reads the registers. */
function check({
  source,
  seed,
  commands = (stream) => stream,
  stallSeed = 0,
  resetAt = 0,
  writeRefused = false,
}: Case) {
  const program = placed(source, { slots: 3, entries: 4 });
  if (program === undefined) throw new RangeError("a network: expected one that fits the engine");
  const { words } = source.input;
  const x = randomWords(COUNT * words, "uniform", createRandom(seed));
  const sent = Array.from({ length: COUNT }, (_, i) => beats(x.slice(i * words, (i + 1) * words), true)).flat();
  const outputs = String(outputsOf(source, x));
  const writes = commands(loadStream(program));
  const beatWords = 2 ** PIPELINE_PARAMETERS.LOG2_STREAM;
  const outputBeats = Math.ceil(source.output.words / beatWords);
  const cycles = CYCLES_AROUND + pipelineCycles(program, COUNT).total;
  const { LOG2_K_MAX, BLOCKS, LOG2_STREAM, LOG2_PATHS } = PIPELINE_PARAMETERS;
  const shape = (LOG2_K_MAX << 16) | (BLOCKS << 8) | (LOG2_STREAM << 4) | LOG2_PATHS;
  const known = [1, 1, shape, (COUNT << 16) | COUNT];
  return async (simulation: Simulation) => {
    const result = await simulation.run({
      inputs: {
        count_i: COUNT,
        command_count_i: writes.length,
        stream_beats_i: sent.length / 2,
        stall_seed_i: stallSeed,
        reset_at_i: resetAt,
      },
      load: [
        { path: "u_commands.mem", words: Uint32Array.from(writes.flatMap(([address, data]) => [data, address])) },
        { path: "u_inputs.mem", words: Uint32Array.from(sent) },
        ...twiddleMemories(program.parameters).flatMap(({ paths, words }) =>
          paths.map((path) => ({ path: `u_axi.u_pipeline.${path}`, words })),
        ),
      ],
      read: [
        { path: "u_outputs.mem", offset: 0, count: COUNT * outputBeats },
        { path: "u_registers.mem", offset: 0, count: 8 },
      ],
      maxCycles: 10 * writes.length + 20_000 + resetAt,
    });
    const [made, registers] = result.memories;
    if (String(vectorsOf(made, COUNT, source.output.words, beatWords)) !== outputs) return "outputs";
    if (String(registers.slice(0, 4)) !== String(known)) return `registers ${registers.slice(0, 4)}`;
    if (stallSeed === 0 && registers[REGISTERS.cycles >> 2] !== cycles) return `cycles ${registers[4]}, not ${cycles}`;
    if (registers.slice(5).some((word) => word !== 0)) return "registers that there are not";
    if (result.outputs.write_refused_o !== Number(writeRefused)) return "refused writes";
    // The bench reads on where there is no register, three times.
    return result.outputs.refused_reads_o === 3 ? undefined : "refused reads";
  };
}

/** The regions in their order and, since none depends on another, in the opposite one. */
function loaded(source: Case["source"], number: number): Target["checks"] {
  const seed = SEED + number;
  const opposite = (stream: readonly RegisterWrite[]) => {
    const starts = stream.flatMap(([address], i) => (address === REGISTERS.place ? [i] : []));
    const regions = starts.map((start, i) => stream.slice(start, starts[i + 1] ?? -1));
    return [stream[0], ...regions.reverse().flat(), ...stream.slice(-1)];
  };
  return [
    check({ source, seed }),
    check({ source, seed, commands: opposite }),
    ...(source.input.words > 2 ? [21, 22] : [21, 22, 23, 24, 25, 26, 27, 28]).map((stallSeed) =>
      check({ source, seed, stallSeed }),
    ),
  ];
}

/** Writes to what is no register, one after the other, to what is one by a byte of it, and words begun twice. */
function refused(): Target["checks"] {
  const [, , source] = networks();
  const seed = SEED + 7;
  const addresses = [0x04, 0x08, 0x10, 0x2c, 0x30, 0x40, 0x60, 0x68, 0x80, 0xa0, 0xa8];
  const bytes = (stream: readonly RegisterWrite[]) =>
    stream.map(([at, data], i): RegisterWrite => [at + (i & 3), data]);
  const twice = (stream: readonly RegisterWrite[]) =>
    stream.flatMap((write, i): RegisterWrite[] =>
      write[0] === REGISTERS.limbs ? [write, [REGISTERS.data, 77], stream[i - 1]] : [write],
    );
  return [
    ...addresses.map((address) =>
      check({
        source,
        seed,
        commands: (stream) => [...stream.slice(0, 3), [address, 1], ...stream.slice(3)],
        writeRefused: true,
      }),
    ),
    check({ source, seed, commands: bytes }),
    check({ source, seed, commands: twice }),
  ];
}

/** A reset while it is loaded, while vectors come in and while they leave. */
function begunAnew(): Target["checks"] {
  const source = networks()[3];
  // Loaded without being stopped before, for the reset has done so.
  const running = [200, 205, 210, 213, 216, 219, 222, 225, 228, 240].map((resetAt) =>
    check({ source, seed: SEED, resetAt, commands: (stream) => stream.slice(1) }),
  );
  return [
    ...running,
    ...networks().flatMap((source, i) =>
      [40, 141, 333, 1000, 1700, 3000].map((resetAt) => check({ source, seed: SEED + 9 + i, stallSeed: 5, resetAt })),
    ),
  ];
}
