import { describe, expect, it } from "vitest";
import { type PipelineTracerOptions, pipelineTracer } from "../../src/conform/pipeline-tracer.ts";
import { verify } from "../../src/conform/verify.ts";
import type { Activation } from "../../src/layers/activation.ts";
import type { ModelOperation } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { highCycles } from "../../src/rtl/simulate/high-cycles.ts";
import { createRandom, randomConv2d, randomDense, randomDepthwise, randomWords } from "../contract/random.ts";
import { modelBuilder } from "../model/random-model.ts";
import { bitsAt, parseVcd } from "../rtl/simulate/vcd.ts";

const random = createRandom(20261129);
const INPUT = { shape: [4, 5, 3], fractionBits: 8, mean: 0, deviation: 1 } as const;
const IDENTITY: Activation = { kind: "identity" };
const SHAPE = { LOG2_PATHS: 1, BLOCKS: 2, LOG2_STREAM: 0 };

/** A network of jobs on spectra and on words, whose words change with every weight. */
function network() {
  const builder = modelBuilder(INPUT);
  const picture = { height: 4, width: 5, kernel: [2, 2], stride: 1, pad: 1 } as const;
  const depthwise = { ...picture, height: 5, width: 6, pad: 0 };
  const plain = { activation: IDENTITY, shift: 9, forward: 5, inverse: 2 };
  builder.push(
    "conv",
    { op: "conv2d", ...randomConv2d({ in: 3, out: 10, k: 8 }, picture, "small", random), ...plain },
    [0],
  );
  const taps = randomDepthwise(10, depthwise, "small", random);
  builder.push("depthwise", { op: "depthwise", ...taps, activation: IDENTITY, shift: 7 }, [1]);
  builder.push("pool", { op: "maxpool", channels: 10, height: 4, width: 5, kernel: [2, 2], stride: 2, pad: 0 }, [2]);
  builder.push("flatten", { op: "flatten", words: 40 }, [3]);
  builder.push("dense", { op: "dense", ...randomDense({ in: 40, out: 21, k: 16 }, "small", random), ...plain }, [4]);
  return builder.build();
}

const MODEL = network();
const X = randomWords(volume(INPUT.shape), "uniform", random);

/** The network with one bit of an operation changed. */
function planted(name: string, change: (operation: ModelOperation) => object) {
  const operations = MODEL.operations.map((it) =>
    it.name === name ? ({ ...it, ...change(it) } as ModelOperation) : it,
  );
  expect(operations).not.toEqual(MODEL.operations);
  return { operations, memory: MODEL.memory };
}

function flipped(field: "weights" | "bias", at: number) {
  return (operation: ModelOperation) => {
    const words = (operation as unknown as Record<typeof field, Int16Array>)[field].slice();
    words[at] ^= 16;
    return { [field]: words };
  };
}

describe("the first difference of the streaming engine", () => {
  it.each([
    ["a forward schedule", planted("conv", () => ({ forward: 4 })), 0, "spectra", "spectra"],
    ["a weight", planted("conv", flipped("weights", 50)), 0, "accumulators", "sums"],
    ["a shift", planted("dense", () => ({ shift: 8 })), 4, "products", "products"],
    ["an inverse schedule", planted("dense", () => ({ inverse: 3 })), 4, "transforms", "transforms"],
    ["a bias", planted("dense", flipped("bias", 20)), 4, "outputs", "outputs"],
    ["a depthwise weight", planted("depthwise", flipped("weights", 33)), 1, "accumulators", "vector"],
    ["a depthwise shift", planted("depthwise", () => ({ shift: 6 })), 1, "products", "vector"],
  ] as const)("has the cycle in which the waveforms show it: %s", async (_, model, operation, tensor, recorder) => {
    for (const stallSeed of [0, 5]) {
      const tracer = await pipelineTracer(model, { shape: SHAPE, stallSeed } satisfies PipelineTracerOptions);
      const { first, firstCycle: cycle = -1 } = await verify(MODEL.operations, [X], tracer);
      expect(first).toMatchObject({ operation, tensor });
      const pieces: string[] = [];
      await tracer.dump?.(X, { from: cycle, to: cycle, write: (text) => pieces.push(text) });
      tracer.dispose();
      const signals = parseVcd(pieces.join(""));
      const bits = (name: string) => {
        const signal = signals.get(`pipeline_bench.${name}`);
        return (signal && bitsAt(signal, 10 * cycle)) ?? "";
      };
      expect(bits(`${recorder}_valid`)).toBe("1");
      const rows = recorder === "vector" ? ["vector_sums", "vector_words"] : [`${recorder}_row`];
      expect(rows.flatMap((name) => wordsOf(bits(name)))).toContain(first?.actual);
    }
  });

  it("is not found where nothing is wrong", async () => {
    const tracer = await pipelineTracer(MODEL, { shape: SHAPE });
    const report = await verify(MODEL.operations, [X], tracer);
    tracer.dispose();
    expect(report).toMatchObject({ differing: 0 });
    expect(report).not.toHaveProperty("firstCycle");
  });
});

describe("the cycles in which a signal is high", () => {
  it("are those of a dump of it alone", () => {
    const header = "$version x $end\n$scope module t $end\n$var wire 1 ! a $end\n$upscope $end\n$enddefinitions $end\n";
    expect(highCycles(`${header}#0\nx!\n#10\n1!\n#20\n#30\n0!\n#40\n1!\n#50\n`)).toEqual([1, 2, 4]);
  });
});

/** The words of 16 and of 32 bits of a row. */
function wordsOf(bits: string): number[] {
  const row = BigInt(`0b${bits}`);
  const words = (size: number) =>
    Array.from({ length: Math.ceil(bits.length / size) }, (_, i) =>
      Number(BigInt.asIntN(size, row >> BigInt(i * size))),
    );
  return [...words(16), ...words(32)];
}
