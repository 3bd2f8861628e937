import type { WasmBackend } from "../../src/runtime/wasm.ts";
import type { Child, Native } from "./build.mjs";

export interface Subject {
  readonly name: string;
  backend(module: WebAssembly.Module): WasmBackend;
}
export declare function subjects(): readonly Subject[];
export declare function nativeOf(native: Native, backend: WasmBackend): Child;
export declare function findDifference(native: Native, child: Child, backends: readonly WasmBackend[]): Promise<number>;
