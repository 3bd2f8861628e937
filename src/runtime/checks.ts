import { K_MAX } from "../fft/twiddles.ts";
import { blockGrid } from "../layers/dense.ts";
import { boundFromSums } from "../model/prove.ts";
import { type Checks, digestWith } from "../model/read.ts";
import { SHA256_ROUNDS } from "../model/sha256.ts";
import { instanceOf } from "./kernels.ts";

/** The exports of assembly/kernels.ts that check model files. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly HEAP: WebAssembly.Global<"i32">;
  sha256(state: number, rounds: number, schedule: number, blocks: number, count: number): void;
  sumMagnitudes(words: number, blocks: number, k: number, sums: number): void;
}

/** Bytes that go into wasm memory at once: two blocks of the largest k at the least, and in pieces of 64. */
const PIECE_BYTES = 16384;

/** One instance for each module, whatever is loaded: its memory is what one piece needs. */
const made = new WeakMap<WebAssembly.Module, Checks>();

/**
 * The reader's checks by the kernels.
 *
 * @throws RuntimeError if the engine refuses an instance
 */
export function checksOf(module: WebAssembly.Module): Checks {
  let checks = made.get(module);
  if (!checks) {
    checks = createChecks(module);
    made.set(module, checks);
  }
  return checks;
}

function createChecks(module: WebAssembly.Module): Checks {
  const { memory, HEAP, sha256, sumMagnitudes } = instanceOf(module).exports as unknown as Exports;
  const state = Math.ceil(HEAP.value / 64) * 64;
  const rounds = state + 64;
  const schedule = rounds + 256;
  const sums = schedule + 256;
  const piece = sums + 4 * K_MAX;
  const { buffer } = memory;
  const stateWords = new Int32Array(buffer, state, 8);
  const pieceBytes = new Uint8Array(buffer, piece, PIECE_BYTES);
  const pieceWords = new Int16Array(buffer, piece, PIECE_BYTES / 2);
  new Int32Array(buffer, rounds, 64).set(SHA256_ROUNDS);

  const compress = (words: Int32Array, blocks: Uint8Array) => {
    stateWords.set(words);
    for (let at = 0; at < blocks.length; at += PIECE_BYTES) {
      const part = blocks.subarray(at, at + PIECE_BYTES);
      pieceBytes.set(part);
      sha256(state, rounds, schedule, piece, part.length / 64);
    }
    words.set(stateWords);
  };

  return {
    digestOf: (bytes) => digestWith(compress, bytes),
    accumulatorBound(layer) {
      const { k, kernel = [1, 1], weights } = layer;
      const { p, q } = blockGrid(layer);
      const taps = kernel[0] * kernel[1];
      const bins = new Int32Array(buffer, sums, (k >> 1) + 1);
      const row = new Float64Array(bins.length);
      const blocks = PIECE_BYTES / 2 / k;
      return boundFromSums(layer, (block) => {
        row.fill(0);
        for (let tap = 0; tap < taps; tap++) {
          const first = (tap * p + block) * q;
          for (let j = 0; j < q; j += blocks) {
            const part = weights.subarray((first + j) * k, (first + Math.min(q, j + blocks)) * k);
            pieceWords.set(part);
            sumMagnitudes(piece, part.length / k, k, sums);
            // one piece is all of it: integers, which cost no memory to read
            if (taps === 1 && q <= blocks) return bins;
            for (let bin = 0; bin < bins.length; bin++) row[bin] += bins[bin];
          }
        }
        return row;
      });
    },
  };
}
