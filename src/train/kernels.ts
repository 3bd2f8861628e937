import { existsSync, readFileSync } from "node:fs";
import { RuntimeError, TrainingError } from "../errors.ts";

type Kernel = (...values: number[]) => void;

/** The float kernels, see `assembly/train.ts`; all arguments are byte addresses, counts and f32 values. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: () => number;
  readonly forwardTransform: Kernel;
  readonly inverseTransform: Kernel;
  readonly multiply: Kernel;
  readonly correlate: Kernel;
  readonly activate: Kernel;
  readonly activateBack: Kernel;
  readonly addPictures: Kernel;
  readonly addRows: Kernel;
  readonly clearRows: Kernel;
  readonly copyRows: Kernel;
  readonly maskPicture: Kernel;
  readonly permuteRows: Kernel;
  readonly scaleRows: Kernel;
  readonly transposeTaps: Kernel;
  readonly moments: Kernel;
  readonly estimate: Kernel;
  readonly fold: Kernel;
  readonly normBackSums: Kernel;
  readonly normBackFactors: Kernel;
  readonly normBack: Kernel;
  readonly clear: Kernel;
  readonly depthwise: Kernel;
  readonly depthwiseGradient: Kernel;
  readonly maxPool: Kernel;
  readonly maxPoolBack: Kernel;
  readonly sumPool: Kernel;
  readonly crossEntropy: Kernel;
  readonly distil: Kernel;
  readonly accumulate: Kernel;
  readonly adamw: Kernel;
  readonly follow: Kernel;
  readonly clearSquare: Kernel;
  readonly copyImage: Kernel;
  readonly drawImage: Kernel;
  readonly placeImages: Kernel;
  readonly smoothField: Kernel;
  readonly takePlane: Kernel;
}

const FROM_SOURCE = "../../dist/kernels/train.wasm";
const FROM_PACKAGE = "../kernels/train.wasm";

/** A fresh instance of the kernels with a memory of its own. */
export function instantiateKernels(): Kernels {
  const url = new URL(import.meta.url.endsWith(".ts") ? FROM_SOURCE : FROM_PACKAGE, import.meta.url);
  if (!existsSync(url)) throw new RuntimeError(`${url.pathname}: expected the kernels, got no file; run npm run build`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(url)));
  return exports as unknown as Kernels;
}

/** Hands out the memory of an instance, 64 bytes aligned, never to be freed. */
export interface Arena {
  /** Address of that many fresh bytes, all 0. */
  readonly take: (bytes: number) => number;
  /** A view, valid until the next `take`. */
  readonly floats: (address: number, words: number) => Float32Array;
  readonly bytes: (address: number, count: number) => Uint8Array;
  /** Address of a copy of the table; plain numbers become u32. */
  readonly table: (values: readonly number[] | Float32Array) => number;
}

export function createArena(kernels: Kernels): Arena {
  const { memory } = kernels;
  let free = (kernels.heapBase() + 63) & ~63;
  const take = (bytes: number) => {
    const address = free;
    free += Math.ceil(bytes / 64) * 64;
    const missing = free - memory.buffer.byteLength;
    try {
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    } catch {
      const got = `${free} bytes or more`;
      throw new TrainingError(
        `memory: expected less than 4 GiB for a thread's part of a batch, got ${got}; take smaller layers`,
        { free },
      );
    }
    return address;
  };
  return {
    take,
    floats: (address, words) => new Float32Array(memory.buffer, address, words),
    bytes: (address, count) => new Uint8Array(memory.buffer, address, count),
    table: (values) => {
      const address = take(4 * values.length);
      const View = values instanceof Float32Array ? Float32Array : Uint32Array;
      new View(memory.buffer, address, values.length).set(values);
      return address;
    },
  };
}
