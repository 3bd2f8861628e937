import { binAtLocation } from "../../fft/order.ts";
import { blockGrid, type DenseLayer } from "../../layers/dense.ts";
import type { Datapath } from "./choices.ts";

/** For each tap the tap whose weights a datapath takes for it. */
export function arrangedTaps(order: Datapath["taps"], [rows, columns]: readonly [number, number]): readonly number[] {
  return Array.from({ length: rows * columns }, (_, tap) => {
    if (order === "reversed") return rows * columns - 1 - tap;
    if (order === "given") return tap;
    const [row, column] = [Math.floor(tap / columns), tap % columns];
    return rows === columns ? column * rows + row : (tap % rows) * columns + Math.floor(tap / rows);
  });
}

/** The weights of a layer of `taps` taps as a datapath reads them. */
export function arrangedWeights(order: Datapath["weights"], layer: DenseLayer, taps: number): Int16Array {
  const { k, weights } = layer;
  const { p, q } = blockGrid(layer);
  if (order === "columns" || k < 2) return order === "grid transposed" ? transposed(weights, taps, p, q, k) : weights;
  if (order === "grid transposed") return transposed(weights, taps, p, q, k);
  const source = sourceOf(order, k);
  return weights.map((_, at) => {
    const word = at % k;
    const value = weights[at - word + source[word]];
    return order === "rows" && word > k / 2 ? -value : value;
  });
}

/** The word of a block that is read in the place of each. */
function sourceOf(order: "rows" | "natural bins" | "parts exchanged", k: number): readonly number[] {
  const half = k / 2;
  if (order === "rows") return Array.from({ length: k }, (_, word) => word);
  if (order === "parts exchanged")
    return Array.from({ length: k }, (_, word) => (word % half === 0 ? half - word : k - word));
  const source = Array.from({ length: k }, (_, word) => word);
  for (let location = 1; location < half; location++) {
    const bin = binAtLocation(location);
    source[bin] = location;
    source[k - bin] = k - location;
  }
  return source;
}

/** Blocks of the grid taken column by column where they stand row by row. */
function transposed(weights: Int16Array, taps: number, p: number, q: number, k: number): Int16Array {
  const result = new Int16Array(weights.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) {
        const from = ((tap * q + j) * p + i) * k;
        result.set(weights.subarray(from, from + k), ((tap * p + i) * q + j) * k);
      }
    }
  }
  return result;
}
