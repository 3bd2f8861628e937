import { describe, expect, it } from "vitest";
import { ModelFileError, OptionError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { workOf } from "../../src/model/work.ts";
import { writeModel } from "../../src/model/write.ts";
import {
  type Case,
  DATA,
  FILE,
  fileOf,
  HEADER_END,
  JSON_TEXT,
  refusal,
  sealed,
  withHeader,
  withProgram,
  withProgramText,
} from "./hostile.ts";
import { exampleModel, modelBuilder } from "./random-model.ts";

const swapped = (json: string, a: string, b: string) => json.replace(a, "\0").replace(b, a).replace("\0", b);
const changedByte = (at: number, byte: number) => {
  const file = FILE.slice();
  file[at] = byte;
  return file;
};

const METADATA: readonly Case[] = [
  [
    "another format",
    () => withHeader((h) => (h.__metadata__.format = "pt")),
    /__metadata__\.format: expected "circulant", got "pt"/,
  ],
  [
    "version 1, in which a program was a list of layers",
    () => withHeader((h) => (h.__metadata__.version = "1")),
    /version: expected "2" or "3", got "1"; update circulant or compile the network again/,
  ],
  [
    "a later version",
    () => withHeader((h) => (h.__metadata__.version = "4")),
    /version: expected "2" or "3", got "4"; update/,
  ],
  [
    "later numerics",
    () => withHeader((h) => (h.__metadata__.numerics = "9")),
    /numerics: expected "1", got "9"; update/,
  ],
  ["no digest", () => withHeader((h) => delete h.__metadata__.sha256), /sha256: expected 64 lower-case.* got nothing/],
  [
    "a digest of another file",
    () => changedByte(FILE.length - 1, FILE[FILE.length - 1] ^ 1),
    /sha256: expected .* of its bytes, got .*; it was altered/,
  ],
  ["no metadata", () => withHeader((h) => delete h.__metadata__), /__metadata__: expected an object, got nothing/],
  ["metadata as a list", () => withHeader((h) => (h.__metadata__ = [])), /__metadata__: expected an object, got \[\]/],
  [
    "an unknown metadata field",
    () => withHeader((h) => (h.__metadata__.author = "x")),
    /__metadata__: expected only the fields .* got "author"/,
  ],
  [
    "a number in the metadata",
    () => withHeader((h) => (h.__metadata__.version = 2)),
    /version: expected "2" or "3", got 2/,
  ],
  ["a program that is no JSON", () => withProgramText(() => "{"), /program: expected JSON, got "\{"/],
  ["a program that is a list", () => withProgramText(() => "[]"), /program: expected an object, got \[\]/],
  [
    "a deep program",
    () => withProgramText(() => "[".repeat(100_000)),
    /program: expected at most 4 levels of brackets/,
  ],
  ["a deep header", () => fileOf(`{"__metadata__":${"{".repeat(1000)}`), /header: expected at most 4 levels/],
  ["bytes that are no UTF-8", () => sealed(changedByte(HEADER_END - 1, 0xff)), /header: expected UTF-8/],
  [
    "a __proto__ in the header",
    () => fileOf(JSON_TEXT.replace("{", '{"__proto__":{"x":1},')),
    /header: expected only the tensors of its program, got "__proto__"/,
  ],
];

const TENSORS: readonly Case[] = [
  ["a constructor as tensor", () => withHeader((h) => (h.constructor = {})), /only the tensors .* got "constructor"/],
  [
    "a tensor too many",
    () => withHeader((h) => (h["dense9.weight"] = h["dense1.weight"])),
    /only the tensors of its program, got "dense9\.weight"/,
  ],
  [
    "a weight for a pool",
    () => withHeader((h) => (h["maxpool1.weight"] = h["dense1.weight"])),
    /only the tensors of its program, got "maxpool1\.weight"/,
  ],
  [
    "a tensor too few",
    () => withHeader((h) => delete h["dense2.bias"]),
    /dense2\.bias: expected an object, got nothing/,
  ],
  [
    "no table for a sum",
    () => withHeader((h) => delete h["add1.table"]),
    /add1\.table: expected an object, got nothing/,
  ],
  [
    "another type of words",
    () => withHeader((h) => (h["dense1.bias"].dtype = "F32")),
    /dense1\.bias\.dtype: expected "I16" or "U8", got "F32"/,
  ],
  [
    "a convolution's weights in another order",
    () => withHeader((h) => h["conv1.weight"].shape.reverse()),
    /conv1\.weight\.shape: expected \[3,3,2,1,4\] by its operation, got \[4,1,2,3,3\]/,
  ],
  [
    "a depthwise convolution's weights in another order",
    () => withHeader((h) => h["depthwise1.weight"].shape.reverse()),
    /depthwise1\.weight\.shape: expected \[3,3,8\] by its operation, got \[8,3,3\]/,
  ],
  [
    "a shape of another rank",
    () => withHeader((h) => (h["dense1.weight"].shape = [48])),
    /dense1\.weight\.shape: expected \[2,3,8\] by its operation, got \[48\]/,
  ],
  [
    "a shape of six sides",
    () => withHeader((h) => h["conv1.weight"].shape.push(1)),
    /conv1\.weight\.shape: expected 1 to 5 positive integers/,
  ],
  [
    "negative offsets",
    () => withHeader((h) => (h["conv1.weight"].data_offsets = [-144, 0])),
    /conv1\.weight\.data_offsets: expected 2 integers/,
  ],
  [
    "offsets that overlap",
    () => withHeader((h) => (h["conv1.bias"].data_offsets = [0, 16])),
    /conv1\.bias\.data_offsets: expected \[144,160\], got \[0,16\]/,
  ],
  [
    "offsets beyond the file",
    () => withHeader((h) => (h["conv1.bias"].data_offsets = [2 ** 40, 2 ** 40 + 48])),
    /conv1\.bias\.data_offsets: expected/,
  ],
  [
    "offsets that swap two tensors",
    () =>
      withHeader((h) => {
        const [a, b] = [h["dense3.weight"], h["dense3.bias"]];
        [a.data_offsets, b.data_offsets] = [b.data_offsets, a.data_offsets];
      }),
    /dense3\.weight\.data_offsets: expected/,
  ],
  [
    "bytes after the data",
    () => fileOf(JSON_TEXT, Buffer.concat([DATA, Buffer.alloc(2)])),
    /size: expected \d+ bytes by the header, got \d+/,
  ],
  ["bytes missing", () => fileOf(JSON_TEXT, DATA.subarray(2)), /size: expected \d+ bytes by the header, got \d+/],
];

const SPELLINGS: readonly Case[] = [
  ["a key twice", () => fileOf(JSON_TEXT.replace('"conv1.bias"', '"conv1.bias":0,"conv1.bias"'))],
  ["a key twice in the program", () => withProgramText((t) => t.replace('"shift"', '"shift":3,"shift"'))],
  ["a space in the header", () => fileOf(JSON_TEXT.replace('"I16"', ' "I16"'))],
  ["a longer header", () => fileOf(JSON_TEXT + " ".repeat(64))],
  ["a number spelt otherwise", () => withProgramText((t) => t.replace('"shift":10', '"shift":1e1'))],
  ["a minus zero", () => withProgramText((t) => t.replace("0.1307", "-0"))],
  ["an offset spelt otherwise", () => withProgramText((t) => t.replace('"words":720', '"words":7.2e2'))],
  ["fields in another order", () => fileOf(swapped(JSON_TEXT, '"version":"2"', '"numerics":"1"'))],
  ["program fields in another order", () => withProgramText((t) => swapped(t, '"stride":1', '"pad":1'))],
].map(([name, make]) => [name, make, /header: expected the one encoding that circulant writes/] as unknown as Case);

describe("a file with a fitting digest", () => {
  it.each([...METADATA, ...TENSORS, ...SPELLINGS])("is refused: %s", (_, make, message) => {
    const error = refusal(make());
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(message);
    expect(error.fields.field).toBeTypeOf("string");
  });

  it("is told that its header does not fit the file, or the data their place", () => {
    const cut = FILE.subarray(0, HEADER_END - 64);
    expect(refusal(cut).message).toBe(
      `model file: header length: expected at most ${cut.length - 8}, the rest of the file, got ${HEADER_END - 8}; is it cut?`,
    );
    const odd = FILE.slice();
    new DataView(odd.buffer).setUint32(0, HEADER_END - 8 - 1, true);
    expect(refusal(odd).message).toMatch(/header length: expected 8 less than a multiple of 64, got \d+/);
  });

  it("is held to the caller's limits", () => {
    const limited = (limits: Parameters<typeof refusal>[1]) => refusal(FILE, limits).message;
    expect(limited({ bytes: 100 })).toMatch(/size: expected at most 100 bytes, the caller's limit/);
    expect(limited({ headerBytes: 100 })).toMatch(/header length: expected at most 100 bytes, the caller/);
    expect(limited({ operations: 9 })).toMatch(/program\.operations: expected at most 9, the caller's limit, got 10/);
    expect(limited({ tensorWords: 239 })).toMatch(/operations\[0\]: expected tensors of at most 239 words, the caller/);
    expect(limited({ tensorWords: 89 })).toMatch(
      /input\.shape: expected tensors of at most 89 words, .* got \[6,5,3\]/,
    );
    const work = exampleModel(1).operations.reduce((sum, operation) => sum + workOf(operation), 0);
    expect(limited({ work: work - 1 })).toMatch(
      /operations: expected work of at most \d+, the caller's limit, got \d+/,
    );
  });

  it("is held to a limit of work that its windows alone may break", () => {
    const pool = {
      op: "maxpool",
      channels: 1,
      height: 1024,
      width: 1024,
      kernel: [255, 255],
      stride: 1,
      pad: 127,
    } as const;
    const builder = modelBuilder({ shape: [1024, 1024, 1], fractionBits: 8, mean: 0, deviation: 1 });
    builder.push("pool", pool, [0]);
    const file = writeModel(builder.build());
    expect(file.length).toBeLessThan(1000);
    expect(refusal(file).message).toMatch(/expected work of at most 17179869184, the caller's limit, got 68/);
  });

  it("is not read under a limit that limits nothing", () => {
    for (const [limits, message] of [
      [{ bytes: Number.NaN }, /limits\.bytes: expected a number from 0 up, got NaN/],
      [{ work: -1 }, /limits\.work: expected a number from 0 up, got -1/],
      [{ operations: "9" as never }, /limits\.operations: expected a number from 0 up, got 9/],
      [{ byte: 9 } as never, /limits\.byte: expected one of bytes, headerBytes, operations, tensorWords, work/],
    ] as const) {
      const error = refusal(FILE, limits);
      expect(error).toBeInstanceOf(OptionError);
      expect(error.message).toMatch(message);
    }
    expect(readModel(FILE, { bytes: undefined, work: Number.POSITIVE_INFINITY })).toEqual(exampleModel(1));
  });

  it("may have brackets in strings, which are no nesting", () => {
    const labels = ['[[[[[["', "\\{{{{{{", "}}"];
    expect(readModel(writeModel({ ...exampleModel(1), labels })).labels).toEqual(labels);
  });

  it("is read at its limits", () => {
    const work = exampleModel(1).operations.reduce((sum, operation) => sum + workOf(operation), 0);
    const limits = { bytes: FILE.length, headerBytes: HEADER_END - 8, operations: 10, tensorWords: 240, work };
    expect(readModel(FILE, limits)).toEqual(exampleModel(1));
    expect(() => refusal(withProgram(() => {}))).toThrow(/expected an error, got none/);
  });
});
