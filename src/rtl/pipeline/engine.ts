import { ShapeError, SimulationError } from "../../errors.ts";
import type { OperationTrace } from "../../layers/operation.ts";
import { WORD_BITS } from "../../model/narrow.ts";
import type { EngineProgram } from "../program.ts";
import type {
  Design,
  MemoryLoad,
  MemoryPort,
  Simulation,
  SimulationOptions,
  SimulatorName,
  WaveRequest,
} from "../simulate/design.ts";
import { limbs32 } from "../simulate/design.ts";
import { openSimulation } from "../simulate/open.ts";
import type { VerilogSource } from "../sources.ts";
import { beatsOf, vectorsOf } from "./beats.ts";
import { pipelineCycles } from "./cycles.ts";
import { LIMBS } from "./fields.ts";
import { memoryLoads, twiddleMemories } from "./images.ts";
import { log2Ceil, type PipelineParameters } from "./parameters.ts";
import { type PipelineOptions, type PipelineProgram, pipelineProgram, programFor } from "./program.ts";
import { pipelineSources } from "./sources.ts";
import { decodePipelineTrace, tracedRows, traceMemories } from "./trace.ts";

export interface PipelineEngineOptions extends SimulationOptions, PipelineOptions {
  readonly simulator?: SimulatorName;
  /** The engine's Verilog; the package's own if not given. */
  readonly sources?: readonly VerilogSource[];
  /** log2 of the beats of all vectors of a run. */
  readonly streamWidth?: number;
  /** Room for the traces of one vector. */
  readonly trace?: boolean;
  /** log2 of the rows of each trace; as many as the network needs when not given. */
  readonly traceWidth?: number;
}

export interface PipelineRunOptions {
  readonly trace?: boolean;
  /** Asks for waveforms; cycle 0 is the first after reset. */
  readonly waves?: WaveRequest;
  /** Not 0: both streams pause at random, from this seed. */
  readonly stallSeed?: number;
}

export interface PipelineResult {
  /** The output vectors one after the other. */
  readonly outputs: Int16Array;
  /** Clock cycles from the first beat in to the last beat out. */
  readonly cycles: number;
  /** For each vector the cycle of its last beat out; the first beat in is cycle 1. */
  readonly times: Uint32Array;
  /** If asked for, and only for a run of one vector: an entry for each operation of the network. */
  readonly trace?: readonly OperationTrace[];
  /** Cycles in which each part was busy. */
  readonly busy: Readonly<Record<"receive" | "read" | "product" | "inverse" | "transmit", number>>;
  readonly tlastMissing: boolean;
  readonly tlastUnexpected: boolean;
}

/** A simulated streaming engine with a network in its memories. */
export interface PipelineEngine {
  readonly program: PipelineProgram;
  /**
   * Puts another network in.
   *
   * @throws SimulationError if it needs a larger engine, OptionError if it has a weight of more bits than the engine's
   */
  load(source: EngineProgram, options?: Pick<PipelineOptions, "slots" | "entries" | "buffers">): void;
  /** @throws SimulationError if the streams are not as the protocol demands */
  run(inputs: Int16Array, options?: PipelineRunOptions): Promise<PipelineResult>;
  dispose(): void;
}

const STREAM_WIDTH = 12;
/** Cycles that pauses surely do not take for a word of the streams. */
const PATIENCE = 64;

/**
 * Simulates the streaming engine in a configuration that holds the network.
 *
 * @throws SimulationError if the simulator is missing or the Verilog does not build
 * @throws OptionError if the network is larger than the engine can be made
 */
export async function openPipeline(
  source: EngineProgram,
  options: PipelineEngineOptions = {},
): Promise<PipelineEngine> {
  const program = pipelineProgram(source, options);
  const { streamWidth, traceWidth } = benchWidths(program, options);
  const simulation = await openSimulation(options.simulator ?? "wasm", benchDesign(program, options), options);
  return simulatedPipeline(simulation, program, streamWidth, traceWidth);
}

function benchWidths(program: PipelineProgram, options: PipelineEngineOptions) {
  return {
    streamWidth: options.streamWidth ?? STREAM_WIDTH,
    traceWidth: options.trace ? (options.traceWidth ?? log2Ceil(Math.max(...tracedRows(program))) + 1) : 1,
  };
}

/** The design that {@link openPipeline} simulates. */
export function benchDesign(program: PipelineProgram, options: PipelineEngineOptions = {}): Design {
  const { streamWidth, traceWidth } = benchWidths(program, options);
  return pipelineDesign(program.parameters, streamWidth, traceWidth, options.sources ?? pipelineSources());
}

