import { ShapeError, SimulationError } from "../errors.ts";
import { engineCycles } from "./cycles.ts";
import { DESCRIPTOR_BITS } from "./descriptor.ts";
import { type MemoryImage, memoryImages } from "./images.ts";
import { type EngineParameters, parametersFor } from "./parameters.ts";
import type { EngineProgram } from "./program.ts";
import type { Design, MemoryLoad, Simulation, SimulatorName, TraceTable, WaveRequest } from "./simulate/design.ts";
import { decodeTrace, type EngineTrace, TRACE_CHANNELS } from "./trace.ts";

/** log2 of the least words of all vectors of one simulated run. */
const STREAM_WIDTH = 16;
/** Bit of a stream word that is its tlast. */
const LAST = 0x10000;
/** Streams that need more cycles than this for a word hang. */
const PATIENCE = 64;

export interface EngineRunOptions {
  readonly trace?: boolean;
  /** Asks for waveforms; cycle 0 is the first after reset. */
  readonly waves?: WaveRequest;
  /** Not 0: both streams pause at random, from this seed. */
  readonly stallSeed?: number;
}

export interface EngineResult {
  /** The output vectors one after the other. */
  readonly outputs: Int16Array;
  /** Clock cycles from the first word in to the last word out. */
  readonly cycles: number;
  /** If asked for, and only for a run of one vector: an entry for each operation. */
  readonly trace?: readonly EngineTrace[];
  /** The rows that the trace was put together from. */
  readonly rows?: Readonly<Record<string, TraceTable>>;
  /** The engine's sticky flags: a tlast that was missing, or that came early. */
  readonly tlastMissing: boolean;
  readonly tlastUnexpected: boolean;
  /** A tlast of the output stream was missing or came early. */
  readonly outputTlastWrong: boolean;
}

/** A simulated engine with a program in its memories. */
export interface Engine {
  readonly simulator: SimulatorName;
  readonly parameters: EngineParameters;
  /**
   * Puts another program in.
   *
   * @throws SimulationError if it needs a larger engine, OptionError if it has a weight of more bits than the engine's
   */
  load(program: EngineProgram, images?: readonly MemoryImage[]): void;
  /** Runs vectors, one after the other. @throws SimulationError if the streams are not as the protocol demands */
  run(inputs: Int16Array, options?: EngineRunOptions): Promise<EngineResult>;
  /**
   * Sends a stream as it is, also one that the protocol does not allow, and takes `count` vectors.
   *
   * @param stream a word a beat, bit 16 its tlast
   */
  runStream(stream: Uint32Array, count: number, options?: EngineRunOptions): Promise<EngineResult>;
  dispose(): void;
}

/** The bench around the engine as the simulators take it. */
export function engineDesign(parameters: EngineParameters, sources: Design["sources"]): Design {
  const streamWidth = streamWidthOf(parameters);
  const memory = (path: string, width: number, log2Depth: number) => ({ path, width, depth: 2 ** log2Depth });
  return {
    sources,
    top: "engine_bench",
    parameters: { ...parameters, STREAM_WIDTH: streamWidth },
    memories: [
      memory("u_inputs.mem", 17, streamWidth),
      memory("u_outputs.mem", 16, streamWidth),
      memory("u_engine.u_descriptors.mem", DESCRIPTOR_BITS, parameters.LAYER_WIDTH),
      memory("u_engine.u_weights.mem", 2 * parameters.LANES * parameters.WEIGHT_BITS, parameters.WEIGHT_WIDTH),
      memory("u_engine.u_finish.u_bias.mem", 16, parameters.BIAS_WIDTH),
      memory("u_engine.u_finish.u_activation_a.u_table.mem", 16, parameters.TABLE_WIDTH + 9),
      memory("u_engine.u_finish.u_activation_b.u_table.mem", 16, parameters.TABLE_WIDTH + 9),
      memory("u_engine.u_transform.u_twiddles.mem", 16, parameters.LOG2_K_MAX - 2),
    ],
    trace: TRACE_CHANNELS,
    outputs: ["cycles_o", "tlast_wrong_o", "tlast_missing_o", "tlast_unexpected_o"],
  };
}

/** An engine on an open simulation of {@link engineDesign}, still without a program. */
export function simulatedEngine(simulation: Simulation, parameters: EngineParameters): Engine {
  let program: EngineProgram | undefined;
  let pending: readonly MemoryLoad[] = [];
  const loaded = () => {
    if (program === undefined) throw new SimulationError("engine: expected a program in its memories, got none");
    return program;
  };
  return {
    simulator: simulation.simulator,
    parameters,
    load(next, images = memoryImages(next, parameters)) {
      for (const [name, width] of Object.entries(parametersFor(next, parameters))) {
        if (width > parameters[name as keyof EngineParameters]) {
          throw new SimulationError(`${name}: the engine was built with less than the ${width} this program needs`);
        }
      }
      program = next;
      pending = images.flatMap(({ paths, limbs }) => paths.map((path) => ({ path: `u_engine.${path}`, words: limbs })));
    },
    async run(inputs, options = {}) {
      const inputWords = loaded().input.words;
      const count = inputs.length / inputWords;
      if (!Number.isInteger(count) || count < 1 || (options.trace && count !== 1)) {
        throw new ShapeError(
          `inputs: expected ${options.trace ? "one vector" : "vectors"} of ${inputWords} words, got ${inputs.length} words`,
        );
      }
      const isLast = (at: number) => (at + 1) % inputWords === 0;
      const stream = Uint32Array.from(inputs, (word, at) => (word & 0xffff) | (isLast(at) ? LAST : 0));
      const result = await this.runStream(stream, count, options);
      if (result.tlastMissing || result.tlastUnexpected || result.outputTlastWrong) {
        throw new SimulationError("streams: expected tlast at the end of each vector, got it elsewhere");
      }
      return result;
    },
    async runStream(stream, count, { trace = false, stallSeed = 0, waves } = {}) {
      const current = loaded();
      const outputWords = current.output.words;
      const room = 2 ** streamWidthOf(parameters);
      if (Math.max(stream.length, outputWords * count) > room) {
        throw new ShapeError(`inputs: expected at most ${room} words a run, got ${stream.length}`);
      }
      const result = await simulation.run({
        inputs: {
          count_i: count,
          stream_words_i: stream.length,
          output_words_i: outputWords,
          stall_seed_i: stallSeed,
        },
        load: [...pending, { path: "u_inputs.mem", words: stream }],
        read: [{ path: "u_outputs.mem", offset: 0, count: count * outputWords }],
        maxCycles:
          PATIENCE * (stream.length + count * outputWords) + count * engineCycles(current, parameters.LANES).steady,
        trace,
        ...(waves ? { waves } : {}),
      });
      pending = [];
      const { cycles_o, tlast_missing_o, tlast_unexpected_o, tlast_wrong_o } = result.outputs;
      return {
        outputs: Int16Array.from(result.memories[0], (word) => word),
        cycles: cycles_o,
        tlastMissing: tlast_missing_o === 1,
        tlastUnexpected: tlast_unexpected_o === 1,
        outputTlastWrong: tlast_wrong_o === 1,
        ...(trace ? { trace: decodeTrace(current, result.trace, Int16Array.from(stream)), rows: result.trace } : {}),
      };
    },
    dispose: () => simulation.dispose(),
  };
}

/** The bench holds a tensor of any size that the engine holds. */
function streamWidthOf({ ACTIVATION_WIDTH }: EngineParameters): number {
  return Math.max(STREAM_WIDTH, ACTIVATION_WIDTH);
}
