import { type PipelineCycles, pipelineCycles } from "../../src/rtl/pipeline/cycles.ts";
import { pipelineDesign, simulatedPipeline } from "../../src/rtl/pipeline/engine.ts";
import type { PipelineParameters } from "../../src/rtl/pipeline/parameters.ts";
import { type PipelineOptions, type PipelineProgram, pipelineProgram } from "../../src/rtl/pipeline/program.ts";
import { pipelineSources } from "../../src/rtl/pipeline/sources.ts";
import type { EngineProgram } from "../../src/rtl/program.ts";
import type { RunRequest, RunResult, Simulation } from "../../src/rtl/simulate/design.ts";
import {
  createRandom,
  type Random,
  randomConv2d,
  randomDense,
  randomDepthwise,
  randomWords,
} from "../contract/random.ts";
import { chain, programOf, randomCases, randomLayers, randomNetwork } from "../rtl/networks.ts";
import { firstTensorDifference, referenceTrace } from "../rtl/reference.ts";
import { smallNetworks } from "./networks.ts";
import { resetAt } from "./resets.ts";
import type { Target } from "./target.ts";

const SEED = 20261129;
const STREAM_WIDTH = 11;
const TRACE_WIDTH = 11;

/** A small streaming engine: every module stands in it, each line of them has an effect. */
export const PIPELINE_PARAMETERS: PipelineParameters = {
  LOG2_PATHS: 1,
  BLOCKS: 2,
  LOG2_K_MAX: 4,
  LOG2_STREAM: 1,
  VECTOR: 2,
  TABLES: 2,
  INPUT_WIDTH: 11,
  ACTIVATION_WIDTH: 12,
  OUTPUT_WIDTH: 11,
  SPECTRUM_WIDTH: 9,
  PRODUCT_WIDTH: 7,
  WEIGHT_WIDTH: 9,
  WEIGHT_BITS: 16,
  BIAS_WIDTH: 7,
  LAYER_WIDTH: 3,
};

type Check = Target["checks"][number];

/** The streaming engine and its short contract: tensors, vectors one after the other, cycles, streams. */
export function pipelineTarget(): Target {
  const random = createRandom(SEED);
  const networks = [
    ...smallNetworks(random),
    ...evenNetworks(random),
    ...tinyNetworks(random),
    tabled(random),
    ...layers(random),
    ...drawn(),
  ].filter((program) => placed(program, { slots: 1 }));
  return {
    name: "pipeline",
    design: pipelineDesign(PIPELINE_PARAMETERS, STREAM_WIDTH, TRACE_WIDTH, pipelineSources()),
    unit: "u_pipeline",
    isMutated: ({ file }) => !/_bench\.v|row_recorder\.v/.test(file),
    checks: [...networks.flatMap(traced), ...networks.flatMap(streamed), ...oddStreams(), ...begunAnew(random)],
  };
}

/** The program in this engine, or nothing if it is too large for it. */
export function placed(source: EngineProgram, options: PipelineOptions): PipelineProgram | undefined {
  const shape = PIPELINE_PARAMETERS;
  const isTable = ({ operation }: EngineProgram["steps"][number]) =>
    "activation" in operation && operation.activation.kind === "table";
  if (source.steps.filter(isTable).length > shape.TABLES) return undefined;
  const program = pipelineProgram(source, { ...options, shape, floor: shape });
  const fits = Object.entries(program.parameters).every(
    ([name, value]) => value === shape[name as keyof PipelineParameters],
  );
  return fits ? program : undefined;
}

