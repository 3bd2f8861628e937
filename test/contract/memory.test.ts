import { describe, expect, it } from "vitest";
import { dense } from "../../src/layers/dense.ts";
import type { Plan, Region } from "../../src/runtime/plan.ts";
import { createWasmBackend, type WasmBackend } from "../../src/runtime/wasm.ts";
import { randomModel } from "../runtime/models.ts";
import { expectSame } from "./compare.ts";
import { createRandom, DRAWS, type Random, randomWords } from "./random.ts";
import { readKernels } from "./realisations.ts";

const SEED = 20261123;
const GUARD = 0x5a;

/** Regions that a run may write. */
const WRITTEN = /^buffer|^operands$/;
const TRACED = /^buffer|^operands$|accumulators/;

function networks(module: WebAssembly.Module, random: Random, count: number) {
  return Array.from({ length: count }, () => {
    const { layers } = randomModel(random);
    return { layers, backend: createWasmBackend(module, layers) };
  });
}

function bytesOf({ kernels }: WasmBackend, { offset, bytes }: Region): Uint8Array {
  return new Uint8Array(kernels.memory.buffer, offset, bytes);
}

/** Every byte that belongs to no region. */
function guardBytes({ kernels, plan }: WasmBackend): number[] {
  const all = new Uint8Array(kernels.memory.buffer);
  const owned = new Uint8Array(all.length);
  owned.fill(1, 0, kernels.heap);
  for (const { offset, bytes } of plan.regions) owned.fill(1, offset, offset + bytes);
  return [...owned.keys()].filter((at) => owned[at] === 0);
}

function expectInside(plan: Plan): void {
  let end = 0;
  for (const { name, offset, bytes } of plan.regions) {
    expect(offset, name).toBeGreaterThanOrEqual(end);
    expect(offset % 64, name).toBe(0);
    end = offset + bytes;
  }
  expect(plan.bytes).toBe(end);
}

describe.each(["debug", "release"] as const)("a network in the memory of wasm %s", (build) => {
  const module = new WebAssembly.Module(readKernels(build));

  it(`has regions of its own for everything, inside the memory (seed ${SEED})`, () => {
    for (const { backend } of networks(module, createRandom(SEED), 60)) {
      expectInside(backend.plan);
      expect(backend.plan.bytes).toBeLessThanOrEqual(backend.kernels.memory.buffer.byteLength);
    }
  });

  it(`gives the same words whatever stood in its buffers, and writes nothing else (seed ${SEED})`, () => {
    const random = createRandom(SEED + 1);
    for (const { layers, backend } of networks(module, random, 30)) {
      const { kernels, plan } = backend;
      const all = new Uint8Array(kernels.memory.buffer);
      const guards = guardBytes(backend);
      for (const at of guards) all[at] = GUARD;
      backend.input.set(randomWords(layers[0].in, DRAWS[random(4)], random));
      const expected = layers.reduce<Int16Array>((x, layer) => dense(layer, x).outputs, backend.input);
      for (const [run, written] of [
        [() => backend.run(), WRITTEN],
        [() => void backend.trace(), TRACED],
      ] as const) {
        const constants = plan.regions.filter(({ name }) => !written.test(name));
        for (const region of plan.regions.filter(({ name }) => written.test(name))) {
          bytesOf(backend, region).forEach((_, i, bytes) => {
            bytes[i] = random(256);
          });
        }
        const before = constants.map((region) => bytesOf(backend, region).slice());
        const tables = all.slice(0, kernels.heap);
        run();
        expectSame(backend.output, expected);
        constants.forEach((region, i) => {
          expect(Buffer.compare(bytesOf(backend, region), before[i]), region.name).toBe(0);
        });
        expect(Buffer.compare(all.subarray(0, kernels.heap), tables)).toBe(0);
        expect(guards.every((at) => all[at] === GUARD)).toBe(true);
      }
    }
  });
});
