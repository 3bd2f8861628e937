export declare function rewriteFunctions(
  wasm: Uint8Array,
  change: (code: Uint8Array, place: number) => Uint8Array,
): Uint8Array<ArrayBuffer>;
export declare function placeOf(wasm: Uint8Array, name: string): number;