/** Channels and strides are even, so that two words are worked on at once. */
function evenNetworks(random: Random): EngineProgram[] {
  const window = { height: 4, width: 3, kernel: [2, 2], stride: 1, pad: 1 } as const;
  const bounds = { kind: "clip", lo: -20000, hi: 15000 } as const;
  return [
    programOf(
      [
        { op: "depthwise", ...randomDepthwise(6, window, "mixed", random), shift: 13, inputs: [0] },
        { op: "maxpool", channels: 6, height: 5, width: 4, kernel: [3, 2], stride: 2, pad: 1, inputs: [1] },
        { op: "avgpool", channels: 6, height: 5, width: 4, kernel: [3, 2], stride: 2, pad: 1, inputs: [1] },
        { op: "add", words: 54, shifts: [-1, 2], activation: bounds, inputs: [2, 3] },
        { op: "flatten", words: 54, inputs: [4] },
      ],
      72,
    ),
    chain(
      { op: "conv2d", ...randomConv2d({ in: 4, out: 8, k: 4 }, window, "mixed", random), shift: 12 },
      { op: "depthwise", ...randomDepthwise(8, { ...window, height: 5, width: 4, stride: 2 }, "mixed", random) },
      { op: "avgpool", channels: 8, height: 3, width: 2, kernel: [2, 2], stride: 1, pad: 0 },
    ),
  ];
}

/**
 * Rows of one product for several blocks, last blocks of one word, schedules and block sizes that change, rows of 6 words,
 * many weights, an input that several operations read.
 */
function layers(random: Random): EngineProgram[] {
  const picture = { height: 3, width: 2, kernel: [2, 2], stride: 1, pad: 0 } as const;
  const dense = (words: number, out: number, k: number) =>
    ({ op: "dense", ...randomDense({ in: words, out, k }, "mixed", random), shift: 15 }) as const;
  const scheduled = (k: number) =>
    chain(...[0, 1, 2, 3].map((i) => ({ ...dense(k, k, k), forward: i, inverse: 3 - i, shift: 12 + i })));
  return [
    chain(dense(4, 8, 4), dense(8, 16, 8)),
    chain(dense(16, 48, 16)),
    chain(dense(17, 19, 16), dense(19, 17, 8)),
    chain(dense(8, 16, 8), dense(16, 16, 16), dense(16, 12, 4)),
    chain({ op: "conv2d", ...randomConv2d({ in: 6, out: 6, k: 4 }, picture, "mixed", random), shift: 13 }),
    chain(dense(48, 48, 2), dense(48, 4, 2)),
    programOf(
      [
        { ...dense(8, 8, 4), inputs: [0] },
        { ...dense(8, 8, 8), inputs: [0] },
        { op: "add", words: 8, shifts: [0, 1], activation: { kind: "identity" }, inputs: [1, 2] },
        { op: "add", words: 8, shifts: [1, 0], activation: { kind: "relu" }, inputs: [3, 0] },
      ],
      8,
    ),
    scheduled(4),
    scheduled(8),
  ];
}

/** Many words at every place of a row go through a table, so that a half decides at each. */
function tabled(random: Random): EngineProgram {
  const window = { height: 8, width: 8, kernel: [1, 1], stride: 1, pad: 0 } as const;
  const table = { kind: "table", table: randomWords(257, "uniform", random) } as const;
  const layer = randomConv2d({ in: 4, out: 4, k: 4 }, window, "mixed", random);
  return chain({ op: "conv2d", ...layer, shift: 13, activation: table });
}

/** Vectors of a beat or two, which follow one another as fast as can be; as many operations as the engine holds. */
function tinyNetworks(random: Random): EngineProgram[] {
  const square = (side: number, k: number) =>
    ({ op: "dense", ...randomDense({ in: side, out: side, k }, "mixed", random), shift: 15 }) as const;
  return [
    chain(square(2, 2)),
    chain(square(1, 1)),
    chain(square(4, 4)),
    chain(...Array.from({ length: 8 }, (_, i) => square(2, 2 ** (i % 3)))),
    chain({ op: "maxpool", channels: 2, height: 1, width: 2, kernel: [1, 2], stride: 1, pad: 0 }),
  ];
}

