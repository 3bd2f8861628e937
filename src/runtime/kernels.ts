import { RuntimeError } from "../errors.ts";
import { TWIDDLES } from "../fft/twiddles.ts";
import { messageOf } from "./message.ts";

/** The exports of assembly/kernels.ts that run models. Addresses are bytes in `memory`. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  /** The first byte that is free. */
  readonly heap: number;
  /** Addresses of the tables that `instantiate` fills: 512 words, 512 words, 2048 words. */
  readonly tables: { readonly twiddles: number; readonly halvedTwiddles: number; readonly bitReversal: number };
  /** Runs `steps` steps of the program at an address. */
  run(program: number, steps: number): void;
  /** Stages first .. last of the forward transform of a tile of 2^stages v128, in place. */
  rfft(tile: number, stages: number, schedule: number, first: number, last: number): void;
  /** Stages first down to last of the inverse transform of a tile of 2^stages v128, in place. */
  irfft(tile: number, stages: number, schedule: number, first: number, last: number): void;
  /** One block row of a dense layer's weights and starts; assembly/kernels/pack.ts. */
  packRow(
    words: number,
    blocks: number,
    k: number,
    to: number,
    pitch: number,
    binPitch: number,
    starts: number,
    startPitch: number,
    half: number,
  ): void;
  /** The words of uint8 pixels through a table of 256 words. */
  wordsFromPixels(pixels: number, table: number, words: number, count: number): void;
  /** The words of float32, `count` a multiple of 8. Returns 1 if one of them is no number. */
  wordsFromReals(reals: number, words: number, count: number, scale: number): number;
  /** The float32 of words, `count` a multiple of 8. */
  realsFromWords(words: number, reals: number, count: number, unit: number): void;
}

interface Exports extends Omit<Kernels, "heap" | "tables"> {
  readonly HEAP: WebAssembly.Global<"i32">;
  readonly TWIDDLES: WebAssembly.Global<"i32">;
  readonly HALVED_TWIDDLES: WebAssembly.Global<"i32">;
  readonly BIT_REVERSAL: WebAssembly.Global<"i32">;
  fillTables(): void;
}

/**
 * A fresh instance of the kernels with its own memory, its tables filled.
 *
 * @throws RuntimeError if the engine refuses it
 */
export function instantiate(module: WebAssembly.Module): Kernels {
  const exports = instanceOf(module).exports as unknown as Exports;
  const { memory, run, rfft, irfft, packRow, wordsFromPixels, wordsFromReals, realsFromWords } = exports;
  const tables = {
    twiddles: exports.TWIDDLES.value,
    halvedTwiddles: exports.HALVED_TWIDDLES.value,
    bitReversal: exports.BIT_REVERSAL.value,
  };
  new Int16Array(memory.buffer, tables.twiddles, TWIDDLES.length).set(TWIDDLES);
  exports.fillTables();
  const inputs = { wordsFromPixels, wordsFromReals, realsFromWords };
  return { memory, heap: exports.HEAP.value, tables, run, rfft, irfft, packRow, ...inputs };
}

/** @throws RuntimeError if the engine refuses it */
export function instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module);
  } catch (error) {
    const reason = messageOf(error);
    throw new RuntimeError(
      `kernels: expected an instance with its memory, the engine refused it (${reason}); release sessions that are done`,
      { problem: "NO_INSTANCE", reason },
    );
  }
}
