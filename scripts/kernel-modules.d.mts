export declare function relaxedPlaces(plain: Uint8Array, relaxed: Uint8Array): number[];
