import { peakOf } from "./signal.ts";

/** Values that a quantile is taken from, about. */
const SAMPLES = 100_000;

/** How large the magnitudes of a tensor are. */
export interface Range {
  readonly peak: number;
  /** Exceeded by one value in a thousand. */
  readonly most: number;
}

/** Gathers the range of tensors that come one by one. */
export interface RangeMeter {
  add(tensor: Float64Array): void;
  read(): Range;
}

/** @param words how many values will come */
export function measureRange(words: number): RangeMeter {
  const every = Math.max(1, Math.ceil(words / SAMPLES));
  const samples: number[] = [];
  let peak = 0;
  let next = 0;
  return {
    add(tensor) {
      peak = Math.max(peak, peakOf([tensor]));
      for (; next < tensor.length; next += every) samples.push(Math.abs(tensor[next]));
      next -= tensor.length;
    },
    read() {
      const sorted = Float64Array.from(samples).sort();
      return { peak, most: sorted.length === 0 ? 0 : sorted[Math.floor((sorted.length - 1) * 0.999)] };
    },
  };
}

/** Where each column of a table with many rows has its largest magnitude. */
export interface Extremes {
  readonly peaks: Float64Array;
  /** Number of the tensor, and of the row in it. */
  readonly tensors: Int32Array;
  readonly rows: Int32Array;
}

export function createExtremes(columns: number): Extremes {
  return {
    peaks: new Float64Array(columns).fill(-1),
    tensors: new Int32Array(columns),
    rows: new Int32Array(columns),
  };
}

/** Takes the rows of a tensor into account. */
export function noteExtremes({ peaks, tensors, rows }: Extremes, values: Float64Array, tensor: number): void {
  const columns = peaks.length;
  for (let at = 0, row = 0; at < values.length; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const magnitude = Math.abs(values[at]);
      if (magnitude <= peaks[column]) continue;
      peaks[column] = magnitude;
      tensors[column] = tensor;
      rows[column] = row;
    }
  }
}
