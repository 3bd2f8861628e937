import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { exampleModel, randomModel } from "./random-model.ts";

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
  const model = exampleModel(1);
  const file = writeModel(model);

  it("reads what was written and writes the same bytes for a model that was read, for 100 random graphs", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const written = writeModel(randomModel(seed));
      const read = readModel(written);
      expect(read).toEqual(randomModel(seed));
      expect(Buffer.compare(writeModel(read), written)).toBe(0);
      for (const { op } of read.operations) kinds.add(op);
    }
    expect([...kinds].sort()).toEqual(["add", "avgpool", "conv2d", "dense", "depthwise", "flatten", "maxpool"]);
  });

  it("reads the sizes of an operation from its graph", () => {
    const { operations } = readModel(file);
    expect(operations[1]).toMatchObject({ height: 6, width: 5, channels: 8, inputs: [1] });
    expect(operations[4]).toMatchObject({ height: 4, width: 3, in: 8, out: 6 });
    expect(operations[2]).toMatchObject({ words: 240, format: { input: 8, weight: 0, output: 6 } });
    expect(operations[6]).toMatchObject({ words: 18 });
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
    const names =
      "conv1.weight conv1.bias depthwise1.weight depthwise1.bias add1.table conv2.weight conv2.bias " +
      "dense1.weight dense1.bias dense2.weight dense2.bias dense2.table dense3.weight dense3.bias";
    expect([...tensors.keys()]).toEqual(names.split(" "));
    expect([...tensors.values()].slice(0, 3).map(({ shape }) => shape)).toEqual([[3, 3, 2, 1, 4], [8], [3, 3, 8]]);
    const dense = model.operations[7];
    expect(tensors.get("dense1.weight")).toEqual({ shape: [2, 3, 8], words: "weights" in dense && [...dense.weights] });
    expect(tensors.get("dense2.table")?.shape).toEqual([257]);
  });

  it("carries the SHA-256 of itself with the digest's digits as zeros", () => {
    const { metadata, bytes } = parseSafetensors(file);
    const zeroed = Buffer.from(bytes);
    zeroed.write("0".repeat(64), zeroed.indexOf(metadata.sha256));
    expect(createHash("sha256").update(zeroed).digest("hex")).toBe(metadata.sha256);
  });

  it("is read without a copy at even addresses and with one at odd addresses", () => {
    const view = readModel(file);
    expect(Reflect.get(view.operations[0], "weights").buffer).toBe(file.buffer);
    const odd = new Uint8Array(file.length + 1);
    odd.set(file, 1);
    const copied = readModel(odd.subarray(1));
    expect(copied).toEqual(view);
    expect(Reflect.get(copied.operations[0], "weights").buffer).not.toBe(odd.buffer);
  });

  it("keeps the header under 300 bytes an operation", () => {
    expect(parseSafetensors(file).length).toBeLessThan(300 * model.operations.length);
  });
});
