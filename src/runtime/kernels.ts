import { bitReverse } from "../fft/order.ts";
import { K_MAX, TWIDDLES } from "../fft/twiddles.ts";
import { rshr } from "../fixed/arithmetic.ts";

/** The exports of assembly/kernels.ts that run models. Addresses are bytes in `memory`. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  /** The first byte that is free. */
  readonly heap: number;
  /** Runs `steps` steps of the program at an address. */
  run(program: number, steps: number): void;
  /** Stages first .. last of the forward transform of a tile of 2^stages v128, in place. */
  rfft(tile: number, stages: number, schedule: number, first: number, last: number): void;
  /** Stages first down to last of the inverse transform of a tile of 2^stages v128, in place. */
  irfft(tile: number, stages: number, schedule: number, first: number, last: number): void;
}

interface Exports extends Omit<Kernels, "heap"> {
  readonly HEAP: WebAssembly.Global<"i32">;
  readonly TWIDDLES: WebAssembly.Global<"i32">;
  readonly HALVED_TWIDDLES: WebAssembly.Global<"i32">;
  readonly BIT_REVERSAL: WebAssembly.Global<"i32">;
}

/** A fresh instance of the kernels with its own memory, its tables filled from src/fft. */
export function instantiate(module: WebAssembly.Module): Kernels {
  const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
  const { memory, run, rfft, irfft } = exports;
  new Int16Array(memory.buffer, exports.TWIDDLES.value, TWIDDLES.length).set(TWIDDLES);
  new Int16Array(memory.buffer, exports.HALVED_TWIDDLES.value, TWIDDLES.length).set(TWIDDLES.map((w) => rshr(w, 1)));
  const bits = 31 - Math.clz32(K_MAX);
  const order = new Uint16Array(memory.buffer, exports.BIT_REVERSAL.value, K_MAX);
  for (let n = 0; n < K_MAX; n++) order[n] = bitReverse(n, bits);
  return { memory, heap: exports.HEAP.value, run, rfft, irfft };
}
