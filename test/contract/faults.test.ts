import { describe, expect, it } from "vitest";
import { wasmRealisation } from "../../src/conform/wasm.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { add, sub } from "../../src/fixed/arithmetic.ts";
import { type Operation, perform } from "../../src/layers/operation.ts";
import { operationGraph } from "../../src/runtime/graph.ts";
import { createWasmBackend, type WasmBackend } from "../../src/runtime/wasm.ts";
import { expectSame, firstDifference } from "./compare.ts";
import { loadProbes } from "./probes.ts";
import {
  createRandom,
  randomConv2d,
  randomDense,
  randomDepthwise,
  randomInputs,
  randomOperation,
  randomWords,
} from "./random.ts";
import { readKernels, readProbes } from "./realisations.ts";

const SEED = 20261123;

/** Every second stage scaled, the last too: noise keeps its size, so that each twiddle's last bit has an effect. */
const SCHEDULE = 0b10101010101;
const module = new WebAssembly.Module(readKernels("release"));
const WINDOW = { height: 5, width: 4, kernel: [3, 3], stride: 1, pad: 1 } as const;
const TABLE = {
  kind: "table",
  table: Int16Array.from({ length: 257 }, (_, n) => Math.min((n - 128) * 256, 32767)),
} as const;

/** Operations whose every constant has an effect: small words, small shifts, tables. */
const FAULTY: readonly (readonly [string, Operation])[] = [
  ["a dense layer", identity(16, 100, 150, 0)],
  ["a plain dense layer", identity(1, 20, 11, 0)],
  [
    "a convolution",
    small({ op: "conv2d", ...randomConv2d({ in: 9, out: 20, k: 8 }, WINDOW, "small", createRandom(SEED)) }),
  ],
  [
    "a plain convolution",
    small({ op: "conv2d", ...randomConv2d({ in: 3, out: 9, k: 1 }, WINDOW, "small", createRandom(SEED)) }),
  ],
  ["a depthwise convolution", small({ op: "depthwise", ...randomDepthwise(9, WINDOW, "small", createRandom(SEED)) })],
  ["a mean", { op: "avgpool", channels: 3, height: 6, width: 6, kernel: [3, 3], stride: 1, pad: 0 }],
  ["a maximum", { op: "maxpool", channels: 3, height: 6, width: 6, kernel: [3, 3], stride: 1, pad: 1 }],
];

function small<O extends Operation>(operation: O): O {
  return { ...operation, forward: 1, inverse: 0, shift: 4, activation: TABLE };
}

type DenseOperation = Extract<Operation, { op: "dense" }>;

