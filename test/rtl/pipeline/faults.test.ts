import { describe, expect, it } from "vitest";
import { openPipeline } from "../../../src/rtl/pipeline/engine.ts";
import { pipelineSources } from "../../../src/rtl/pipeline/sources.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../../contract/random.ts";
import { chain } from "../networks.ts";
import { firstNetworkDifference } from "./compare.ts";

const random = createRandom(20261128);
const window = { height: 3, width: 4, kernel: [2, 2], stride: 1, pad: 0 } as const;
const network = chain(
  { op: "conv2d", ...randomConv2d({ in: 6, out: 10, k: 8 }, window, "mixed", random) },
  { op: "maxpool", channels: 10, height: 2, width: 3, kernel: [2, 2], stride: 1, pad: 0 },
  { op: "flatten", words: 20 },
  { op: "dense", ...randomDense({ in: 20, out: 36, k: 16 }, "mixed", random), shift: 13, inverse: 0b0100 },
);
const inputs = randomWords(24 * network.input.words, "mixed", random);

/** One wrong thing each in the Verilog: file, what stands there once, what stands there instead. */
const FAULTS = [
  ["rounding", "twiddle_product.v", "32'sd16384", "32'sd16383"],
  ["sign of a twiddle", "forward_butterfly.v", "sub_sat u_im_difference", "add_sat u_im_difference"],
  [
    "order of the schedule",
    "inverse_transform.v",
    "schedule_1_i[stage-1] : schedule_0_i[stage-1]",
    "schedule_1_i[LOG2_K_MAX-stage] : schedule_0_i[LOG2_K_MAX-stage]",
  ],
  [
    "bit order",
    "block_walk.v",
    "block_base_q + {{(24 - ROW_WIDTH) {1'b0}}, reversed}",
    "block_base_q + {{(24 - ROW_WIDTH) {1'b0}}, row_q}",
  ],
  ["saturation", "add_sat.v", "{sum[16], {15{~sum[16]}}}", "sum[15:0]"],
  ["one cycle of skew", "forward_unit.v", "inside_2q <= inside_1q;", "inside_2q <= inside_words;"],
  ["swapped parts", "product_lane.v", "im_re_q <= x_im_i * w_re_q;", "im_re_q <= x_im_i * w_im_q;"],
  ["a bank", "banked_memory.v", "turned_left(WORD, read_turn) ^ read_fold", "turned_left(WORD, read_turn)"],
  ["a window's last tap", "vector_unit.v", "first_q <= tap_last;", "first_q <= 1'b0;"],
  ["a bias", "inverse_unit.v", "bias_offset_q + ONE_BIAS", "bias_offset_q"],
] as const;

describe("a wrong streaming engine", () => {
  async function difference(sources = pipelineSources()) {
    const shape = { LOG2_PATHS: 1, BLOCKS: 2, LOG2_STREAM: 0, VECTOR: 2 };
    const engine = await openPipeline(network, { shape, sources, trace: true, slots: 1 });
    try {
      for (let at = 0; at < inputs.length; at += network.input.words) {
        const x = inputs.slice(at, at + network.input.words);
        const { trace } = await engine.run(x, { trace: true });
        const found = firstNetworkDifference(network, x, trace ?? []);
        if (found) return found;
      }
      return undefined;
    } finally {
      engine.dispose();
    }
  }

  it("is not found where nothing is wrong", async () => expect(await difference()).toBeUndefined());

  it.each(FAULTS)("is found: %s (%s)", async (_, name, from, to) => {
    const sources = pipelineSources().map((source) => {
      if (source.name !== name) return source;
      expect(source.text.split(from)).toHaveLength(2);
      return { name, text: source.text.replace(from, to) };
    });
    expect(await difference(sources)).toBeDefined();
  });
});
