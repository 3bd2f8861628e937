import { describe, expect, test } from "vitest";
import { OverflowError } from "../../src/errors.ts";
import { holdBound } from "../../src/finetune/hold.ts";
import type { ModelOperation } from "../../src/model/model.ts";
import { ACCUMULATOR_LIMIT, proveNoWrap } from "../../src/model/prove.ts";
import { createRandom, randomConv2d, randomDense, randomDepthwise } from "../contract/random.ts";

const random = createRandom(5);
const window = { height: 5, width: 4, kernel: [3, 2], stride: 1, pad: 1 } as const;
const named = { name: "operation", inputs: [0], format: { input: 8, weight: 8, output: 8 } };

const OPERATIONS = [1, 2, 8, 64].flatMap((k) => [
  { op: "dense", ...randomDense({ in: 3 * k, out: 2 * k + 1, k }, "uniform", random), ...named },
  { op: "conv2d", ...randomConv2d({ in: k + 1, out: 2 * k, k }, window, "uniform", random), ...named },
  { op: "depthwise", ...randomDepthwise(2 * k, window, "uniform", random), ...named },
]) as Extract<ModelOperation, { weights: Int16Array }>[];

describe.each(OPERATIONS.map((operation) => [operation.op, operation] as const))("sums of %s", (_, operation) => {
  test("that could wrap are shrunk to what is proved, the others left as they are", () => {
    const weights = operation.weights.map((word) => (Math.abs(word) < 16384 ? word : 32767));
    const wide = { ...operation, weights };
    expect(() => proveNoWrap(wide)).toThrow(OverflowError);
    const held = weights.slice();
    expect(holdBound(wide, held)).toBeGreaterThan(0);
    const worst = proveNoWrap({ ...wide, weights: held })?.bound ?? 0;
    expect(worst).toBeGreaterThan(0.99 * ACCUMULATOR_LIMIT);
    expect(holdBound(wide, held)).toBe(0);
    const small = weights.map((word) => word >> 12);
    const kept = small.slice();
    expect(holdBound(wide, kept)).toBe(0);
    expect(kept).toEqual(small);
  });
});
