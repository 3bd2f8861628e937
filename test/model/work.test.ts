import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/layers/operation.ts";
import { denseWork, realWork } from "../../src/model/work.ts";

const NONE = new Int16Array(0);
const LAYER = {
  ...{ forward: 0, inverse: 0, shift: 0, weights: NONE, bias: NONE },
  activation: { kind: "identity" },
} as const;
/** Of a picture of 6 x 4: 3 x 2 windows. */
const WINDOW = { height: 6, width: 4, kernel: [3, 3], stride: 2, pad: 1 } as const;

/** Counted by hand: transforms of k = 8 are 60, their products 28; of k = 2 they are 5 and 4. */
const CASES: readonly (readonly [string, Operation, dense: number, real: number])[] = [
  ["a plain layer", { op: "dense", ...LAYER, in: 5, out: 3, k: 1 }, 30, 30],
  ["a layer of whole blocks", { op: "dense", ...LAYER, in: 16, out: 8, k: 8 }, 256, 3 * 60 + 2 * 28],
  ["a layer of cut blocks", { op: "dense", ...LAYER, in: 9, out: 10, k: 8 }, 180, 4 * 60 + 4 * 28],
  ["blocks of two real bins", { op: "dense", ...LAYER, in: 2, out: 2, k: 2 }, 8, 2 * 5 + 4],
  [
    "a convolution",
    { op: "conv2d", ...LAYER, ...WINDOW, in: 8, out: 16, k: 8 },
    2 * 6 * 9 * 8 * 16,
    (24 + 6 * 2) * 60 + 6 * 9 * 2 * 28,
  ],
  ["a depthwise convolution", { op: "depthwise", ...LAYER, ...WINDOW, channels: 7 }, 2 * 6 * 9 * 7, 2 * 6 * 9 * 7],
  ["a pool", { op: "maxpool", ...WINDOW, channels: 7 }, 0, 6 * 9 * 7],
  ["a sum", { op: "add", words: 11, shifts: [0, 0], activation: { kind: "identity" } }, 0, 11],
  ["a flatten", { op: "flatten", words: 11 }, 0, 0],
];

describe.each(CASES)("the work of %s", (_, operation, dense, real) => {
  it("is counted in its dense form and as it is", () => {
    expect([denseWork(operation), realWork(operation)]).toEqual([dense, real]);
  });
});
