import { describe, expect, it } from "vitest";
import { volume } from "../../src/model/shape.ts";
import { graphOf } from "../../src/runtime/graph.ts";
import type { Region } from "../../src/runtime/layout.ts";
import type { Plan } from "../../src/runtime/plan.ts";
import { createWasmBackend, type WasmBackend } from "../../src/runtime/wasm.ts";
import { randomModel, randomNetwork, referenceTensors } from "../runtime/models.ts";
import { expectSame } from "./compare.ts";
import { createRandom, DRAWS, type Random, randomWords } from "./random.ts";
import { BUILDS, readKernels } from "./realisations.ts";

const SEED = 20261123;
const GUARD = 0x5a;

function networks(module: WebAssembly.Module, random: Random, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const model = i % 2 === 0 ? randomModel(random) : randomNetwork(random);
    return { model, backend: createWasmBackend(module, graphOf(model)) };
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
  expect(plan.bytes).toBe(end + 64);
}

describe.each(BUILDS)("a network in the memory of wasm %s", (build) => {
  const module = new WebAssembly.Module(readKernels(build));

  it(`has regions of its own for everything, inside the memory (seed ${SEED})`, () => {
    for (const { model, backend } of networks(module, createRandom(SEED), 60)) {
      expectInside(backend.plan);
      const arena = backend.plan.regions.filter(({ kind }) => kind === "tensors");
      expect(arena).toEqual([backend.plan.tensors]);
      expect(arena[0].bytes).toBe(2 * model.memory.words);
      backend.tensors.forEach(({ byteOffset, length }, tensor) => {
        expect(byteOffset).toBe(arena[0].offset + 2 * model.memory.offsets[tensor]);
        expect(byteOffset + 2 * length).toBeLessThanOrEqual(arena[0].offset + arena[0].bytes);
      });
      expect(backend.plan.bytes).toBeLessThanOrEqual(backend.kernels.memory.buffer.byteLength);
    }
  });

  it(`gives the same words whatever stood in its buffers, and writes nothing else (seed ${SEED})`, () => {
    const random = createRandom(SEED + 1);
    for (const { model, backend } of networks(module, random, 60)) {
      const { kernels, plan } = backend;
      const all = new Uint8Array(kernels.memory.buffer);
      const guards = guardBytes(backend);
      for (const at of guards) all[at] = GUARD;
      const input = randomWords(volume(model.input.shape), DRAWS[random(4)], random);
      const expected = referenceTensors(model, input);
      const constants = plan.regions.filter(({ kind }) => kind === "constants");
      for (const run of [() => backend.run(), () => void backend.trace()]) {
        for (const region of plan.regions.filter(({ kind }) => kind !== "constants")) {
          bytesOf(backend, region).forEach((_, i, bytes) => {
            bytes[i] = random(256);
          });
        }
        const before = constants.map((region) => bytesOf(backend, region).slice());
        const tables = all.slice(0, kernels.heap);
        backend.input.set(input);
        run();
        expectSame(backend.output, expected[expected.length - 1]);
        constants.forEach((region, i) => {
          expect(Buffer.compare(bytesOf(backend, region), before[i]), region.name).toBe(0);
        });
        expect(Buffer.compare(all.subarray(0, kernels.heap), tables)).toBe(0);
        expect(guards.every((at) => all[at] === GUARD)).toBe(true);
      }
    }
  });

  it(`writes nothing of the arena but the words of its tensor, operation by operation (seed ${SEED})`, () => {
    const random = createRandom(SEED + 2);
    for (const { model, backend } of networks(module, random, 60)) {
      const arena = new Int16Array(backend.kernels.memory.buffer, backend.plan.tensors.offset, model.memory.words);
      const input = randomWords(volume(model.input.shape), DRAWS[random(4)], random);
      const expected = referenceTensors(model, input);
      arena.forEach((_, word) => {
        arena[word] = random(65536) - 32768;
      });
      backend.input.set(input);
      let step = 0;
      for (const [i, { steps }] of backend.plan.operations.entries()) {
        const before = arena.slice();
        backend.kernels.run(backend.plan.program.offset + 128 * step, steps.length);
        step += steps.length;
        const isInTiles =
          "keepsTiles" in backend.plan.operations[i] && Reflect.get(backend.plan.operations[i], "keepsTiles");
        const first = model.memory.offsets[i + 1];
        const end = isInTiles ? first : first + 8 * Math.ceil(expected[i + 1].length / 8);
        expectSame(arena.slice(0, first), before.slice(0, first));
        expectSame(arena.slice(end), before.slice(end));
        if (!isInTiles) expectSame(backend.tensors[i + 1], expected[i + 1]);
      }
      expect(step).toBe(backend.plan.steps.length);
    }
  });
});
