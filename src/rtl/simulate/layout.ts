/** A value in linear memory. */
export interface Slot {
  readonly address: number;
  readonly width: number;
  readonly signed: boolean;
}

/** A memory of the design in linear memory; a word takes 1, 2, 4 or a multiple of 8 bytes, the low byte first. */
export interface MemoryBlock {
  readonly address: number;
  readonly width: number;
  readonly depth: number;
  readonly wordBytes: number;
}

/** Where a channel's rows go: cycle (4 bytes), then the columns. */
export interface ChannelBlock {
  readonly name: string;
  /** Place of the address of the next row, and after it of the address at which the rows must be taken away. */
  readonly pointer: number;
  readonly rowBytes: number;
  readonly columns: readonly { readonly port: string; readonly offset: number; readonly bytes: 4 | 8 }[];
}

/** The map of a generated module's linear memory. */
export interface Layout {
  /** 1 when `done_o` was seen. */
  readonly done: number;
  readonly inputs: Readonly<Record<string, Slot>>;
  readonly outputs: Readonly<Record<string, Slot>>;
  /** Registers and memories that start anew with each run. */
  readonly state: { readonly address: number; readonly bytes: number };
  readonly memories: Readonly<Record<string, MemoryBlock>>;
  readonly channels: readonly ChannelBlock[];
  /** First free byte. */
  readonly end: number;
}

/** Bytes that a word of a memory takes. */
export function wordBytes(width: number): number {
  if (width <= 8) return 1;
  if (width <= 16) return 2;
  return width <= 32 ? 4 : 8 * ((width + 63) >> 6);
}

/** Hands out addresses from the low end. */
export class Allocator {
  end = 16;

  take(bytes: number): number {
    const address = (this.end + 7) & ~7;
    this.end = address + bytes;
    return address;
  }
}
