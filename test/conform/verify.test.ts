import { describe, expect, it } from "vitest";
import { FAULTS, plantFault } from "../../src/conform/plant.ts";
import { rtlTracer } from "../../src/conform/rtl-tracer.ts";
import { type Tracer, verify } from "../../src/conform/verify.ts";
import { sessionTracer } from "../../src/conform/wasm-tracer.ts";
import type { Model } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { memoryImages } from "../../src/rtl/images.ts";
import { parametersFor } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { Session } from "../../src/runtime/session.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { modelBuilder } from "../model/random-model.ts";
import { bitsAt, parseVcd } from "../rtl/simulate/vcd.ts";
import { randomNetwork } from "../runtime/models.ts";

const random = createRandom(42);
const INPUT = { shape: [6, 6, 4], fractionBits: 8, mean: 0, deviation: 1 } as const;

function product(sides: { in: number; out: number; k: number }, taps = 1) {
  return {
    ...sides,
    forward: sides.k - 1,
    inverse: 1,
    shift: 11,
    activation: { kind: "identity" },
    weights: randomWords(
      taps * Math.ceil(sides.out / sides.k) * Math.ceil(sides.in / sides.k) * sides.k,
      "small",
      random,
    ),
    bias: randomWords(sides.out, "small", random),
  } as const;
}

/** A network whose every word depends on every input, so that no fault can hide. */
function network(): Model {
  const picture = { height: 6, width: 6, kernel: [3, 3], stride: 1, pad: 1 } as const;
  const builder = modelBuilder(INPUT);
  builder.push("conv1", { op: "conv2d", ...picture, ...product({ in: 4, out: 16, k: 8 }, 9) }, [0]);
  builder.push("conv2", { op: "conv2d", ...picture, ...product({ in: 16, out: 16, k: 8 }, 9) }, [1]);
  const shift = (builder.types()[2].fractionBits ?? 0) - (builder.types()[1].fractionBits ?? 0);
  builder.push("add", { op: "add", words: 6 * 6 * 16, shifts: [0, shift], activation: { kind: "identity" } }, [1, 2]);
  builder.push("mean", { op: "avgpool", ...picture, pad: 0, stride: 3, channels: 16 }, [3]);
  builder.push("flatten", { op: "flatten", words: 64 }, [4]);
  builder.push("dense1", { op: "dense", ...product({ in: 64, out: 128, k: 32 }) }, [5]);
  builder.push("dense2", { op: "dense", ...product({ in: 128, out: 10, k: 16 }) }, [6]);
  return builder.build();
}

const MODEL = network();
const INPUTS = Array.from({ length: 3 }, () => randomWords(volume(INPUT.shape), "uniform", random));

async function verifyRtl(fault?: (typeof FAULTS)[number]) {
  const program = networkProgram(MODEL);
  const parameters = parametersFor(program);
  const images = memoryImages(program, parameters);
  const parts = { images, sources: engineSources() };
  const tracer = await rtlTracer(MODEL, { parameters, ...(fault ? plantFault(fault, images, parts.sources) : parts) });
  const report = await verify(MODEL.operations, INPUTS, tracer);
  tracer.dispose();
  return report;
}

