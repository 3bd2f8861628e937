import type { ProductNode } from "./graph.ts";

/** Vectors of the other picture that a group of runs takes at once, so that they stay in the first cache. */
const GROUP = 256;

/** Pixels of an area, and bytes of a picture that it may read again and again. */
const AREA_PIXELS = 16;
const AREA_BYTES = 24_576;

interface Run {
  readonly from: number;
  readonly column: number;
  readonly columns: number;
}

/**
 * For every pixel of the output the runs of neighbouring input pixels and taps, as `multiply` takes them; columns of the
 * matrix are (tap, block).
 */
export function forwardRuns(node: ProductNode, width: number): number[] {
  const { kernel, stride, pad, from, output, q } = node;
  return pixels(output).flatMap(([v, u]) => {
    const [first, end] = inside(u * stride - pad, kernel[1], from[1]);
    const runs: Run[] = [];
    for (let r = 0; r < kernel[0]; r++) {
      const y = v * stride + r - pad;
      if (y < 0 || y >= from[0] || end <= first) continue;
      const pixel = y * from[1] + u * stride - pad + first;
      runs.push({ from: pixel * q, column: (r * kernel[1] + first) * q, columns: (end - first) * q });
    }
    return encode(runs, width, 4);
  });
}

/** Where a tap stands in the transposed matrix: in a row of the kernel those first that meet the same input pixels. */
export function tapPlaces({ kernel, stride }: ProductNode): number[] {
  const [rows, columns] = kernel;
  const order = Array.from({ length: columns }, (_, s) => s).sort((a, b) => (a % stride) - (b % stride) || b - a);
  return Array.from({ length: rows * columns }, (_, tap) => {
    return Math.floor(tap / columns) * columns + order.indexOf(tap % columns);
  });
}

/**
 * For every pixel of the input the runs of neighbouring output pixels; columns of the matrix are (place of the tap,
 * block).
 *
 * @param columnBytes from a column of the transposed matrix to the next
 */
export function backwardRuns(node: ProductNode, width: number, columnBytes: number): number[] {
  const { kernel, stride, pad, from, output, p } = node;
  const places = tapPlaces(node);
  return pixels(from).flatMap(([y, x]) => {
    const runs: Run[] = [];
    for (let r = 0; r < kernel[0]; r++) {
      const v = (y + pad - r) / stride;
      if (!Number.isInteger(v) || v < 0 || v >= output[0]) continue;
      const taps = Array.from({ length: kernel[1] }, (_, s) => ({ s, u: (x + pad - s) / stride }))
        .filter(({ u }) => Number.isInteger(u) && u >= 0 && u < output[1])
        .sort((a, b) => a.u - b.u);
      if (taps.length === 0) continue;
      const column = places[r * kernel[1] + taps[0].s] * p;
      runs.push({ from: (v * output[1] + taps[0].u) * p, column, columns: taps.length * p });
    }
    return encode(runs, width, columnBytes);
  });
}

/** The areas that `correlate` takes: lines of output pixels that all meet the same taps of a row of the kernel. */
export function areas(node: ProductNode, width: number): { readonly table: number[]; readonly count: number } {
  const { kernel, stride, pad, from, output, p, q, k } = node;
  const table: number[] = [];
  const height = Math.max(1, Math.floor(AREA_PIXELS / output[1]));
  for (let top = 0; top < output[0]; top += height) {
    for (let r = 0; r < kernel[0]; r++) {
      const lines = Array.from({ length: Math.min(height, output[0] - top) }, (_, index) => top + index).filter((v) => {
        const y = v * stride + r - pad;
        return y >= 0 && y < from[0];
      });
      if (lines.length === 0) continue;
      for (const { u, steps, first, end } of stretches(node)) {
        const y = lines[0] * stride + r - pad;
        const x = u * stride + first - pad;
        const panel = 4 * Math.max(1, Math.floor(AREA_BYTES / (lines.length * steps * width * (k > 2 ? 2 : 1)) / 4));
        for (let column = 0; column < (end - first) * q; column += panel) {
          table.push(
            (lines[0] * output[1] + u) * p * width,
            ((y * from[1] + x) * q + column) * width,
            4 * ((r * kernel[1] + first) * q + column),
            Math.min(panel, (end - first) * q - column),
            lines.length,
            steps,
            output[1] * p * width,
            stride * from[1] * q * width,
            stride * q * width,
          );
        }
      }
    }
  }
  return { table, count: table.length / 9 };
}

/** Neighbouring output pixels of a line that meet the same taps of a row, the taps from `first` to before `end`. */
function stretches({ kernel, stride, pad, from, output }: ProductNode) {
  const found: { u: number; steps: number; first: number; end: number }[] = [];
  for (let u = 0; u < output[1]; u++) {
    const [first, end] = inside(u * stride - pad, kernel[1], from[1]);
    const last = found[found.length - 1];
    if (end <= first) continue;
    if (last && last.u + last.steps === u && last.first === first && last.end === end) last.steps++;
    else found.push({ u, steps: 1, first, end });
  }
  return found;
}

/** Of `count` places from `start` on, the first that is at least 0 and the one behind the last below `size`. */
function inside(start: number, count: number, size: number): readonly [number, number] {
  return [Math.max(0, -start), Math.min(count, size - start)];
}

function pixels([height, width]: readonly number[]): (readonly [number, number])[] {
  return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width] as const);
}

/** Cuts runs into groups of at most GROUP vectors and writes them as the kernel reads them. */
function encode(runs: readonly Run[], width: number, columnBytes: number): number[] {
  const groups: Run[][] = [[]];
  let room = GROUP;
  for (const run of runs) {
    for (let done = 0; done < run.columns; ) {
      if (room === 0) {
        groups.push([]);
        room = GROUP;
      }
      const columns = Math.min(room, run.columns - done);
      groups[groups.length - 1].push({ from: run.from + done, column: run.column + done, columns });
      room -= columns;
      done += columns;
    }
  }
  const words = groups.map((group) => [
    group.length,
    ...group.flatMap(({ from, column, columns }) => [from * width, column * columnBytes, columns]),
  ]);
  return [groups.length, ...words.flat()];
}
