import type { TraceTable } from "./design.ts";
import type { ChannelBlock, Layout } from "./layout.ts";

/** Bytes of trace that a channel collects before it is emptied. */
const TRACE_BYTES = 1 << 18;

/** Collects the rows of all channels during a run. */
export interface Recorder {
  /** Empties the channels; called between the pieces of a run. */
  take(): void;
  tables(): Record<string, TraceTable>;
}

/** Makes room for the rows after the state of the design, and puts the channels to its start. */
export function record(memory: WebAssembly.Memory, layout: Layout): Recorder {
  const missing = layout.end + layout.channels.length * (TRACE_BYTES + 8) - memory.buffer.byteLength;
  if (missing > 0) memory.grow((missing + 65535) >>> 16);
  const recorders = layout.channels.map((block, i) =>
    recordChannel(memory, block, ((layout.end + 7) & ~7) + i * TRACE_BYTES),
  );
  return {
    take: () => {
      for (const recorder of recorders) recorder.take();
    },
    tables: () => Object.fromEntries(recorders.map(({ table }, i) => [layout.channels[i].name, table()])),
  };
}

function recordChannel(memory: WebAssembly.Memory, block: ChannelBlock, base: number) {
  const { pointer, rowBytes, columns } = block;
  const limit = base + Math.floor(TRACE_BYTES / rowBytes) * rowBytes;
  const parts: Uint8Array[] = [];
  const rewind = () => {
    const view = new DataView(memory.buffer);
    view.setUint32(pointer, base, true);
    view.setUint32(pointer + 4, limit, true);
  };
  rewind();
  return {
    take: () => {
      const end = new DataView(memory.buffer).getUint32(pointer, true);
      if (end > base) parts.push(new Uint8Array(memory.buffer).slice(base, end));
      rewind();
    },
    table: (): TraceTable => {
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      parts.reduce((at, part) => {
        bytes.set(part, at);
        return at + part.length;
      }, 0);
      const view = new DataView(bytes.buffer);
      const rows = bytes.length / rowBytes;
      const column = ({ offset, bytes: size }: ChannelBlock["columns"][number]) =>
        size === 4
          ? Int32Array.from({ length: rows }, (_, i) => view.getInt32(i * rowBytes + offset, true))
          : BigInt64Array.from({ length: rows }, (_, i) => view.getBigInt64(i * rowBytes + offset, true));
      return {
        cycles: Uint32Array.from({ length: rows }, (_, i) => view.getUint32(i * rowBytes, true)),
        ports: Object.fromEntries(columns.map((spec) => [spec.port, column(spec)])),
      };
    },
  };
}
