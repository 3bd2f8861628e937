import { padRows } from "../layers/spectral.ts";
import { forEachTap, windowGrid } from "../layers/window.ts";
import type { OperationCalibration } from "./calibrate.ts";
import { type ExactProduct, POINT } from "./exact.ts";
import type { Extremes } from "./ranges.ts";

/** Words that formats are chosen on, of the windows and of what they lead to or of the pixels; and most of these. */
const BUDGET = { words: 2 ** 20, rows: 2 ** 14 };

/** A product as a dense layer, on the words under its windows. */
export interface ProductSample {
  /** The taps of a window are its input blocks, one behind the other. */
  readonly dense: ExactProduct;
  /** Tensors of q*k words: the blocks of a pixel. */
  readonly pixels: readonly Int16Array[];
  /** Tensors of dense.in words; zeros where a window covers no pixel. */
  readonly windows: readonly Int16Array[];
}

/**
 * Words that formats are chosen on: those of every window if they are few; else of windows spread over all inputs and
 * of those where the float network is largest.
 *
 * @param inputs tensors that the operation reads
 */
export function sampleProduct(
  operation: ExactProduct,
  inputs: readonly Int16Array[],
  { extremes }: Pick<OperationCalibration, "extremes">,
): ProductSample {
  const { height, width, q, k } = operation;
  const { rows, columns } = windowGrid(operation);
  const dense = asDense(operation);
  const pixelPicks = pickRows(inputs.length, height * width, q * k, extremes.pixels);
  const windowPicks = pickRows(inputs.length, rows * columns, Math.max(dense.in, dense.p * k), extremes.windows);
  const wanted = inputs.map((): number[] => []);
  for (const { tensor, row } of windowPicks) wanted[tensor].push(row);
  return {
    dense,
    pixels: pixelPicks.map(({ tensor, row }) => pixelWords(operation, inputs[tensor], row)),
    windows: inputs.flatMap((x, tensor) => (wanted[tensor].length ? gatherWindows(operation, x, wanted[tensor]) : [])),
  };
}

/** The product with a window's taps as input blocks. */
export function asDense(operation: ExactProduct): ExactProduct {
  const { p, q, k, kernel, spectra } = operation;
  const taps = kernel[0] * kernel[1];
  const row = q * k;
  const ordered = new Float64Array(spectra.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < p; i++) {
      ordered.set(spectra.subarray((tap * p + i) * row, (tap * p + i + 1) * row), (i * taps + tap) * row);
    }
  }
  return { ...operation, ...POINT, op: "dense", in: taps * row, q: taps * q, spectra: ordered };
}

interface Row {
  readonly tensor: number;
  readonly row: number;
}

/** All rows of all tensors, or as many as the budget has: half of them extreme, the others spread evenly. */
function pickRows(tensors: number, rows: number, width: number, extremes: readonly Extremes[]): readonly Row[] {
  const total = tensors * rows;
  const count = Math.min(total, Math.max(64, Math.min(BUDGET.rows, Math.floor(BUDGET.words / width))));
  const spread = (n: number) => Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * total) / n));
  if (count === total) return spread(total).map((at) => ({ tensor: Math.floor(at / rows), row: at % rows }));
  const peaks = extremes
    .flatMap(({ tensors: from, rows: at, peaks }) =>
      Array.from(peaks, (peak, column) => ({ peak, at: from[column] * rows + at[column] })),
    )
    .filter(({ peak }) => peak > 0)
    .sort((a, b) => b.peak - a.peak)
    .map(({ at }) => at);
  const chosen = new Set([...new Set(peaks)].slice(0, Math.floor(count / 2)));
  for (const at of spread(count - chosen.size)) chosen.add(at);
  return [...chosen].sort((a, b) => a - b).map((at) => ({ tensor: Math.floor(at / rows), row: at % rows }));
}

/** The channels of a pixel with zeros after them up to whole blocks. */
function pixelWords(operation: ExactProduct, x: Int16Array, pixel: number): Int16Array {
  const { in: channels, q, k } = operation;
  return padRows(x.subarray(pixel * channels, (pixel + 1) * channels), channels, q * k);
}

function gatherWindows(operation: ExactProduct, x: Int16Array, wanted: readonly number[]): readonly Int16Array[] {
  const { q, k, kernel } = operation;
  const words = q * k;
  const found = new Map(wanted.map((row) => [row, new Int16Array(kernel[0] * kernel[1] * words)]));
  forEachTap(operation, (output, tap, pixel) => {
    found.get(output)?.set(pixelWords(operation, x, pixel), tap * words);
  });
  return [...found.values()];
}
