export declare function forbiddenOpcodes(wasm: Uint8Array, kind: "plain" | "relaxed" | "training"): string[];
