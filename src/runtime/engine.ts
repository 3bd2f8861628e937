import { hasThreads } from "./node-threads.ts";

/** What an engine can do. */
export interface Engine {
  readonly webAssembly: boolean;
  /** The SIMD of the first standard: what the plain kernels need. */
  readonly simd: boolean;
  /** Relaxed SIMD: what the relaxed kernels need. */
  readonly relaxedSimd: boolean;
  /** Worker threads: what `circulant/threads` needs. */
  readonly threads: boolean;
  /** Memory that threads can share; in a page only if it is cross-origin isolated. The kernels do without. */
  readonly sharedMemory: boolean;
}

/** i16x8.q15mulr_sat_s and i16x8.relaxed_q15mulr_s. */
const SIMD_PRODUCT = [0xfd, 0x82, 0x01];
const RELAXED_PRODUCT = [0xfd, 0x91, 0x02];

/** Asks the engine, which answers from modules of 40 bytes without compiling them. */
export function engine(): Engine {
  const instructions = simdEngine();
  const { webAssembly } = instructions;
  return {
    ...instructions,
    threads: hasThreads(),
    sharedMemory: webAssembly && canShare() && WebAssembly.validate(SHARED_MEMORY),
  };
}

/** What the kernels need to know of the engine; asking Node for its threads takes it longer than compiling them. */
export type SimdEngine = Pick<Engine, "webAssembly" | "simd" | "relaxedSimd">;

export function simdEngine(): SimdEngine {
  const webAssembly = typeof WebAssembly !== "undefined";
  return {
    webAssembly,
    simd: webAssembly && WebAssembly.validate(moduleOf(SIMD_PRODUCT)),
    relaxedSimd: webAssembly && WebAssembly.validate(moduleOf(RELAXED_PRODUCT)),
  };
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** (module (memory 1 1 shared)) */
const SHARED_MEMORY = Uint8Array.of(...HEADER, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01);

/** (module (func (result v128) (PRODUCT (i16x8.splat (i32.const 0)) (i16x8.splat (i32.const 0))))) */
function moduleOf(product: readonly number[]): Uint8Array<ArrayBuffer> {
  const zero = [0x41, 0x00, 0xfd, 0x10];
  const type = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
  const body = [0x00, ...zero, ...zero, ...product, 0x0b];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return Uint8Array.of(...HEADER, ...type, 0x03, 0x02, 0x01, 0x00, ...code);
}

/** A page that is not isolated makes such memory and cannot send it. */
function canShare(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer !== "undefined" && crossOriginIsolated !== false;
}