function identity(k: number, inputs: number, out: number, shift: number): DenseOperation {
  const random = createRandom(SEED + k);
  const blocks = Math.ceil(inputs / k) * Math.ceil(out / k);
  return {
    op: "dense",
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
    const backend = createWasmBackend(module, operationGraph(identity(2048, 2048, 2048, 0)));
    const { twiddles, halvedTwiddles } = backend.kernels.tables;
    const random = createRandom(SEED);
    const blocks = Array.from({ length: 30 }, () => randomWords(2048, "uniform", random));
    for (const direction of ["forward", "inverse"] as const) {
      const table = direction === "forward" ? halvedTwiddles : twiddles;
      const expected = blocks.map((x) => lastStage(direction, x, SCHEDULE));
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

  it.each(FAULTY)("finds a flipped bit of every constant of %s", (_, operation) => {
    const backend = createWasmBackend(module, operationGraph(operation));
    const inputs = randomInputs(operation, "small", createRandom(SEED));
    const run = () => {
      for (const [i, words] of inputs.entries()) backend.tensors[i].set(words);
      backend.run();
      return backend.output;
    };
    const expected = perform(operation, inputs).outputs;
    expectSame(run(), expected);
    const regions = backend.plan.regions.filter(
      ({ kind, name }) => kind === "constants" && name.startsWith("operation"),
    );
    expect(regions.length).toBeGreaterThan(0);
    for (const region of regions) {
      const addresses = Array.from({ length: Math.ceil(region.bytes / 4) }, (_, i) => region.offset + 4 * i);
      const isFound = addresses.some((address) => {
        flip(backend, address, 4);
        const found = firstDifference(run(), expected) !== -1;
        flip(backend, address, 4);
        return found;
      });
      expect(isFound, region.name).toBe(true);
    }
    expectSame(run(), expected);
  });

  it.each([
    ["addition that subtracts", 0x8f, 0x92],
    ["subtraction that adds", 0x92, 0x8f],
  ])("finds every saturating %s instead, one by one in the binary", async (_, opcode, other) => {
    const release = readKernels("release");
    const places = [...release.keys()].filter((at) => isOpcode(release, at, opcode));
    expect(places.length).toBeGreaterThan(10);
    expect(await isFaulty(release)).toBe(false);
    for (const at of places) {
      const altered = release.slice();
      altered[at + 1] = other;
      expect(await isFaulty(altered), `byte ${at}`).toBe(true);
    }
  });

  it("finds a primitive in lanes that is another operation", () => {
    for (const [opcode, other, lanes, scalar] of [
      [0x8f, 0x92, "addx8", add],
      [0x92, 0x8f, "subx8", sub],
    ] as const) {
      const altered = readProbes("release");
      for (const at of altered.keys()) if (isOpcode(altered, at, opcode)) altered[at + 1] = other;
      const [words, others] = [1, 2].map((seed) => randomWords(64, "edges", createRandom(seed)));
      const expected = words.map((a, i) => scalar(a, others[i]));
      expectSame(loadProbes(readProbes("release")).lanes(lanes, words, others), expected);
      expect(firstDifference(loadProbes(altered).lanes(lanes, words, others), expected)).not.toBe(-1);
    }
    const altered = readProbes("release");
    for (const at of altered.keys()) if (isOpcode(altered, at, 0x82)) altered[at + 1] = 0x8f;
    expect(loadProbes(altered).countMulrDifferences(-3, 3)).toBeGreaterThan(0);
  });
});

/** True where a SIMD instruction of two-byte number `opcode` stands. */
function isOpcode(wasm: Uint8Array, at: number, opcode: number): boolean {
  return wasm[at] === 0xfd && wasm[at + 1] === opcode && wasm[at + 2] === 0x01;
}

/** True if kernels differ from the reference on words that saturate. */
async function isFaulty(wasm: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const realisation = wasmRealisation(wasm, "altered");
  const stagewise = createWasmBackend(new WebAssembly.Module(wasm), operationGraph(identity(32, 32, 32, 0)));
  const random = createRandom(SEED);
  for (const k of [2, 4, 8, 16, 32]) {
    for (let schedule = 0; schedule < k; schedule++) {
      for (const draw of ["edges", "uniform", "small"] as const) {
        const x = randomWords(k, draw, random);
        if (firstDifference(await realisation.rfft(x, schedule), rfft(x, schedule)) !== -1) return true;
        if (firstDifference(await realisation.irfft(x, schedule), irfft(x, schedule)) !== -1) return true;
        for (const direction of ["forward", "inverse"] as const) {
          const words = stagewise.stages(direction, x, schedule).at(-1) ?? new Int16Array();
          if (firstDifference(words, lastStage(direction, x, schedule)) !== -1) return true;
        }
      }
    }
  }
  for (const k of [1, 2, 4, 8]) {
    for (let round = 0; round < 16; round++) {
      const layer = randomDense({ in: 3 * k, out: 3 * k, k }, round < 8 ? "edges" : "uniform", random);
      const operation = { op: "dense", ...layer, inverse: round % k } as const;
      const x = randomWords(3 * k, "edges", random);
      if (firstDifference(await realisation.perform(operation, [x]), perform(operation, [x]).outputs) !== -1)
        return true;
    }
  }
  for (const op of ["conv2d", "depthwise", "add"] as const) {
    for (let round = 0; round < 40; round++) {
      const operation = randomOperation(op, "edges", random);
      const inputs = randomInputs(operation, "edges", random);
      const { outputs } = perform(operation, inputs);
      if (firstDifference(await realisation.perform(operation, inputs), outputs) !== -1) return true;
    }
  }
  return false;
}

/** What the reference leaves after the last stage. */
function lastStage(direction: "forward" | "inverse", x: Int16Array, schedule: number): Int16Array {
  let words = x;
  const transform = direction === "forward" ? rfft : irfft;
  transform(x, schedule, (_, after) => {
    words = after.slice();
  });
  return words;
}
