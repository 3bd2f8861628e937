import { describe, expect, it } from "vitest";
import type { Realisation } from "../../src/conform/realisation.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { type DenseLayer, dense } from "../../src/layers/dense.ts";
import { createWasmBackend, type WasmBackend } from "../../src/runtime/wasm.ts";
import { firstDifference } from "./compare.ts";
import { createRandom, randomWords } from "./random.ts";
import { readKernels } from "./realisations.ts";

const SEED = 20261123;

/** Every second stage scaled, the last too: noise keeps its size, so that each twiddle's last bit has an effect. */
const SCHEDULE = 0b10101010101;
const module = new WebAssembly.Module(readKernels("release"));

function identity(k: number, inputs: number, out: number, shift: number): DenseLayer {
  const random = createRandom(SEED + k);
  const blocks = Math.ceil(inputs / k) * Math.ceil(out / k);
  return {
    in: inputs,
    out,
    k,
    forward: k - 1,
    inverse: 0,
    shift,
    activation: { kind: "table", table: Int16Array.from({ length: 257 }, (_, n) => Math.min((n - 128) * 256, 32767)) },
    weights: Int16Array.from({ length: blocks * k }, () => random(21) - 10),
    bias: Int16Array.from({ length: out }, () => random(2001) - 1000),
  };
}

function flip(backend: WasmBackend, address: number, bit: number): void {
  new Uint16Array(backend.kernels.memory.buffer, address, 1)[0] ^= 1 << bit;
}

describe("the comparison with the reference", () => {
  it("finds every twiddle whose lowest bit is flipped in wasm memory", () => {
    const backend = createWasmBackend(module, [identity(2048, 2048, 2048, 0)]);
    const { twiddles, halvedTwiddles } = backend.kernels.tables;
    const random = createRandom(SEED);
    const blocks = Array.from({ length: 30 }, () => randomWords(2048, "uniform", random));
    for (const direction of ["forward", "inverse"] as const) {
      const table = direction === "forward" ? halvedTwiddles : twiddles;
      const expected = blocks.map((x) => lastStage(direction, x));
      const isFound = (_: unknown, i: number) => {
        const words = backend.stages(direction, blocks[i], SCHEDULE).at(-1) ?? new Int16Array();
        return firstDifference(words, expected[i]) !== -1;
      };
      expect(blocks.some(isFound)).toBe(false);
      for (let i = 1; i < 512; i++) {
        flip(backend, table + 2 * i, 0);
        expect(blocks.some(isFound), `${direction}, twiddle ${i}`).toBe(true);
        flip(backend, table + 2 * i, 0);
      }
    }
  });

  it("finds a flipped bit of a weight, a start, a bias and an activation table", () => {
    const layer = identity(16, 100, 150, 0);
    const backend = createWasmBackend(module, [layer]);
    const x = randomWords(100, "small", createRandom(SEED));
    backend.input.set(x);
    backend.run();
    const expected = dense(layer, x).outputs;
    expect(firstDifference(backend.output, expected)).toBe(-1);
    const constants = backend.plan.regions.filter(({ name }) => /weights|starts|bias/.test(name));
    expect(constants.length).toBeGreaterThanOrEqual(3);
    for (const { name, offset } of constants) {
      const address = name.includes("starts") ? offset + 4 * 16 : offset;
      flip(backend, address, 3);
      backend.run();
      expect(firstDifference(backend.output, expected), name).not.toBe(-1);
      flip(backend, address, 3);
    }
    const table = backend.plan.regions.find(({ name }) => name.startsWith("layer") && name.endsWith("table"));
    for (let n = 126; n <= 130; n++) flip(backend, Number(table?.offset) + 2 * n, 6);
    backend.run();
    expect(firstDifference(backend.output, expected)).not.toBe(-1);
  });

  it("finds one wrong bit in the last word of a realisation", async () => {
    const faulty: Pick<Realisation, "rfft"> = {
      rfft(x, schedule) {
        const words = rfft(x, schedule);
        words[x.length - 1] ^= 1;
        return words;
      },
    };
    const x = randomWords(64, "mixed", createRandom(SEED));
    expect(firstDifference(await faulty.rfft(x, 63), rfft(x, 63))).toBe(63);
  });
});

/** What the reference leaves after the last stage. */
function lastStage(direction: "forward" | "inverse", x: Int16Array): Int16Array {
  let words = x;
  const transform = direction === "forward" ? rfft : irfft;
  transform(x, SCHEDULE, (_, after) => {
    words = after.slice();
  });
  return words;
}