describe("verify", () => {
  it("finds no differing word in any tensor of the datapath", async () => {
    const report = await verifyRtl();
    expect(report).toMatchObject({ differing: 0, vectors: 3 });
    expect(report.first).toBeUndefined();
    // Forward and inverse stages of blocks of 8, 8, 32 and 16, accumulators, products and outputs of each; outputs of
    // the sum, the mean and the flattened.
    expect(report.tensors).toHaveLength(2 * (3 + 3 + 5 + 4) + 4 * 3 + 3);
    expect(report.cycles.every((cycles) => cycles > 100)).toBe(true);
  });

  it("finds no differing word in the kernels", async () => {
    for (let i = 0; i < 10; i++) {
      const model = randomNetwork(random);
      const inputs = [randomWords(volume(model.input.shape), "mixed", random)];
      const tracer = sessionTracer(model, Session.fromModel(model));
      expect(await verify(model.operations, inputs, tracer)).toMatchObject({ differing: 0 });
      tracer.dispose();
    }
  });

  it.each([
    ["weight", { operation: 1, tensor: "accumulators", stage: 0 }],
    ["twiddle", { operation: 0, tensor: "spectra", stage: 3 }],
    ["schedule", { operation: 0, tensor: "spectra", stage: 1 }],
    ["bias", { operation: 6, tensor: "outputs", block: 0, index: 9 }],
    ["rounding", { operation: 0, tensor: "spectra", stage: 3 }],
    ["tap", { operation: 0, tensor: "accumulators", stage: 0 }],
    ["mean", { operation: 3, tensor: "outputs", stage: 0 }],
    ["residual", { operation: 2, tensor: "outputs", stage: 0 }],
  ] as const)("fails on one wrong bit in the %s and names its place", async (fault, place) => {
    const { differing, first } = await verifyRtl(fault);
    expect(differing).toBeGreaterThan(0);
    expect(first).toMatchObject(place);
    expect(first?.expected).not.toBe(first?.actual);
  });

  it("names the block and the words of a weight", async () => {
    const parameters = parametersFor(networkProgram(MODEL));
    const operations = MODEL.operations.map((operation) => {
      if (operation.name !== "dense1" || !("weights" in operation)) return operation;
      const weights = operation.weights.slice();
      // Block row 2, block column 1 of a grid of 4 x 2: bin 5.
      weights[(2 * 2 + 1) * 32 + 5] ^= 64;
      return { ...operation, weights };
    });
    const images = memoryImages(networkProgram({ ...MODEL, operations }), parameters);
    const tracer = await rtlTracer(MODEL, { parameters, images });
    const { first } = await verify(MODEL.operations, INPUTS, tracer);
    tracer.dispose();
    expect(first).toMatchObject({ vector: 0, operation: 5, tensor: "accumulators", block: 2, index: 5 });
  });

  it("asks a realisation that shows whole transforms for the first wrong stage", async () => {
    const whole = sessionTracer(MODEL, Session.fromModel(MODEL));
    const tracer: Tracer = {
      ...whole,
      async trace(x) {
        const { tensors } = await whole.trace(x);
        return { tensors: tensors.map((it) => ({ ...it, words: it.words.map((word) => word ^ 1) })) };
      },
      async refine(x, operation, tensor) {
        const stages = (await whole.refine?.(x, operation, tensor)) ?? [];
        return stages.map((it) => ({ ...it, words: it.words.map((w, at) => (it.stage >= 2 && at >= 40 ? w ^ 1 : w)) }));
      },
    };
    const { first } = await verify(MODEL.operations, INPUTS, tracer);
    expect(first).toMatchObject({ operation: 0, tensor: "spectra", stage: 2, block: 5, index: 0 });
    tracer.dispose();
  });

  it("offers every fault that it can plant", () => {
    expect(FAULTS).toEqual(["weight", "twiddle", "schedule", "bias", "rounding", "tap", "mean", "residual"]);
  });
});

describe("the first difference of a datapath", () => {
  it.each([
    ["twiddle", ["load", "butterfly"]],
    ["weight", ["product"]],
    ["bias", ["finish_a", "finish_b"]],
    ["mean", ["finish_a", "finish_b"]],
  ] as const)("is found in the waveforms of the cycle that is named: %s", async (fault, channels) => {
    const program = networkProgram(MODEL);
    const parameters = parametersFor(program);
    const planted = plantFault(fault, memoryImages(program, parameters), engineSources());
    const tracer = await rtlTracer(MODEL, { parameters, ...planted });
    const { first, firstCycle: cycle = -1 } = await verify(MODEL.operations, INPUTS, tracer);
    if (first === undefined) throw new Error("expected a difference");
    let text = "";
    await tracer.dump?.(INPUTS[first.vector], { from: cycle, to: cycle, write: (part) => (text += part) });
    tracer.dispose();
    const signals = parseVcd(text);
    const word = (name: string) => {
      const found = signals.get(`engine_bench.trace_${name}_o`);
      return BigInt(`0b${(found && bitsAt(found, 10 * cycle)) ?? ""}`);
    };
    expect(word("layer")).toBe(BigInt(first.operation));
    const written = channels.filter((channel) => word(channel) === 1n);
    expect(written).not.toEqual([]);
    const data = written.flatMap((channel) => {
      const names = {
        load: ["load_data"],
        butterfly: ["butterfly_data_a", "butterfly_data_b"],
        product: ["product_acc_re", "product_acc_im", "product_data"],
        finish_a: ["finish_data_a"],
        finish_b: ["finish_data_b"],
      }[channel];
      return names.map(word);
    });
    const shown = data.flatMap((bits) => [
      Number(BigInt.asIntN(16, bits)),
      Number(BigInt.asIntN(16, bits >> 16n)),
      Number(BigInt.asIntN(32, bits)),
    ]);
    expect(shown).toContain(first.actual);
  });
});
