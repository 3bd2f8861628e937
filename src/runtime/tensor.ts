/** Numbers and their shape, row by row. */
export type Tensor =
  | { readonly type: "float32"; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: "uint8"; readonly data: Uint8Array | Uint8ClampedArray; readonly dims: readonly number[] }
  | { readonly type: "int16"; readonly data: Int16Array; readonly dims: readonly number[] };

/** A tensor of one type. */
export type TensorOf<Type extends Tensor["type"]> = Extract<Tensor, { type: Type }>;

/** What a session reads or writes. */
export interface TensorInfo {
  readonly name: string;
  /** Sides of one item; a batch has its number of items before them. */
  readonly dims: readonly number[];
  /** Real value = word / 2^fractionBits. */
  readonly fractionBits: number;
}

/** The name that an object has in every realm, as "Float32Array"; `instanceof` fails across realms. */
export function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
