export type Counts = Readonly<Record<"instructions" | "v128" | "loads" | "stores" | "bulkBytes", number>>;
export declare const COUNTERS: readonly (keyof Counts)[];
export declare function instrument(wasm: Uint8Array): Uint8Array<ArrayBuffer>;
export declare function readCounts(instance: WebAssembly.Instance): Counts;
