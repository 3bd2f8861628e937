/** The entry points of assembly/probes.ts. */
interface Probes {
  readonly memory: WebAssembly.Memory;
  readonly HEAP: WebAssembly.Global<"i32">;
  probeScalar(operation: number, a: number, b: number, c: number, result: number, count: number): void;
  probeLanes(operation: number, a: number, b: number, c: number, result: number, count: number): void;
  probeRshr(acc: number, shift: number, result: number, count: number): void;
  probeRequant(acc: number, shift: number, result: number, count: number): void;
  countMulrDifferences(first: number, last: number): number;
}

/** Words of an array that the probes take at once. */
export const PROBE_WORDS = 65536;

export const SCALARS = { sat: 0, add: 1, sub: 2, half: 3, rshr: 4, mulr: 5, requant: 6, interpolate: 7 } as const;
export const LANES = { addx8: 0, subx8: 1, mulrx8: 2, halfx8: 3, clipx8: 4, mulrTwiddlex8: 5 } as const;

/** The primitives of compiled kernels, over arrays of up to PROBE_WORDS int32 or int16; lengths are multiples of 8. */
export function loadProbes(wasm: Uint8Array<ArrayBuffer>) {
  const probes = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as Probes;
  const bytes = 4 * PROBE_WORDS;
  probes.memory.grow((4 * bytes) / 65536 + 1);
  const [a, b, c, result] = [0, 1, 2, 3].map((i) => Math.ceil(probes.HEAP.value / 16) * 16 + i * bytes);
  const put = (at: number, words: Int16Array | Int32Array) => {
    const Words = words instanceof Int16Array ? Int16Array : Int32Array;
    new Words(probes.memory.buffer, at, words.length).set(words);
  };
  const words32 = (length: number) => new Int32Array(probes.memory.buffer, result, length).slice();
  const words16 = (length: number) => new Int16Array(probes.memory.buffer, result, length).slice();
  return {
    scalar(operation: keyof typeof SCALARS, ...operands: readonly Int32Array[]): Int32Array {
      operands.forEach((words, i) => {
        put([a, b, c][i], words);
      });
      probes.probeScalar(SCALARS[operation], a, b, c, result, operands[0].length);
      return words32(operands[0].length);
    },
    lanes(operation: keyof typeof LANES, ...operands: readonly Int16Array[]): Int16Array {
      operands.forEach((words, i) => {
        put([a, b, c][i], words);
      });
      probes.probeLanes(LANES[operation], a, b, c, result, operands[0].length / 8);
      return words16(operands[0].length);
    },
    rshrx4(acc: Int32Array, shift: number): Int32Array {
      put(a, acc);
      probes.probeRshr(a, shift, result, acc.length / 4);
      return words32(acc.length);
    },
    requantx8(acc: Int32Array, shift: number): Int16Array {
      put(a, acc);
      probes.probeRequant(a, shift, result, acc.length / 8);
      return words16(acc.length);
    },
    countMulrDifferences: probes.countMulrDifferences,
  };
}