function drawn(): EngineProgram[] {
  const fits = ({ program }: { program: EngineProgram }) => placed(program, { slots: 1 }) !== undefined;
  const graphs = randomCases(150, SEED, randomNetwork).filter(fits).slice(0, 16);
  const layers = randomCases(150, SEED + 1, randomLayers)
    .filter(fits)
    .slice(0, 8);
  return [...graphs, ...layers].map(({ program }) => program);
}

/** Every tensor of one vector, without and with pauses; without them its cycles. */
function traced(source: EngineProgram, number: number): Check[] {
  const program = placed(source, { slots: 1 });
  if (program === undefined) return [];
  const x = randomWords(source.input.words, "mixed", createRandom(SEED + number));
  const expected = referenceTrace(source, x);
  const cycles = pipelineCycles(program, 1);
  return [0, 77 + number].map((stallSeed) => async (simulation: Simulation) => {
    const result = await open(simulation, program).run(x, { trace: true, stallSeed });
    for (const [step, tensors] of expected.entries()) {
      const difference = firstTensorDifference(result.trace?.[step], tensors);
      if (difference) return `network ${number}: ${difference.tensor} of step ${step}`;
    }
    if (String(result.outputs) !== String(expected.at(-1)?.outputs)) return `network ${number}: outputs`;
    return stallSeed === 0 ? wrongCycles(cycles, result) : undefined;
  });
}

/** Vectors one after the other, at several depths of the rings, without and with pauses. */
function streamed(source: EngineProgram, number: number): Check[] {
  const random = createRandom(SEED - number);
  const longest = Math.max(source.input.words, source.output.words);
  const options = [
    { slots: 2, entries: 3, buffers: 2 },
    { slots: 1 + random(4), entries: 1 + random(5), buffers: 1 + random(3) },
    ...(longest <= 8 ? [{ slots: 12, entries: 24, buffers: 3 }] : []),
  ];
  return options.flatMap((depth) => {
    const program = placed(source, depth);
    const count = Math.min(longest <= 8 ? 40 : 7, Math.floor(2 ** (STREAM_WIDTH - 1) / longest));
    if (program === undefined || count < 3) return [];
    const x = randomWords(count * source.input.words, "mixed", random);
    const expected = String(outputsOf(source, x));
    const cycles = pipelineCycles(program, count);
    return [0, 5 + number].map((stallSeed) => async (simulation: Simulation) => {
      const result = await open(simulation, program).run(x, { stallSeed });
      if (String(result.outputs) !== expected) return `network ${number}: outputs of ${count} vectors`;
      if (result.tlastMissing || result.tlastUnexpected) return `network ${number}: tlast flags`;
      return stallSeed === 0 ? wrongCycles(cycles, result) : undefined;
    });
  });
}

/** After a reset in the middle of a run the vectors take as long as without what was before. */
function begunAnew(random: Random): Check[] {
  const long = [...evenNetworks(random), smallNetworks(random)[0]];
  return [...tinyNetworks(random), ...layers(random), ...long].flatMap((source) => {
    const program = placed(source, { slots: 2, entries: 3, buffers: 2 });
    if (program === undefined) return [];
    const count = source.input.words <= 4 ? 6 : 2;
    const x = randomWords(count * source.input.words, "mixed", random);
    const expected = String(outputsOf(source, x));
    const cycles = pipelineCycles(program, count);
    const resets = Array.from({ length: 24 }, (_, i) => 4 + Math.floor((i * cycles.total) / 24));
    return resets.map((cycle) => async (simulation: Simulation) => {
      const result = await open(resetAt(simulation, cycle), program).run(x);
      if (String(result.outputs) !== expected) return `outputs after a reset in cycle ${cycle}`;
      if (result.tlastMissing || result.tlastUnexpected) return "tlast flags after a reset";
      return wrongCycles(cycles, result);
    });
  });
}

function open(simulation: Simulation, program: PipelineProgram) {
  return simulatedPipeline(simulation, program, STREAM_WIDTH, TRACE_WIDTH);
}

