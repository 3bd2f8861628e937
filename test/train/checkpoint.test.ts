import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CheckpointError } from "../../src/errors.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { initialise, layOut } from "../../src/train/parameters.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";

const config = parseConfig({
  ...MNIST_MLP,
  input: { shape: [3, 5], mean: 0.25, deviation: 0.5 },
  layers: [
    { out: 6, k: 4, activation: "relu" },
    { out: 10, k: 2, activation: "identity" },
  ],
});
const shape = layOut(config);
const parameters = initialise(shape, 1);
const history = [{ epoch: 1, loss: 1.5, accuracy: 0.5, validation: 0.25 }];
const state = { config, data: "00", history, parameters, mean: parameters, square: parameters, average: parameters };
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
    expect(network.input).toEqual({ size: 15, shape: [3, 5], mean: 0.25, deviation: 0.5 });
    const sizes = network.layers.map(({ k, p, q, weights, bias }) => [k, p, q, weights.length, bias.length]);
    expect(sizes).toEqual([
      [4, 2, 4, 32, 6],
      [2, 5, 3, 30, 10],
    ]);
    const { rowWords, weights } = shape.layers[0];
    // block (1, 2), word 3
    expect(network.layers[0].weights[(1 * 4 + 2) * 4 + 3]).toBe(parameters[weights + 3 * rowWords + 6]);
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
  const hostile: readonly [string, (body: Buffer) => Buffer, RegExp][] = [
    ["a header longer than the file", (body) => withWord(body, 8, 0xffffffff), /header length: expected at most/],
    ["a header that is no JSON", header("{{"), /header: expected a valid recipe/],
    ["a header that is null", header("null"), /header: expected a valid recipe/],
    ["a recipe that claims a huge layer", header(hugeHeader()), /layers\[0\].out: expected a number from 1 to 65536/],
    ["a recipe larger than the file", header(JSON.stringify({ config: MNIST_MLP, data: "", history: [] })), /length/],
    ["a history out of order", header(JSON.stringify({ config, data: "", history: [{ epoch: 2 }] })), /history/],
    ["a weight that is no number", (body) => withWord(body, body.length - 4, 0x7fc00000), /a finite number, got NaN/],
    ["trailing bytes", (body) => Buffer.concat([body, Buffer.alloc(4)]), /length: expected/],
  ];
  test.each(hostile)("is refused with a right digest and %s", (_, change, message) => {
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(CheckpointError);
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(message);
    expect(() => readCheckpoint(sealed(change), "a.checkpoint")).toThrow(/^a\.checkpoint: /);
  });
});

function withWord(body: Buffer, at: number, word: number): Buffer {
  const copy = Buffer.from(body);
  copy.writeUInt32LE(word, at);
  return copy;
}

function hugeHeader(): string {
  const layers = [{ out: 2 ** 40, k: 1, activation: "relu" }, ...config.layers.slice(1)];
  return JSON.stringify({ config: { ...config, layers }, data: "", history: [] });
}
