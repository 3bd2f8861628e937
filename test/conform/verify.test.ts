import { describe, expect, it } from "vitest";
import { FAULTS, plantFault } from "../../src/conform/plant.ts";
import { rtlTracer } from "../../src/conform/rtl-tracer.ts";
import { type Tracer, verify } from "../../src/conform/verify.ts";
import { sessionTracer } from "../../src/conform/wasm-tracer.ts";
import type { DenseLayer } from "../../src/layers/dense.ts";
import { memoryImages } from "../../src/rtl/images.ts";
import { parametersFor } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { Session } from "../../src/runtime/session.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { randomModel } from "../runtime/models.ts";

const random = createRandom(42);

/** A network whose every word depends on every input, so that no fault can hide. */
const LAYERS: readonly DenseLayer[] = [
  { in: 100, out: 128, k: 32 },
  { in: 128, out: 10, k: 16 },
].map((sides) => ({
  ...sides,
  forward: sides.k - 1,
  inverse: 1,
  shift: 11,
  activation: { kind: "identity" },
  weights: randomWords(Math.ceil(sides.out / sides.k) * Math.ceil(sides.in / sides.k) * sides.k, "small", random),
  bias: randomWords(sides.out, "small", random),
}));
const INPUTS = Array.from({ length: 3 }, () => randomWords(100, "uniform", random));

async function verifyRtl(fault?: (typeof FAULTS)[number]) {
  const program = networkProgram(LAYERS);
  const parameters = parametersFor(program);
  const images = memoryImages(program, parameters);
  const parts = { images, sources: engineSources() };
  const tracer = await rtlTracer(LAYERS, { parameters, ...(fault ? plantFault(fault, images, parts.sources) : parts) });
  const report = await verify(LAYERS, INPUTS, tracer);
  tracer.dispose();
  return report;
}

describe("verify", () => {
  it("finds no differing word in any tensor of the datapath", async () => {
    const report = await verifyRtl();
    expect(report).toMatchObject({ differing: 0, vectors: 3 });
    expect(report.first).toBeUndefined();
    // Two layers of 5 + 4 forward stages, 5 + 4 inverse stages, accumulators, products and outputs.
    expect(report.tensors).toHaveLength(2 * (5 + 4) + 2 * 3);
    expect(report.cycles.every((cycles) => cycles > 100)).toBe(true);
  });

  it("finds no differing word in the kernels", async () => {
    for (let i = 0; i < 10; i++) {
      const model = randomModel(random);
      const inputs = [randomWords(model.layers[0].in, "mixed", random)];
      const tracer = sessionTracer(model, Session.fromModel(model));
      expect(await verify(model.layers, inputs, tracer)).toMatchObject({ differing: 0 });
      tracer.dispose();
    }
  });

  it.each([
    ["weight", { layer: 1, tensor: "accumulators", stage: 0 }],
    ["twiddle", { layer: 0, tensor: "spectra", stage: 3 }],
    ["schedule", { layer: 0, tensor: "spectra", stage: 1 }],
    ["bias", { layer: 1, tensor: "outputs", block: 0, index: 9 }],
    ["rounding", { layer: 0, tensor: "spectra", stage: 3 }],
  ] as const)("fails on one wrong bit in the %s and names its place", async (fault, place) => {
    const { differing, first } = await verifyRtl(fault);
    expect(differing).toBeGreaterThan(0);
    expect(first).toMatchObject(place);
    expect(first?.expected).not.toBe(first?.actual);
  });

  it("names the block and the words of a weight", async () => {
    const program = networkProgram(LAYERS);
    const parameters = parametersFor(program);
    const weights = LAYERS[0].weights.slice();
    // Block row 2, block column 3 of a grid of 4 x 4: bin 5.
    weights[(2 * 4 + 3) * 32 + 5] ^= 64;
    const wrong = [{ ...LAYERS[0], weights }, LAYERS[1]];
    const images = memoryImages(networkProgram(wrong), parameters);
    const tracer = await rtlTracer(LAYERS, { parameters, images });
    const { first } = await verify(LAYERS, INPUTS, tracer);
    tracer.dispose();
    expect(first).toMatchObject({ vector: 0, layer: 0, tensor: "accumulators", block: 2, index: 5 });
  });

  it("asks a realisation that shows whole transforms for the first wrong stage", async () => {
    const model = { input: { shape: [100], fractionBits: 8, mean: 0, deviation: 1 }, layers: [], labels: [] };
    const layers = LAYERS.map((layer, i) => ({ ...layer, name: `${i}`, format: { input: 8, weight: 8, output: 8 } }));
    const session = Session.fromModel({ ...model, layers });
    const whole = sessionTracer({ ...model, layers }, session);
    const tracer: Tracer = {
      ...whole,
      async trace(x) {
        const { tensors } = await whole.trace(x);
        return { tensors: tensors.map((it) => ({ ...it, words: it.words.map((word) => word ^ 1) })) };
      },
      async refine(x, layer, tensor) {
        const stages = (await whole.refine?.(x, layer, tensor)) ?? [];
        return stages.map((it) => ({ ...it, words: it.words.map((w, at) => (it.stage >= 4 && at >= 40 ? w ^ 1 : w)) }));
      },
    };
    const { first } = await verify(LAYERS, INPUTS, tracer);
    expect(first).toMatchObject({ layer: 0, tensor: "spectra", stage: 4, block: 1, index: 8 });
    tracer.dispose();
  });

  it("offers every fault that it can plant", () => {
    expect(FAULTS).toEqual(["weight", "twiddle", "schedule", "bias", "rounding"]);
  });
});
