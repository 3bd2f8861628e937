import type { EngineProgram } from "../../src/rtl/program.ts";
import { type Random, randomConv2d, randomDense, randomDepthwise, randomWords } from "../contract/random.ts";
import { chain, programOf } from "../rtl/networks.ts";

/** Small networks that between them use every operation: block sizes from 1 to 64, tables, windows with and without a pad. */
export function smallNetworks(random: Random): readonly EngineProgram[] {
  const window = { height: 5, width: 4, kernel: [3, 2], stride: 1, pad: 1 } as const;
  const slid = { channels: 5, height: 5, width: 5, kernel: [3, 3], stride: 2, pad: 1 } as const;
  const scaled = { forward: 2, inverse: 1, shift: 9 };
  const table = { kind: "table", table: randomWords(257, "uniform", random) } as const;
  const other = { kind: "table", table: randomWords(257, "mixed", random) } as const;
  const network = programOf(
    [
      {
        op: "conv2d",
        ...randomConv2d({ in: 3, out: 5, k: 4 }, window, "mixed", random),
        ...scaled,
        activation: table,
        inputs: [0],
      },
      {
        op: "depthwise",
        ...randomDepthwise(5, { ...slid, stride: 1, height: 5, width: 5 }, "small", random),
        shift: 6,
        activation: { kind: "identity" },
        inputs: [1],
      },
      { op: "add", words: 125, shifts: [1, -2], activation: { kind: "clip", lo: -9000, hi: 12000 }, inputs: [1, 2] },
      { op: "maxpool", ...slid, inputs: [3] },
      { op: "avgpool", channels: 5, height: 3, width: 3, kernel: [3, 2], stride: 1, pad: 0, inputs: [4] },
      { op: "flatten", words: 10, inputs: [5] },
      { op: "dense", ...randomDense({ in: 10, out: 13, k: 8 }, "mixed", random), activation: other, inputs: [6] },
    ],
    60,
  );
  const layer = (sides: { in: number; out: number; k: number }) =>
    ({ op: "dense", ...randomDense(sides, "mixed", random) }) as const;
  const spread = (channels: number) =>
    ({
      op: "conv2d",
      ...randomConv2d(
        { in: channels, out: channels, k: 16 },
        { height: 8, width: 4, kernel: [3, 3], stride: 1, pad: 1 },
        "small",
        random,
      ),
      ...scaled,
      activation: { kind: "identity" },
    }) as const;
  return [
    network,
    chain(layer({ in: 70, out: 100, k: 64 })),
    chain(layer({ in: 5, out: 7, k: 1 }), layer({ in: 7, out: 9, k: 2 })),
    chain({ op: "avgpool", channels: 3, height: 4, width: 4, kernel: [2, 2], stride: 2, pad: 0 }),
    // Every place of a table, with steps at which a half decides.
    programOf([{ op: "add", words: 500, shifts: [0, 3], activation: table, inputs: [0, 0] }], 500),
    // Addresses of odd strides under a window, and words of an earlier layer where rows above the picture would be read.
    chain({
      op: "conv2d",
      ...randomConv2d(
        { in: 3, out: 5, k: 1 },
        { height: 4, width: 3, kernel: [2, 2], stride: 1, pad: 1 },
        "mixed",
        random,
      ),
    }),
    chain(spread(16), spread(16)),
    // A tensor of odd length, so that tensors start at addresses of every remainder by 3.
    chain(layer({ in: 61, out: 67, k: 16 }), layer({ in: 67, out: 59, k: 16 })),
  ];
}
