/** A piece of memory that holds something from one step of a plan to another; its address is known once all are. */
export interface Buffer {
  readonly bytes: number;
  first: number;
  last: number;
  address: number;
}

/** Where each buffer begins, so that those whose times meet do not overlap: the largest first, each as low as it fits. */
export function packBuffers(buffers: readonly Buffer[], take: (bytes: number) => number): void {
  const placed: { readonly buffer: Buffer; readonly from: number; readonly to: number }[] = [];
  for (const buffer of [...buffers].sort((a, b) => b.bytes - a.bytes)) {
    const meeting = placed
      .filter(({ buffer: other }) => other.first <= buffer.last && buffer.first <= other.last)
      .sort((a, b) => a.from - b.from);
    let from = 0;
    for (const other of meeting) {
      if (other.from >= from + buffer.bytes) break;
      from = Math.max(from, other.to);
    }
    placed.push({ buffer, from, to: from + Math.ceil(buffer.bytes / 64) * 64 });
  }
  const base = take(placed.reduce((most, { to }) => Math.max(most, to), 0));
  for (const { buffer, from } of placed) buffer.address = base + from;
}
