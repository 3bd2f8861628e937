import { limbs32, type MemoryLoad, type MemoryRead } from "./design.ts";
import type { MemoryBlock } from "./layout.ts";

/** Writes words to a memory in linear memory. */
export function loadWords(memory: WebAssembly.Memory, block: MemoryBlock, { words, offset = 0 }: MemoryLoad): void {
  const limbs = limbs32(block.width);
  const top = block.width % 32 === 0 ? 0xffffffff : 2 ** (block.width % 32) - 1;
  const count = words.length / limbs;
  const start = block.address + offset * block.wordBytes;
  if (block.wordBytes < 4) {
    const Narrow = block.wordBytes === 1 ? Uint8Array : Uint16Array;
    const target = new Narrow(memory.buffer, start, count);
    for (let i = 0; i < count; i++) target[i] = words[i] & top;
    return;
  }
  const stride = block.wordBytes / 4;
  const target = new Uint32Array(memory.buffer, start, count * stride);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < limbs; j++) target[i * stride + j] = words[i * limbs + j];
    target[i * stride + limbs - 1] &= top;
  }
}

/** Reads words of a memory in linear memory. */
export function readWords(memory: WebAssembly.Memory, block: MemoryBlock, { offset, count }: MemoryRead): Uint32Array {
  const limbs = limbs32(block.width);
  const start = block.address + offset * block.wordBytes;
  if (block.wordBytes < 4) {
    const Narrow = block.wordBytes === 1 ? Uint8Array : Uint16Array;
    return Uint32Array.from(new Narrow(memory.buffer, start, count));
  }
  const stride = block.wordBytes / 4;
  const source = new Uint32Array(memory.buffer, start, count * stride);
  if (stride === limbs) return source.slice();
  const words = new Uint32Array(count * limbs);
  for (let i = 0; i < count; i++) words.set(source.subarray(i * stride, i * stride + limbs), i * limbs);
  return words;
}
