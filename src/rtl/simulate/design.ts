/** A memory of the design that the host fills before a run or reads after it. */
export interface MemoryPort {
  /** Hierarchical name as Verilog writes it inside the top module, `u_engine.u_weights.mem`. */
  readonly path: string;
  readonly width: number;
  /** Words, at addresses 0 .. depth-1. */
  readonly depth: number;
}

/** Output ports that are recorded in each cycle in which the port `enable` is 1. */
export interface TraceChannel {
  readonly name: string;
  readonly enable: string;
  /** Output ports of at most 64 bits. */
  readonly ports: readonly string[];
}

/**
 * A Verilog-2005 design with one clock `clk`, an active-high synchronous reset `rst_i`, inputs that stay constant
 * during a run, and a 1-bit output `done_o` that ends it.
 */
export interface Design {
  /** Verilog files (`.v`), and what lies beside them, such as memory images; `` `include `` is not followed. */
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  readonly top: string;
  /** Overrides of the top module's parameters: signed integers of 32 bits. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly memories: readonly MemoryPort[];
  readonly trace: readonly TraceChannel[];
  /** Output ports of at most 53 bits, read after the run. */
  readonly outputs: readonly string[];
  /**
   * The sources have a mapped netlist in them: its memories have first words, and in WebAssembly its inner signals lose their
   * names, which take most of the time to build, so that waveforms have only ports. False when not given.
   */
  readonly mapped?: boolean;
}

/**
 * Words for a memory. Each word takes ceil(width / 32) limbs of 32 bits, the low limb first; bits above the width
 * are ignored.
 */
export interface MemoryLoad {
  readonly path: string;
  readonly words: Uint32Array;
  /** First address, 0 when not given. */
  readonly offset?: number;
}

export interface MemoryRead {
  readonly path: string;
  readonly offset: number;
  readonly count: number;
}

/** Asks for waveforms as a value change dump, which GTKWave and its like open. */
export interface WaveRequest {
  /** First cycle, 0 being the first with `rst_i` low; 0 if not given. */
  readonly from?: number;
  /** Last cycle; the last of the run if not given. */
  readonly to?: number;
  /** Hierarchical names of scopes and signals, `u_engine.u_load`; all if not given. */
  readonly scopes?: readonly string[];
  /**
   * Takes the text, piece by piece. A cycle takes 10 ns and begins with the rising edge of `clk`; each signal has for a
   * cycle the value that it settles to.
   */
  readonly write: (text: string) => void;
}

export interface RunRequest {
  /** A value for every input port but `clk` and `rst_i`; negative values are taken in two's complement. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly load?: readonly MemoryLoad[];
  readonly read?: readonly MemoryRead[];
  /** Most clock edges after reset before `done_o` must be 1. */
  readonly maxCycles: number;
  readonly trace?: boolean;
  readonly waves?: WaveRequest;
}

/**
 * The recorded rows of one channel, column by column. A port of at most 32 bits gives its low 32 bits as int32,
 * sign-extended if the port is declared signed; a wider port gives int64 likewise.
 */
export interface TraceTable {
  /** Cycle of each row, 0 being the first cycle with `rst_i` low. */
  readonly cycles: Uint32Array;
  readonly ports: Readonly<Record<string, Int32Array | BigInt64Array>>;
}

export interface RunResult {
  /** Clock edges between the end of reset and `done_o`. */
  readonly cycles: number;
  readonly outputs: Readonly<Record<string, number>>;
  /** One array for each entry of `read`, in limbs as in {@link MemoryLoad}. */
  readonly memories: readonly Uint32Array[];
  /** By channel name; empty unless a trace was asked for. */
  readonly trace: Readonly<Record<string, TraceTable>>;
}

export type SimulatorName = "wasm" | "icarus" | "verilator";

/**
 * A design made ready on one simulator. Each run starts from reset; the memories of {@link Design.memories} keep
 * their words from run to run, every other register and memory starts anew.
 */
export interface Simulation {
  readonly simulator: SimulatorName;
  /** @throws SimulationError if the run does not end within `maxCycles`, or reads undefined values (icarus). */
  run(request: RunRequest): Promise<RunResult>;
  dispose(): void;
}

export interface SimulationOptions {
  /** Where built simulators are kept between processes; by default a folder of the system's temporary directory. */
  readonly cacheDirectory?: string;
  readonly onProgress?: (message: string) => void;
}

/** Cycles that `rst_i` is held at the start of a run. */
export const RESET_CYCLES = 4;

/** 32-bit limbs of a word. */
export function limbs32(width: number): number {
  return (width + 31) >>> 5;
}
