import { describe, expect, test } from "vitest";
import { type Buffer, packBuffers } from "../../src/train/buffers.ts";
import { parseConfig } from "../../src/train/config.ts";
import { countParameters, trainFlops } from "../../src/train/cost.ts";
import { createArena, type Kernels } from "../../src/train/kernels.ts";
import { layOut } from "../../src/train/parameters.ts";
import { normal, stream } from "../../src/train/random.ts";
import { dense, MNIST_MLP } from "../../src/train/recipe.ts";
import { combineStatistics } from "../../src/train/statistics.ts";

const conv = (out: number, k: number, activation = "relu") => {
  return { op: "conv2d", out, kernel: 3, stride: 2, pad: 1, k, norm: true, activation } as const;
};
const PICTURES = parseConfig({
  ...MNIST_MLP,
  layers: [
    conv(6, 4),
    {
      op: "residual",
      layers: [conv(8, 2), { op: "depthwise", kernel: 3, stride: 1, pad: 1, norm: false, activation: "identity" }],
      shortcut: [conv(8, 8, "identity")],
      activation: "relu",
    },
    { op: "globalavgpool" },
    { op: "flatten" },
    { op: "dense", out: 10, k: 4, norm: false, activation: "identity" },
  ],
});

test("a nested recipe becomes a list of named operations on numbered tensors", () => {
  const nodes = layOut(PICTURES).nodes.map(({ name, inputs, output }) => [name, inputs, output.join(" ")]);
  expect(nodes).toEqual([
    ["conv1", [0], "14 14 6"],
    ["conv2", [1], "7 7 8"],
    ["depthwise1", [2], "7 7 8"],
    ["conv3", [1], "7 7 8"],
    ["add1", [3, 4], "7 7 8"],
    ["avgpool1", [5], "1 1 8"],
    ["flatten1", [6], "1 1 8"],
    ["dense1", [7], "1 1 10"],
  ]);
});

test("parameters and operations are counted without padding", () => {
  // weights, biases and scales: 9 taps of 2 x 1, 4 x 3 and 1 x 1 blocks, 9 x 8 of depthwise, 3 x 2 blocks of the head
  const expected = 9 * 2 * 4 + 6 + 2 + (9 * 4 * 3 * 2 + 8 + 4) + (72 + 8) + (9 * 8 + 8 + 1) + (3 * 2 * 4 + 10);
  expect(countParameters(layOut(PICTURES))).toBe(expected);
  const [first, ...others] = [1024 * 784, 1024 * 1024, 1024 * 10].map((products) => 2 * products);
  expect(trainFlops(layOut(dense(MNIST_MLP)))).toBe(2 * first + 3 * (others[0] + others[1]));
});

describe("packBuffers", () => {
  test("gives buffers in use at the same step places of their own, and others the same", () => {
    const random = stream(5);
    const whole = (below: number) => Math.floor(random() * below);
    const buffers = Array.from({ length: 200 }, (): Buffer => {
      const first = whole(60);
      return { bytes: 1 + whole(5000), first, last: first + whole(20), address: 0 };
    });
    let taken = 0;
    packBuffers(buffers, (bytes) => {
      taken = bytes;
      return 4096;
    });
    buffers.forEach((a, index) => {
      expect(a.address % 64).toBe(0);
      expect(a.address + a.bytes).toBeLessThanOrEqual(4096 + taken);
      for (const b of buffers.slice(index + 1)) {
        const meet = a.first <= b.last && b.first <= a.last;
        const overlap = a.address < b.address + b.bytes && b.address < a.address + a.bytes;
        expect(meet && overlap).toBe(false);
      }
    });
    expect(taken).toBeLessThan(buffers.reduce((sum, { bytes }) => sum + bytes, 0) / 2);
  });
});

test("the statistics of groups combine to those of all their images", () => {
  const shape = layOut(PICTURES);
  const random = stream(9);
  const [groups, count] = [5, 40];
  const values = Array.from({ length: groups }, (_, group) =>
    Array.from({ length: 6 }, () => Array.from({ length: count }, () => normal(random) + group)),
  );
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = (list: readonly number[]) => mean(list.map((value) => (value - mean(list)) ** 2));
  const samples = new Float32Array(groups * shape.statisticsWords);
  const [node] = shape.nodes;
  const norm = "place" in node ? node.place.norm : undefined;
  if (norm === undefined) throw new Error("expected a norm");
  const write = (to: Float32Array, at: number, channels: readonly (readonly number[])[]) => {
    channels.forEach((list, c) => {
      to[at + norm.mean + c] = mean(list);
    });
    to[at + norm.variance] = mean(channels.slice(0, 4).map(variance));
    to[at + norm.variance + 1] = mean(channels.slice(4).map(variance));
  };
  values.forEach((channels, group) => {
    write(samples, group * shape.statisticsWords, channels);
  });
  const [expected, got] = [new Float32Array(shape.statisticsWords), new Float32Array(shape.statisticsWords)];
  write(
    expected,
    0,
    values[0].map((_, c) => values.flatMap((channels) => channels[c])),
  );
  combineStatistics(shape, samples, got);
  expected.forEach((value, word) => {
    // values of size one, rounded to float32 in the groups
    expect(Math.abs(got[word] - value), `word ${word}`).toBeLessThan(2e-6);
  });
});

test("an arena that cannot grow says so, also beyond 32 bits", () => {
  for (const bytes of [2 ** 20, 2 ** 31, 2 ** 32]) {
    const kernels = { memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }), heapBase: () => 0 };
    const { take } = createArena(kernels as unknown as Kernels);
    expect(take(100)).toBe(0);
    expect(() => take(bytes)).toThrow(
      `memory: expected less than 4 GiB for a thread's part of a batch, got ${bytes + 128}`,
    );
  }
});
