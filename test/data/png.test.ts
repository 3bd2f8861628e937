import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readImageSet } from "../../src/data/read.ts";
import { DataError } from "../../src/errors.ts";

/** A PNG of 2 x 3 pixels whose words count from `first`. */
function png(first: number, channels = 1, height = 2): Uint8Array {
  const data = Uint8Array.from({ length: height * 3 * channels }, (_, at) => first + at);
  return encode({ width: 3, height, channels, data });
}

describe("folders of PNG images", () => {
  let folder = "";
  const put = (name: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
    for (let n = 0; n < 8; n++)
      for (const [c, name] of ["cat", "dog"].entries()) put(`train/${name}/${n}.png`, png(100 * c + n));
    put("test/cat/a.png", png(7));
    put("test/dog/.hidden", new Uint8Array(3));
    put("test/dog/b.png", png(9));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("give every image once, with the class of its folder", () => {
    const set = readImageSet(folder, "train");
    expect([set.count, set.height, set.width, set.channels]).toEqual([16, 2, 3, 1]);
    expect(set.classNames).toEqual(["cat", "dog"]);
    const firsts = Array.from({ length: 16 }, (_, n) => set.images[6 * n]);
    expect(firsts.map((first) => Math.floor(first / 100))).toEqual(Array.from(set.labels));
    expect(firsts.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 102, 103, 104, 105, 106, 107]);
    expect(Array.from(set.images.subarray(0, 6))).toEqual([0, 1, 2, 3, 4, 5].map((at) => firsts[0] + at));
    expect(readImageSet(folder, "train")).toEqual(set);
  });

  test("mix the classes", () => {
    const { labels } = readImageSet(folder, "train");
    expect(new Set(labels.subarray(0, 8)).size).toBe(2);
    expect(new Set(labels.subarray(8)).size).toBe(2);
  });

  test("are read in colour", () => {
    rmSync(join(folder, "test"), { recursive: true });
    put("test/cat/a.png", png(20, 3));
    put("test/dog/a.png", png(20, 3));
    const set = readImageSet(folder, "test");
    expect(set.channels).toBe(3);
    expect(Array.from(set.images.subarray(0, 18))).toEqual(Array.from({ length: 18 }, (_, at) => 20 + at));
  });

  const broken = () => {
    const bytes = png(1);
    bytes[50] ^= 1;
    return bytes;
  };
  const faults: readonly [string, string, Uint8Array, RegExp][] = [
    [
      "another size",
      "test/dog/c.png",
      png(1, 1, 3),
      /c\.png: expected 2 x 3 x 1 as .*\.png, got 3 x 3 x 1|got 2 x 3 x 1/,
    ],
    ["an alpha channel", "test/dog/c.png", png(1, 2), /c\.png: expected 8 bits grey or RGB.*got 8 bits, 2 channels/],
    ["an altered byte", "test/dog/c.png", broken(), /c\.png: expected a PNG image, got/],
    ["a cut file", "test/dog/c.png", png(1).subarray(0, 50), /c\.png: expected a PNG image, got/],
    ["a file that is no PNG", "test/dog/notes.txt", Buffer.from("notes"), /notes\.txt: expected a PNG image, got/],
    [
      "a class in one part only",
      "test/emu/c.png",
      png(1),
      /same classes in train and test, got cat, dog, emu and cat, dog/,
    ],
  ];
  test.each(faults)("with %s are refused, and the file is named", (_, name, bytes, message) => {
    put(name, bytes);
    expect(() => readImageSet(folder, "test")).toThrow(DataError);
    expect(() => readImageSet(folder, "test")).toThrow(message);
  });

  test("with an empty class, no classes or a missing part are refused", () => {
    rmSync(join(folder, "test/dog/b.png"));
    expect(() => readImageSet(folder, "test")).toThrow(/dog: expected at least one PNG image, got none/);
    expect(() => readImageSet(folder, "train", 1)).toThrow(/train: expected at most 1 classes, got 2/);
    rmSync(join(folder, "test"), { recursive: true });
    expect(() => readImageSet(folder, "test")).toThrow(/test: expected a folder with a folder of PNG images/);
    mkdirSync(join(folder, "test"));
    expect(() => readImageSet(folder, "test")).toThrow(/test: expected a folder for every class, got none/);
  });
});
