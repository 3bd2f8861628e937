import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { DataError } from "../../src/errors.ts";

const DIGITS = new URL("../../examples/digits", import.meta.url).pathname;
const IMAGES = "t10k-images-idx3-ubyte";
const LABELS = "t10k-labels-idx1-ubyte";

function idx(magic: number, shape: readonly number[], data: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  [magic, ...shape].forEach((word, index) => {
    header.writeUInt32BE(word, 4 * index);
  });
  return Buffer.concat([header, Buffer.from(data)]);
}

const twoImages = () => idx(0x803, [2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
const twoLabels = () => idx(0x801, [2], [9, 0]);

describe("IDX", () => {
  let folder = "";
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
    put(IMAGES, twoImages());
    put(LABELS, twoLabels());
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("reads the shipped sample of 500 digits", () => {
    const set = readImageSet(DIGITS, "test");
    expect([set.count, set.height, set.width, set.channels]).toEqual([500, 28, 28, 1]);
    expect(Array.from(set.labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(set.images.length).toBe(500 * 784);
  });

  test("reads the shipped sample of 300 pieces of clothing", () => {
    const set = readImageSet(new URL("../../examples/fashion", import.meta.url).pathname, "test");
    expect([set.count, set.height, set.width, set.channels]).toEqual([300, 28, 28, 1]);
    expect(Array.from(set.labels.subarray(0, 10))).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
  });

  test("reads plain and gzipped files alike", () => {
    const plain = readImageSet(folder, "test");
    put(`${IMAGES}.gz`, gzipSync(twoImages()));
    put(`${LABELS}.gz`, gzipSync(twoLabels()));
    expect(readImageSet(folder, "test")).toEqual(plain);
    expect(Array.from(plain.labels)).toEqual([9, 0]);
    expect(plain.images[11]).toBe(255);
  });

  test("slices images and labels together", () => {
    const second = sliceImages(readImageSet(folder, "test"), 1, 2);
    expect([second.count, second.images[0], second.labels[0]]).toEqual([1, 6, 0]);
  });

  const faults: readonly [string, string, Uint8Array, string][] = [
    ["a wrong magic", IMAGES, idx(0x802, [2, 2, 3], []), "magic: expected 0x00000803, got 0x00000802"],
    ["a cut header", IMAGES, twoImages().subarray(0, 9), "length: expected 16 bytes of header, got 9"],
    ["cut images", IMAGES, twoImages().subarray(0, 27), "length: expected 12 bytes for 2 x 2 x 3, got 11"],
    [
      "too long images",
      IMAGES,
      Buffer.concat([twoImages(), Buffer.alloc(1)]),
      "expected 12 bytes for 2 x 2 x 3, got 13",
    ],
    ["an empty axis", IMAGES, idx(0x803, [0, 2, 3], []), "shape: expected no empty axis, got 0 x 2 x 3"],
    ["another number of labels", LABELS, idx(0x801, [1], [9]), "count: expected 2 labels, one an image, got 1"],
    ["a label out of range", LABELS, idx(0x801, [2], [9, 10]), "label 1: expected 0 to 9, got 10"],
    ["a cut gzip stream", LABELS, gzipSync(twoLabels()).subarray(0, 20), "gzip stream: expected whole"],
  ];
  test.each(faults)("refuses %s and names the file", (_, name, bytes, message) => {
    put(name, bytes);
    expect(() => readImageSet(folder, "test")).toThrow(DataError);
    expect(() => readImageSet(folder, "test")).toThrow(message);
    expect(() => readImageSet(folder, "test")).toThrow(join(folder, name));
  });

  test("names a missing file and the remedy", () => {
    expect(() => readImageSet(folder, "train")).toThrow(DataError);
    expect(() => readImageSet(folder, "train")).toThrow(
      /train-images-idx3-ubyte: expected .* got neither; get the data set again/,
    );
  });
});
