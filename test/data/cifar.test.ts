import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { imageBytes, sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { DataError } from "../../src/errors.ts";

const RECORD = 3073;

/** A batch of records whose planes are 1, 2, 3 more than 10 times the record, but for one pixel. */
function batch(...labels: readonly number[]): Buffer {
  return Buffer.concat(
    labels.map((label, record) => {
      const planes = [1, 2, 3].map((plane) => Buffer.alloc(1024, 10 * record + plane));
      planes[1][33] = 255; // green, row 1, column 1
      return Buffer.concat([Buffer.from([label]), ...planes]);
    }),
  );
}

describe("CIFAR-10 batches", () => {
  let folder = "";
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
    for (const n of [1, 2, 3, 4, 5]) put(`data_batch_${n}.bin`, batch(n, 9 - n));
    put("test_batch.bin", batch(0, 9, 5));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("become images whose channels stand side by side, in the order of the batches", () => {
    const set = readImageSet(folder, "train");
    expect([set.count, set.height, set.width, set.channels, imageBytes(set)]).toEqual([10, 32, 32, 3, 3072]);
    expect(Array.from(set.labels)).toEqual([1, 8, 2, 7, 3, 6, 4, 5, 5, 4]);
    expect(set.classNames?.[9]).toBe("truck");
    expect(Array.from(set.images.subarray(3072, 3078))).toEqual([11, 12, 13, 11, 12, 13]);
    expect(Array.from(set.images.subarray(3 * 33, 3 * 33 + 3))).toEqual([1, 255, 3]);
    expect(set.images.length).toBe(10 * 3072);
  });

  test("are read gzipped and from the folder of the archive alike", () => {
    const plain = readImageSet(folder, "test");
    expect(Array.from(plain.labels)).toEqual([0, 9, 5]);
    rmSync(join(folder, "test_batch.bin"));
    put("test_batch.bin.gz", gzipSync(batch(0, 9, 5)));
    expect(readImageSet(folder, "test")).toEqual(plain);
    const outer = mkdtempSync(join(tmpdir(), "circulant-"));
    renameSync(folder, join(outer, "cifar-10-batches-bin"));
    folder = outer;
    expect(readImageSet(folder, "test")).toEqual(plain);
  });

  test("are sliced by whole images of three channels", () => {
    const second = sliceImages(readImageSet(folder, "test"), 1, 2);
    expect([second.count, second.images.length, second.images[0], second.labels[0]]).toEqual([1, 3072, 11, 9]);
  });

  const faults: readonly [string, Uint8Array, string][] = [
    ["a truncated batch", batch(1, 2).subarray(0, 2 * RECORD - 1), "length: expected whole records of 3073 bytes"],
    ["an empty batch", new Uint8Array(), "length: expected whole records of 3073 bytes, got 0 bytes"],
    ["a batch cut between records", batch(1), "records: expected 2, as in the first batch, got 1"],
    ["a label out of range", batch(1, 10), "label 1: expected 0 to 9, got 10"],
    ["a cut gzip stream", gzipSync(batch(1, 2)).subarray(0, 40), "gzip stream: expected whole"],
  ];
  test.each(faults)("with %s are refused, and the file is named", (_, bytes, message) => {
    put("data_batch_3.bin", bytes);
    expect(() => readImageSet(folder, "train")).toThrow(DataError);
    expect(() => readImageSet(folder, "train")).toThrow(message);
    expect(() => readImageSet(folder, "train")).toThrow(join(folder, "data_batch_3.bin"));
  });

  test("with a missing batch are refused", () => {
    rmSync(join(folder, "data_batch_4.bin"));
    expect(() => readImageSet(folder, "train")).toThrow(DataError);
    expect(() => readImageSet(folder, "train")).toThrow(/data_batch_4\.bin: expected this file or .*, got neither/);
  });

  test("with more classes than the caller has are refused", () => {
    expect(() => readImageSet(folder, "test", 9)).toThrow("label 1: expected 0 to 8, got 9");
  });
});

describe("a folder of data", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("that is missing or of no known form is refused", () => {
    expect(() => readImageSet(join(folder, "none"), "test")).toThrow(/none: expected IDX files .*, got no folder/);
    expect(() => readImageSet(folder, "test")).toThrow(DataError);
    expect(() => readImageSet(folder, "test")).toThrow(/got none of these; circulant data mnist/);
  });

  test("of two forms is refused", () => {
    writeFileSync(join(folder, "test_batch.bin"), batch(1));
    mkdirSync(join(folder, "train"));
    expect(() => readImageSet(folder, "test")).toThrow(/got CIFAR-10 batches and folders of images together/);
  });
});