/** The bench around the engine as the simulators take it. */
export function pipelineDesign(
  parameters: PipelineParameters,
  streamWidth: number,
  traceWidth: number,
  sources: readonly VerilogSource[],
): Design {
  const { LOG2_PATHS, BLOCKS, LOG2_STREAM, LAYER_WIDTH, WEIGHT_WIDTH, WEIGHT_BITS, BIAS_WIDTH, TABLES } = parameters;
  const paths = 2 ** LOG2_PATHS;
  const beat = 16 * 2 ** LOG2_STREAM;
  const limbs = (unit: string, count: number, width: number, halfBits = WORD_BITS): MemoryPort[] =>
    Array.from({ length: count }, (_, limb) => ({
      path: `u_pipeline.${unit}.g_limb[${limb}].u_limb.mem`,
      width: 2 * halfBits,
      depth: 2 ** width,
    }));
  const tables = (word: number): MemoryPort[] =>
    ["u_even", "u_odd"].map((name) => ({
      path: `u_pipeline.u_finish.g_word[${word}].u_activation.g_table.${name}.mem`,
      width: 16,
      depth: 256 * TABLES,
    }));
  return {
    sources,
    top: "pipeline_bench",
    parameters: { ...parameters, STREAM_WIDTH: streamWidth, TRACE_WIDTH: traceWidth },
    memories: [
      { path: "u_inputs.mem", width: beat + 1, depth: 2 ** streamWidth },
      { path: "u_outputs.mem", width: beat, depth: 2 ** streamWidth },
      { path: "u_times.mem", width: 32, depth: 2 ** 16 },
      ...limbs("u_header", LIMBS.header, 1),
      ...limbs("u_front", LIMBS.front, LAYER_WIDTH),
      ...limbs("u_product_fields", LIMBS.product, LAYER_WIDTH),
      ...limbs("u_back_fields", LIMBS.back, LAYER_WIDTH),
      ...limbs("u_weights", paths * BLOCKS, WEIGHT_WIDTH, WEIGHT_BITS),
      ...limbs("u_finish.u_bias", paths, BIAS_WIDTH),
      ...(TABLES === 0 ? [] : Array.from({ length: 2 * paths }, (_, word) => tables(word)).flat()),
      ...twiddleMemories(parameters).flatMap(({ paths: units, limbs: count, depth }) =>
        units.map((unit) => ({ path: `u_pipeline.${unit}`, width: 32 * count, depth })),
      ),
      ...(traceWidth > 1 ? traceMemories(parameters, traceWidth) : []),
    ],
    trace: [],
    outputs: [
      "cycles_o",
      "tlast_wrong_o",
      "tlast_missing_o",
      "tlast_unexpected_o",
      "receive_cycles_o",
      "read_cycles_o",
      "product_cycles_o",
      "inverse_cycles_o",
      "transmit_cycles_o",
    ],
  };
}

/** The streaming engine in a simulation of {@link pipelineDesign} with the parameters of the network. */
export function simulatedPipeline(
  simulation: Simulation,
  first: PipelineProgram,
  streamWidth: number,
  traceWidth: number,
): PipelineEngine {
  let program = first;
  let pending = memoryLoads(program, "u_pipeline.");
  const { parameters } = program;
  const beatWords = 2 ** parameters.LOG2_STREAM;
  return {
    get program() {
      return program;
    },
    load(source, options = {}) {
      program = programFor(source, parameters, options);
      pending = memoryLoads(program, "u_pipeline.");
    },
    async run(inputs, { trace = false, stallSeed = 0, waves } = {}) {
      const inputWords = program.source.input.words;
      const outputWords = program.source.output.words;
      const outputBeats = Math.ceil(outputWords / beatWords);
      const count = inputs.length / inputWords;
      if (!Number.isInteger(count) || count < 1 || (trace && (count !== 1 || traceWidth === 1))) {
        throw new ShapeError(`inputs: expected vectors of ${inputWords} words, got ${inputs.length} words`);
      }
      const beats = beatsOf(inputs, inputWords, beatWords);
      const streamBeats = beats.length / limbs32(16 * beatWords + 1);
      if (Math.max(streamBeats, count * outputBeats) > 2 ** streamWidth) {
        throw new ShapeError(`inputs: expected at most ${2 ** streamWidth} beats a run, got ${streamBeats}`);
      }
      const load: MemoryLoad[] = [...pending, { path: "u_inputs.mem", words: beats }];
      const rows = trace ? tracedRows(program) : [];
      const reads = trace ? traceMemories(parameters, traceWidth) : [];
      const result = await simulation.run({
        inputs: {
          count_i: count,
          stream_beats_i: streamBeats,
          output_beats_i: outputBeats,
          stall_seed_i: stallSeed,
        },
        load,
        read: [
          { path: "u_outputs.mem", offset: 0, count: count * outputBeats },
          { path: "u_times.mem", offset: 0, count },
          ...reads.map(({ path }, i) => ({ path, offset: 0, count: rows[i] })),
        ],
        maxCycles: longestRun(program, count),
        ...(waves ? { waves } : {}),
      });
      pending = [];
      const { outputs } = result;
      if (outputs.tlast_wrong_o === 1) {
        throw new SimulationError("streams: expected tlast at the end of each vector, got it elsewhere");
      }
      const [words, times, ...recorded] = result.memories;
      return {
        outputs: vectorsOf(words, count, outputWords, beatWords),
        cycles: outputs.cycles_o,
        times,
        busy: {
          receive: outputs.receive_cycles_o,
          read: outputs.read_cycles_o,
          product: outputs.product_cycles_o,
          inverse: outputs.inverse_cycles_o,
          transmit: outputs.transmit_cycles_o,
        },
        tlastMissing: outputs.tlast_missing_o === 1,
        tlastUnexpected: outputs.tlast_unexpected_o === 1,
        ...(trace ? { trace: decodePipelineTrace(program, recorded, inputs) } : {}),
      };
    },
    dispose: () => simulation.dispose(),
  };
}

/** Cycles that `count` vectors surely take no more than, with pauses. */
export function longestRun(program: PipelineProgram, count: number): number {
  const { input, output } = program.source;
  return PATIENCE * count * (input.words + output.words) + pipelineCycles(program, count).total;
}
