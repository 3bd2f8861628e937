import type { Arena } from "./kernels.ts";

/**
 * How a tensor lies in memory for blocks of k: word n of all blocks is a row of `stride` bytes, which holds pixel by
 * pixel the images of every block, `width` bytes each. Words stand bit-reversed, as the transform takes them.
 */
export interface Layout {
  readonly k: number;
  readonly log2: number;
  readonly pixels: number;
  readonly channels: number;
  readonly blocks: number;
  readonly width: number;
  readonly stride: number;
  /** From a pixel to the next; `rowBytes` is all of them. */
  readonly pixel: number;
  readonly rowBytes: number;
  readonly bytes: number;
  /** Tables of the channels' rows: in order, and backwards in time. */
  readonly forwards: number;
  readonly backwards: number;
  /** The rows that no channel fills. */
  readonly pads: { readonly table: number; readonly count: number };
  readonly backPads: { readonly table: number; readonly count: number };
  /** Offset of a channel of a pixel. */
  readonly offset: (pixel: number, channel: number) => number;
}

/** @param natural the table of channel times width */
export function createLayout(
  arena: Arena,
  k: number,
  pixels: number,
  channels: number,
  width: number,
  natural: number,
): Layout {
  const log2 = Math.log2(k);
  const blocks = Math.ceil(channels / k);
  const pixel = blocks * width;
  const rowBytes = pixels * pixel;
  const stride = rowStride(k, rowBytes);
  const forwards = bitReversal(log2);
  const backwards = forwards.map((_, n) => forwards[(k - n) % k]);
  const row = (order: readonly number[], e: number) => order[e % k] * stride + Math.floor(e / k) * width;
  const rows = (order: readonly number[], first: number, end: number) =>
    Array.from({ length: end - first }, (_, index) => row(order, first + index));
  const pad = (order: readonly number[]) => {
    const values = rows(order, channels, blocks * k);
    return { table: arena.table(values), count: values.length };
  };
  return {
    k,
    log2,
    pixels,
    channels,
    blocks,
    width,
    stride,
    pixel,
    rowBytes,
    bytes: k * stride,
    forwards: k === 1 ? natural : arena.table(rows(forwards, 0, channels)),
    backwards: k === 1 ? natural : arena.table(rows(backwards, 0, channels)),
    pads: pad(forwards),
    backPads: pad(backwards),
    offset: (at, channel) => at * pixel + row(forwards, channel),
  };
}

/** An odd number of cache lines, so that the rows of a column do not fall on the same few sets of the cache. */
export function rowStride(k: number, bytes: number): number {
  return k === 1 ? bytes : 64 * (Math.ceil(bytes / 64) | 1);
}

export function bitReversal(log2: number): number[] {
  return Array.from({ length: 2 ** log2 }, (_, index) => {
    let reversed = 0;
    for (let bit = 0; bit < log2; bit++) reversed |= ((index >> bit) & 1) << (log2 - 1 - bit);
    return reversed;
  });
}
