import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { REFERENCE, type Realisation } from "../../src/conform/realisation.ts";
import { rtlRealisation } from "../../src/conform/rtl.ts";
import { wasmRealisation } from "../../src/conform/wasm.ts";
import { engine } from "../../src/runtime/engine.ts";

const BINARIES = { debug: "kernels.debug", release: "kernels", relaxed: "kernels.relaxed" } as const;
const PROBES = { debug: "probes.debug", release: "probes", relaxed: "probes.relaxed" } as const;

export const BUILDS = Object.keys(BINARIES) as (keyof typeof BINARIES)[];

// Node 20 has relaxed SIMD behind a flag, newer ones have it: the relaxed kernels are tested wherever the tests run.
if (!engine().relaxedSimd) setFlagsFromString("--experimental-wasm-relaxed-simd");

/** The compiled kernels of a build. */
export function readKernels(build: keyof typeof BINARIES): Uint8Array<ArrayBuffer> {
  return readBinary(BINARIES[build]);
}

/** The primitives of a build, by themselves. */
export function readProbes(build: keyof typeof PROBES): Uint8Array<ArrayBuffer> {
  return readBinary(PROBES[build]);
}

function readBinary(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
}

/** Everything that must give the same words as the reference; the reference itself is held to the outside vectors. */
export const REALISATIONS: readonly Realisation[] = [
  REFERENCE,
  wasmRealisation(readKernels("debug"), "wasm debug"),
  wasmRealisation(readKernels("release"), "wasm release"),
  wasmRealisation(readKernels("relaxed"), "wasm relaxed"),
  rtlRealisation(),
];