/** What the reference makes of vectors one after the other. */
export function outputsOf(source: EngineProgram, x: Int16Array): number[] {
  const { words } = source.input;
  return Array.from({ length: x.length / words }, (_, i) => [
    ...(referenceTrace(source, x.slice(i * words, (i + 1) * words)).at(-1)?.outputs ?? []),
  ]).flat();
}

type Counted = Pick<Awaited<ReturnType<ReturnType<typeof open>["run"]>>, "cycles" | "times" | "busy">;

/** The cycle model is exact where nothing pauses. */
function wrongCycles(model: PipelineCycles, { cycles, times, busy }: Counted): string | undefined {
  const { read, product, inverse } = busy;
  const isEqual =
    cycles === model.total &&
    String(times) === String(model.times) &&
    JSON.stringify({ read, product, inverse }) === JSON.stringify(model.busy);
  return isEqual ? undefined : `${model.times.length} vectors: ${model.total} cycles, got ${cycles}`;
}

/** Vectors whose tlast comes early or not at all, into entries that are written beat by beat and word by word. */
function oddStreams(): Check[] {
  const random = createRandom(SEED + 2);
  const packed = chain({ op: "dense", ...randomDense({ in: 7, out: 9, k: 4 }, "small", random), shift: 6 });
  const spread = smallNetworks(random)[0];
  return [packed, spread].flatMap((source) => {
    const { words } = source.input;
    const program = placed(source, { slots: 2, entries: 2, buffers: 2 });
    if (program === undefined) throw new RangeError("a stream's network: expected one that fits the engine");
    const x = randomWords(6 * words, "uniform", random);
    const vector = (i: number) => x.slice(i * words, (i + 1) * words);
    const outputs = [0, 1, 2, 3, 4, 5].map((i) => outputsOf(source, vector(i)));
    const whole = (i: number, last = true) => beats(vector(i), last);
    const cut = (i: number, count: number) => beats(vector(i).slice(0, count), true);
    const cases = [
      {
        name: "early",
        stream: [whole(0), cut(2, 3), whole(1), cut(5, 1), cut(5, words - 2), whole(3), whole(4)],
        made: [0, 1, 3, 4],
        missing: false,
        early: true,
      },
      { name: "missing", stream: [whole(0), whole(1, false), whole(2)], made: [0, 1, 2], missing: true, early: false },
      {
        name: "right",
        stream: [whole(0), whole(1), whole(2), whole(5)],
        made: [0, 1, 2, 5],
        missing: false,
        early: false,
      },
    ];
    return cases.flatMap(({ name, stream, made, missing, early }) =>
      [0, 11].map((stallSeed) => async (simulation: Simulation) => {
        const sent = Uint32Array.from(stream.flat());
        const engine = open(sending(simulation, sent), program);
        const result = await engine.run(x.slice(0, made.length * words), { stallSeed });
        if (String(result.outputs) !== String(made.flatMap((i) => outputs[i]))) return `tlast ${name}: outputs`;
        if (result.tlastMissing !== missing || result.tlastUnexpected !== early) return `tlast ${name}: flags`;
        return undefined;
      }),
    );
  });
}

/** Beats of two words, each in two limbs: the words, tlast. */
export function beats(words: Int16Array, last: boolean): number[] {
  const count = Math.ceil(words.length / 2);
  return Array.from({ length: count }, (_, i) => {
    const pair = ((words[2 * i] & 0xffff) | ((words[2 * i + 1] ?? 0) << 16)) >>> 0;
    return [pair, last && i === count - 1 ? 1 : 0];
  }).flat();
}

/** A simulation that gets other beats than it is told. */
function sending(simulation: Simulation, sent: Uint32Array): Simulation {
  return {
    ...simulation,
    run: (request: RunRequest): Promise<RunResult> =>
      simulation.run({
        ...request,
        inputs: { ...request.inputs, stream_beats_i: sent.length / 2 },
        load: (request.load ?? []).map((load) => (load.path === "u_inputs.mem" ? { ...load, words: sent } : load)),
      }),
  };
}
