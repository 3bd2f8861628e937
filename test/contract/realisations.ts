import { readFileSync } from "node:fs";
import { REFERENCE, type Realisation } from "../../src/conform/realisation.ts";
import { rtlRealisation } from "../../src/conform/rtl.ts";
import { wasmRealisation } from "../../src/conform/wasm.ts";

/** The compiled kernels of a build. */
export function readKernels(build: "debug" | "release"): Uint8Array<ArrayBuffer> {
  const file = build === "debug" ? "kernels.debug.wasm" : "kernels.wasm";
  return new Uint8Array(readFileSync(new URL(`../../build/${file}`, import.meta.url)));
}

/** Everything that must give the same words as the reference; the reference itself is held to the outside vectors. */
export const REALISATIONS: readonly Realisation[] = [
  REFERENCE,
  wasmRealisation(readKernels("debug"), "wasm debug"),
  wasmRealisation(readKernels("release"), "wasm release"),
  rtlRealisation(),
];
