import type { Case } from "../bench/cases.mjs";
import type { Counts } from "./instrument.mjs";
import type { Measured } from "./record.mjs";

export declare function counterOf(wasm: Uint8Array): (one: Case) => Readonly<{ [name: string]: Counts }>;
export declare function shippedKernels(): Uint8Array<ArrayBuffer>;
export declare function measure(wasm?: Uint8Array): Measured;
