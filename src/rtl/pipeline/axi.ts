import type { Design, MemoryLoad, Simulation } from "../simulate/design.ts";
import type { VerilogSource } from "../sources.ts";
import { beatsOf, vectorsOf } from "./beats.ts";
import { longestRun } from "./engine.ts";
import { twiddleMemories } from "./images.ts";
import { loadStream, type RegisterWrite } from "./load.ts";
import type { PipelineParameters } from "./parameters.ts";
import type { PipelineProgram } from "./program.ts";
import { pipelineSources } from "./sources.ts";

/** Name of the streaming engine in the bench of {@link axiDesign}. */
export const PIPELINE_IN_AXI = "u_axi.u_pipeline";

/** Cycles for a write through AXI4-Lite that surely are enough, with pauses. */
const WRITE_CYCLES = 40;
/** Registers that the bench reads in the end. */
const REGISTER_COUNT = 8;

/**
 * The engine behind AXI and the bench around it as the simulators take them; all but the twiddles comes through registers.
 *
 * @param widths log2 of the writes, and of the beats of either stream, that a run may have
 */
export function axiDesign(
  parameters: PipelineParameters,
  widths: { readonly command: number; readonly stream: number },
  sources: readonly VerilogSource[] = pipelineSources(),
): Design {
  const beat = 16 << parameters.LOG2_STREAM;
  return {
    sources,
    top: "axi_bench",
    parameters: { ...parameters, COMMAND_WIDTH: widths.command, STREAM_WIDTH: widths.stream },
    memories: [
      { path: "u_commands.mem", width: 40, depth: 2 ** widths.command },
      { path: "u_inputs.mem", width: beat + 1, depth: 2 ** widths.stream },
      { path: "u_outputs.mem", width: beat, depth: 2 ** widths.stream },
      { path: "u_registers.mem", width: 32, depth: REGISTER_COUNT },
      ...twiddleMemories(parameters).flatMap(({ paths, limbs, depth }) =>
        paths.map((path) => ({ path: `${PIPELINE_IN_AXI}.${path}`, width: 32 * limbs, depth })),
      ),
    ],
    trace: [],
    outputs: ["write_refused_o", "read_refused_o"],
  };
}

/** What the twiddle memories of {@link axiDesign} hold. */
export function axiTwiddles(parameters: PipelineParameters): readonly MemoryLoad[] {
  return twiddleMemories(parameters).flatMap(({ paths, words }) =>
    paths.map((path) => ({ path: `${PIPELINE_IN_AXI}.${path}`, words })),
  );
}

export interface AxiRun {
  readonly program: PipelineProgram;
  /** Input vectors one after the other. */
  readonly inputs: Int16Array;
  /** Writes to registers before the vectors; the program's load stream when not given. */
  readonly writes?: readonly RegisterWrite[];
  /** What memories are loaded past the registers. */
  readonly load?: readonly MemoryLoad[];
  /** Not 0: all handshakes pause at random, from this seed. */
  readonly stallSeed?: number;
  /** Not 0: a cycle in which all is reset and begins anew. */
  readonly resetAt?: number;
}

export interface AxiResult {
  /** Output vectors one after the other. */
  readonly outputs: Int16Array;
  /** The registers after the last vector. */
  readonly registers: Uint32Array;
  readonly writeRefused: boolean;
  readonly readRefused: boolean;
}

/**
 * Loads a network through AXI4-Lite and sends vectors through AXI4-Stream.
 *
 * @param simulation of {@link axiDesign}, with room for the run
 * @throws SimulationError if it does not come to an end
 */
export async function runAxi(simulation: Simulation, run: AxiRun): Promise<AxiResult> {
  const { program, inputs, load = [], stallSeed = 0, resetAt = 0 } = run;
  const { writes = loadStream(program) } = run;
  const beatWords = 2 ** program.parameters.LOG2_STREAM;
  const { input, output } = program.source;
  const count = inputs.length / input.words;
  const { memories, outputs } = await simulation.run({
    inputs: {
      count_i: count,
      command_count_i: writes.length,
      stream_beats_i: count * Math.ceil(input.words / beatWords),
      stall_seed_i: stallSeed,
      reset_at_i: resetAt,
    },
    load: [
      { path: "u_commands.mem", words: Uint32Array.from(writes.flatMap(([address, data]) => [data, address])) },
      { path: "u_inputs.mem", words: beatsOf(inputs, input.words, beatWords) },
      ...load,
    ],
    read: [
      { path: "u_outputs.mem", offset: 0, count: count * Math.ceil(output.words / beatWords) },
      { path: "u_registers.mem", offset: 0, count: REGISTER_COUNT },
    ],
    maxCycles: WRITE_CYCLES * writes.length + longestRun(program, count) + resetAt,
  });
  const [words, registers] = memories;
  return {
    outputs: vectorsOf(words, count, output.words, beatWords),
    registers,
    writeRefused: outputs.write_refused_o === 1,
    readRefused: outputs.read_refused_o === 1,
  };
}
