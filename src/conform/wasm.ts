import { bitReverse, log2BlockSize } from "../fft/order.ts";
import { K_MAX } from "../fft/twiddles.ts";
import { operationGraph } from "../runtime/graph.ts";
import { instantiate } from "../runtime/kernels.ts";
import { LANES } from "../runtime/tiles.ts";
import { createWasmBackend } from "../runtime/wasm.ts";
import type { Realisation } from "./realisation.ts";

const PAGE_BYTES = 65536;

/**
 * The WebAssembly kernels. Each transform runs in another lane of a tile whose other lanes hold words left by earlier
 * ones, so that lanes that mix show.
 *
 * @param wasm the compiled kernels, or their bytes
 * @param name as in "wasm release"
 */
export function wasmRealisation(wasm: Uint8Array<ArrayBuffer> | WebAssembly.Module, name: string): Realisation {
  const module = wasm instanceof Uint8Array ? new WebAssembly.Module(wasm) : wasm;
  const kernels = instantiate(module);
  const tileOffset = Math.ceil(kernels.heap / 16) * 16;
  kernels.memory.grow(Math.ceil((2 * LANES * K_MAX) / PAGE_BYTES) + 1);
  const tile = new Int16Array(kernels.memory.buffer, tileOffset, LANES * K_MAX);
  let lane = 0;
  const nextLane = () => {
    lane = (lane + 3) % LANES;
    return lane;
  };
  return {
    name,
    rfft(x, schedule) {
      const stages = log2BlockSize(x.length);
      const at = nextLane();
      x.forEach((word, n) => {
        tile[LANES * bitReverse(n, stages) + at] = word;
      });
      kernels.rfft(tileOffset, stages, schedule, 1, stages);
      return x.map((_, i) => tile[LANES * i + at]);
    },
    irfft(spectrum, schedule) {
      const stages = log2BlockSize(spectrum.length);
      const at = nextLane();
      spectrum.forEach((word, i) => {
        tile[LANES * i + at] = word;
      });
      kernels.irfft(tileOffset, stages, schedule, stages, 1);
      return spectrum.map((_, n) => tile[LANES * bitReverse(n, stages) + at]);
    },
    perform(operation, inputs) {
      const { tensors, output, run } = createWasmBackend(module, operationGraph(operation));
      inputs.forEach((words, i) => {
        tensors[i].set(words);
      });
      run();
      return output.slice();
    },
    dispose() {},
  };
}
