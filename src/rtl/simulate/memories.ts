import type { Cycle } from "./emit.ts";
import type { CellContext } from "./evaluate.ts";
import { type Allocator, type MemoryBlock, wordBytes } from "./layout.ts";
import { type Cell, integer, type Signal } from "./netlist.ts";
import { type ReadPort, writePorts } from "./schedule.ts";
import { bitsOfWord, type Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

/** One word more than the memory has stays 0 and is what an address outside reads. */
export function memoryBlock(cell: Cell, allocator: Allocator): MemoryBlock {
  const [width, depth] = [integer(cell, "WIDTH"), integer(cell, "SIZE")];
  const bytes = wordBytes(width);
  return { address: allocator.take((depth + 1) * bytes), width, depth, wordBytes: bytes };
}

/** The initial content as its bytes in linear memory, none if all is 0. */
export function memoryImage(cell: Cell, { width, depth, wordBytes: stride }: MemoryBlock): Uint8Array | undefined {
  const text = cell.parameters.INIT ?? "";
  if (!text.includes("1")) return undefined;
  const bytes = new Uint8Array(depth * stride);
  for (let i = 0; i < text.length; i++) {
    if (text[text.length - 1 - i] !== "1") continue;
    const bit = i % width;
    bytes[Math.floor(i / width) * stride + (bit >> 3)] |= 1 << (bit & 7);
  }
  return bytes;
}

/** Index of the word at an address, `depth` for one outside. */
function wordIndex(memory: Cell, address: Signal, depth: number, { terms, signals }: CellContext): Term {
  const index = terms.sub(signals.words(address)[0] ?? terms.zero, terms.constant(BigInt(integer(memory, "OFFSET"))));
  if (index.bound < 32 && 2 ** index.bound <= depth) return index;
  const limit = terms.constant(BigInt(depth));
  return terms.select(terms.ltu(index, limit), index, limit);
}

function byteAddress(index: Term, block: MemoryBlock, terms: Terms): Term {
  return terms.mul(index, terms.constant(BigInt(block.wordBytes)));
}

/** The word at the address of a read port. */
export function memoryRead({ memory, address }: ReadPort, block: MemoryBlock, context: CellContext): Words {
  const { terms } = context;
  const at = byteAddress(wordIndex(memory, address, block.depth, context), block, terms);
  return Array.from({ length: (block.width + 63) >> 6 }, (_, i) =>
    terms.load(at, block.address + 8 * i, Math.min(8, block.wordBytes), bitsOfWord(block.width, i)),
  );
}

/** What the write ports do at the clock edge. */
export function memoryWrites(memory: Cell, block: MemoryBlock, context: CellContext): Cycle["writes"] {
  const { terms, signals } = context;
  return writePorts(memory).map(({ address, data, enable }) => {
    const index = wordIndex(memory, address, block.depth, context);
    const whole = enable.every((bit) => bit === enable[0]);
    const masks = signals.words(enable);
    const some = whole
      ? terms.mask(masks[0], 1)
      : terms.not1(
          terms.eq(
            masks.reduce((a, b) => terms.or(a, b), terms.zero),
            terms.zero,
          ),
        );
    return {
      block,
      enable: terms.and(some, terms.ltu(index, terms.constant(BigInt(block.depth)))),
      address: byteAddress(index, block, terms),
      data: signals.words(data),
      masks: whole ? undefined : masks,
    };
  });
}
