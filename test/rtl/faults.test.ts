import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/layers/operation.ts";
import { openEngine } from "../../src/rtl/engine.ts";
import { parametersFor, smallestParameters } from "../../src/rtl/parameters.ts";
import { singleProgram } from "../../src/rtl/program.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { createRandom, randomConv2d, randomInputs, randomWords } from "../contract/random.ts";
import { firstTraceDifference, referenceTrace } from "./reference.ts";

const SEED = 20261123;

describe("the comparison of traces", () => {
  const random = createRandom(SEED);
  const window = { height: 5, width: 4, kernel: [3, 3], stride: 1, pad: 1 } as const;
  const picture = { channels: 6, ...window };
  const spectral = randomConv2d({ in: 6, out: 7, k: 4 }, window, "small", random);
  const activation = { kind: "identity" } as const;
  const small = (words: number) => randomWords(words, "small", random);
  const operations: Record<string, Operation> = {
    conv2d: { op: "conv2d", ...spectral, shift: 6, activation },
    maxpool: { op: "maxpool", ...picture },
    avgpool: { op: "avgpool", ...picture, pad: 0 },
    depthwise: { op: "depthwise", ...picture, shift: 3, activation, weights: small(54), bias: small(6) },
    add: { op: "add", words: 40, shifts: [1, -2], activation },
  };

  const parameters = Object.values(operations).reduce(
    (least, operation) => parametersFor(singleProgram(operation), least),
    smallestParameters(singleProgram(operations.conv2d), 2),
  );

  it.each([
    ["a tap outside the picture", "conv2d", "spectral_product.v", "inside_q ? spectrum_i : 32'd0", "spectrum_i"],
    ["the line of a tap", "conv2d", "window_walk.v", "y_q + 18'd1", "y_q"],
    ["the row of a pixel", "conv2d", "location_walk.v", "row_address_q + words_i", "row_address_q"],
    ["the end of a row of words", "conv2d", "location_walk.v", "(column_b_o < words_i)", "1'b1"],
    ["a bank", "conv2d", "modulo_3.v", "by_2[1:0] - 2'd2", "by_2[1:0] - 2'd1"],
    ["padding under a maximum", "maxpool", "slide.v", "maximum_i ? 16'sh8000 : 16'sd0", "16'sd0"],
    ["a maximum", "maxpool", "slide.v", "(term_q > sum_q)", "(term_q < sum_q)"],
    ["the factor of a mean", "avgpool", "slide.v", "sum_q * factor", "sum_q * 17'sd1"],
    ["a weight's place", "depthwise", "slide.v", "16*slot_1q+:16", "16*slot_q+:16"],
    ["the product of a weight", "depthwise", "slide.v", "(maximum_i || mean_i) ? widened : product", "widened"],
    ["a left shift", "add", "align.v", "wide <<< left", "wide"],
    ["the second operand", "add", "sum.v", "second_q ? base_b_i : base_a_i", "base_a_i"],
    ["a bias", "conv2d", "finish.v", "has_bias_i ? biased_b", "1'b0 ? biased_b"],
  ])("sees a fault in %s", async (_, kind, file, from, to) => {
    const operation = operations[kind];
    const program = singleProgram(operation);
    const x = Int16Array.from(randomInputs(operation, "uniform", random).flatMap((words) => [...words]));
    const compare = async (sources: ReturnType<typeof engineSources>) => {
      const engine = await openEngine(program, { parameters, sources });
      const { trace } = await engine.run(x, { trace: true });
      engine.dispose();
      return firstTraceDifference(trace ?? [], referenceTrace(program, x));
    };
    const sources = engineSources();
    expect(sources.find(({ name }) => name === file)?.text.split(from)).toHaveLength(2);
    const planted = sources.map((it) => (it.name === file ? { ...it, text: it.text.replace(from, to) } : it));
    expect(await compare(sources)).toBeUndefined();
    expect(await compare(planted)).toBeDefined();
  });
});
