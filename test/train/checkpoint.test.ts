import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CheckpointError } from "../../src/errors.ts";
import { digestOf, readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { initialise, initialStatistics, layOut } from "../../src/train/parameters.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";

const config = parseConfig({
  ...MNIST_MLP,
  input: { shape: [3, 5, 2], mean: 0.25, deviation: 0.5 },
  layers: [
    { op: "conv2d", out: 6, kernel: [1, 3], stride: 1, pad: 0, k: 4, norm: true, activation: "relu" },
    { op: "flatten" },
    { op: "dense", out: 10, k: 2, norm: false, activation: "identity" },
  ],
});
const shape = layOut(config);
const parameters = initialise(shape, 1);
const square = parameters.map((value) => value * value);
const statistics = initialStatistics(shape);
const history = [{ epoch: 1, loss: 1.5, accuracy: 0.5, validation: 0.25 }];
const vectors = { parameters, mean: parameters, square, average: parameters, statistics };
const state = { config, data: "00", teacher: "11", history, ...vectors };
const good = () => Buffer.from(writeCheckpoint(state));

/** A file whose digest is right, whatever stands in it. */
function sealed(change: (body: Buffer) => Buffer): Buffer {
  const body = change(good().subarray(0, -32));
  return Buffer.concat([body, createHash("sha256").update(body).digest()]);
}

describe("checkpoint", () => {
  test("reads back what was written", () => {
    const { network, ...rest } = readCheckpoint(good());
    expect(rest).toEqual(state);
    expect(network.input).toEqual({ shape: [3, 5, 2], mean: 0.25, deviation: 0.5 });
    const [conv, flatten, head] = network.operations;
    expect([conv, flatten, head].map(({ op, output }) => [op, output])).toEqual([
      ["conv2d", [3, 3, 6]],
      ["flatten", [1, 1, 54]],
      ["dense", [1, 1, 10]],
    ]);
    if (conv.op !== "conv2d" || head.op !== "dense") throw new Error("another network");
    expect([conv.k, conv.p, conv.q, conv.weights.length, conv.bias.length]).toEqual([4, 2, 1, 24, 6]);
    expect([head.k, head.p, head.q, head.weights.length, head.bias.length]).toEqual([2, 5, 27, 270, 10]);
    expect(Array.from(conv.norm?.variance ?? [])).toEqual([1, 1]);
    const [, , node] = shape.nodes;
    if (!("place" in node)) throw new Error("another layout");
    // block (1, 2), word 1
    expect(head.weights[(1 * 27 + 2) * 2 + 1]).toBe(
      parameters[node.place.weights + 1 * node.place.rowWords + 1 * 27 + 2],
    );
  });

  test("keeps that there was no teacher", () => {
    expect(readCheckpoint(writeCheckpoint({ ...state, teacher: null })).teacher).toBeNull();
  });

  test("has the digest of what it answers by, not of how it was trained", () => {
    const read = (change: object) => digestOf(readCheckpoint(writeCheckpoint({ ...state, ...change })));
    expect(read({})).toMatch(/^[0-9a-f]{64}$/);
    expect(read({ history: [], mean: square, config: { ...config, rate: 0.1 } })).toBe(read({}));
    expect(read({ average: square })).not.toBe(read({}));
    expect(read({ statistics: statistics.map((value) => 2 * value) })).not.toBe(read({}));
  });

  test("is refused when cut anywhere", () => {
    const file = good();
    for (let length = 0; length < file.length; length += 7) {
      expect(() => readCheckpoint(file.subarray(0, length)), `${length} bytes`).toThrow(CheckpointError);
    }
  });

  test("is refused when any byte is altered", () => {
    for (let at = 0; at < good().length; at += 5) {
      const file = good();
      file[at] ^= 0x10;
      expect(() => readCheckpoint(file), `byte ${at}`).toThrow(CheckpointError);
    }
  });

  const header = (text: string) => (body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([body.subarray(0, 8), length, Buffer.from(text), Buffer.alloc(-text.length & 3)]);
  };
  const small = { config, data: "", teacher: null, history: [] };
  const hostile: readonly [string, (body: Buffer) => Buffer, RegExp][] = [
    ["a header longer than the file", (body) => withWord(body, 8, 0xffffffff), /header length: expected at most/],
    ["a header that is no JSON", header("{{"), /header: expected a valid recipe/],
    ["a header that is null", header("null"), /header: expected a valid recipe/],
    ["a recipe that claims a huge layer", header(hugeHeader()), /layers\[0\].out: expected a number from 1 to 65536/],
    ["a recipe larger than the file", header(JSON.stringify({ ...small, config: MNIST_MLP })), /length: expected/],
    [
      "a teacher that is a number",
      header(JSON.stringify({ ...small, teacher: 3 })),
      /teacher: expected a digest or null/,
    ],
    ["no teacher said", header(JSON.stringify({ ...small, teacher: undefined })), /teacher: expected a digest or null/],
    ["a history out of order", header(JSON.stringify({ ...small, history: [{ epoch: 2 }] })), /history/],
    ["a weight that is no number", wordOf(0, 3, NAN), /word 3 of parameters: expected a finite number, got NaN/],
    ["an infinite average", wordOf(3, 0, 0x7f800000), /word 0 of average: expected a finite number, got Infinity/],
    ["a mean that is no number", wordOf(4, 1, NAN), /word 1 of statistics: expected a finite number, got NaN/],
    ["a negative second moment", wordOf(2, 5, MINUS), /word 5 of square: expected no negative number, got -1/],
    ["a negative variance", wordOf(4, 8, MINUS), /variance of conv1: expected no negative number, got -1/],
    ["trailing bytes", (body) => Buffer.concat([body, Buffer.alloc(4)]), /length: expected/],
  ];
  test.each(hostile)("is refused with a right digest and %s", (_, change, message) => {
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(CheckpointError);
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(message);
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(/^a\.checkpoint: /);
  });
});

const NAN = 0x7fc00000;
const MINUS = 0xbf800000;

/** Sets a word of a vector: parameters, mean, square, average, statistics. */
function wordOf(vector: number, word: number, bits: number): (body: Buffer) => Buffer {
  return (body) => {
    const first = body.length - 4 * (4 * shape.words + shape.statisticsWords);
    return withWord(body, first + 4 * (vector * shape.words + word), bits);
  };
}

function withWord(body: Buffer, at: number, word: number): Buffer {
  const copy = Buffer.from(body);
  copy.writeUInt32LE(word, at);
  return copy;
}

function hugeHeader(): string {
  const layers = [{ ...config.layers[0], out: 2 ** 40 }, ...config.layers.slice(1)];
  return JSON.stringify({ config: { ...config, layers }, data: "", teacher: null, history: [] });
}
