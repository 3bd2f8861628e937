import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { randomModel } from "./random-model.ts";

/** Reads safetensors by its published definition and by nothing of this project. */
function parseSafetensors(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  const { __metadata__: metadata, ...infos } = header;
  const tensors = new Map<string, { shape: number[]; words: number[] }>();
  for (const [name, info] of Object.entries<{ dtype: string; shape: number[]; data_offsets: number[] }>(infos)) {
    const [start, end] = info.data_offsets;
    expect(info.dtype).toBe("I16");
    const data = bytes.subarray(8 + length + start, 8 + length + end);
    const words = Array.from({ length: data.length / 2 }, (_, i) => data.readInt16LE(2 * i));
    tensors.set(name, { shape: info.shape, words });
  }
  return { length, metadata, infos, tensors, bytes };
}

describe("the model file", () => {
  const model = randomModel(1);
  const file = writeModel(model);

  it("reads what was written, for 20 seeds", () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(readModel(writeModel(randomModel(seed)))).toEqual(randomModel(seed));
    }
  });

  it("writes the same bytes for a model that was read", () => {
    expect(writeModel(readModel(file))).toEqual(file);
  });

  it("is a safetensors file whose tensors fill it without holes from a multiple of 64", () => {
    const { length, metadata, infos, tensors, bytes } = parseSafetensors(file);
    expect((8 + length) % 64).toBe(0);
    expect(Object.values(metadata).every((value) => typeof value === "string")).toBe(true);
    let end = 0;
    for (const { data_offsets } of Object.values<{ data_offsets: number[] }>(infos)) {
      expect(data_offsets[0]).toBe(end);
      end = data_offsets[1];
    }
    expect(8 + length + end).toBe(bytes.length);
    expect([...tensors.keys()]).toEqual(
      "dense1.weight dense1.bias dense2.weight dense2.bias dense3.weight dense3.bias dense3.table dense4.weight dense4.bias".split(
        " ",
      ),
    );
    expect(tensors.get("dense2.weight")).toEqual({ shape: [1, 2, 16], words: [...model.layers[1].weights] });
    expect(tensors.get("dense3.table")?.shape).toEqual([257]);
  });

  it("carries the SHA-256 of itself with the digest's digits as zeros", () => {
    const { metadata, bytes } = parseSafetensors(file);
    const zeroed = Buffer.from(bytes);
    zeroed.write("0".repeat(64), zeroed.indexOf(metadata.sha256));
    expect(createHash("sha256").update(zeroed).digest("hex")).toBe(metadata.sha256);
  });

  it("is read without a copy at even addresses and with one at odd addresses", () => {
    const view = readModel(file);
    expect(view.layers[0].weights.buffer).toBe(file.buffer);
    const odd = new Uint8Array(file.length + 1);
    odd.set(file, 1);
    const copied = readModel(odd.subarray(1));
    expect(copied).toEqual(view);
    expect(copied.layers[0].weights.buffer).not.toBe(odd.buffer);
  });

  it("keeps the header of a network of three layers under 2,400 bytes", () => {
    const labelled = randomModel(1, [
      { in: 784, out: 512, k: 64, activation: { kind: "relu" } },
      { in: 512, out: 512, k: 64, activation: { kind: "relu" } },
      { in: 512, out: 10, k: 16, activation: { kind: "identity" } },
    ]);
    expect(parseSafetensors(writeModel(labelled)).length).toBeLessThan(2400);
  });
});
