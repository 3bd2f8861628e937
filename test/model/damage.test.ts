import { describe, expect, it } from "vitest";
import { CirculantError, ModelFileError, OverflowError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { sha256 } from "../../src/model/sha256.ts";
import { writeModel } from "../../src/model/write.ts";
import { random, randomModel } from "./random-model.ts";

const FILE = writeModel(randomModel(1));
const HEADER_END = 8 + new DataView(FILE.buffer).getUint32(0, true);
const DATA = FILE.subarray(HEADER_END);
const JSON_TEXT = new TextDecoder().decode(FILE.subarray(8, HEADER_END)).trimEnd();

/** A file of this header text and data, with a digest that fits. */
function fileOf(json: string, data: Uint8Array = DATA): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil((8 + text.length) / 64) * 64;
  const file = new Uint8Array(length + data.length).fill(0x20, 8, length);
  new DataView(file.buffer).setUint32(0, length - 8, true);
  file.set(text, 8);
  file.set(data, length);
  return sealed(file);
}

/** The file with its digest, wherever it stands, made to fit. */
function sealed(file: Uint8Array): Uint8Array {
  const key = '"sha256":"';
  const at = Buffer.from(file.buffer).indexOf(key);
  if (at < 0) return file;
  file.fill(0x30, at + key.length, at + key.length + 64);
  file.set(new TextEncoder().encode(sha256(file)), at + key.length);
  return file;
}

/** A sealed file whose header was changed as an object. */
// biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
function withHeader(change: (header: any) => void): Uint8Array {
  const header = JSON.parse(JSON_TEXT);
  change(header);
  return fileOf(JSON.stringify(header));
}

/** A sealed file whose program was changed as an object. */
// biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
function withProgram(change: (program: any) => void): Uint8Array {
  return withHeader((header) => {
    const program = JSON.parse(header.__metadata__.program);
    change(program);
    header.__metadata__.program = JSON.stringify(program);
  });
}

/** A sealed file whose program text was changed. */
function withProgramText(change: (text: string) => string): Uint8Array {
  return withHeader((header) => {
    header.__metadata__.program = change(header.__metadata__.program);
  });
}

function withWord(tensor: string, index: number, word: number): Uint8Array {
  const file = FILE.slice();
  const start = JSON.parse(JSON_TEXT)[tensor].data_offsets[0];
  new DataView(file.buffer).setInt16(HEADER_END + start + 2 * index, word, true);
  return sealed(file);
}

function errorOf(file: Uint8Array, limits = {}): CirculantError {
  try {
    readModel(file, limits);
  } catch (error) {
    if (error instanceof CirculantError) return error;
    throw error;
  }
  throw new Error("expected the file to be refused, it was read");
}

describe("a damaged file", () => {
  it("is refused with a typed error wherever it is cut", () => {
    const next = random(11);
    for (let run = 0; run < 200; run++)
      expect(errorOf(FILE.subarray(0, next() % FILE.length))).toBeInstanceOf(ModelFileError);
  });

  it("is refused with a typed error whichever bit flips, for every byte of the header and 500 of the data", () => {
    const next = random(12);
    for (let run = 0; run < HEADER_END + 500; run++) {
      const at = run < HEADER_END ? run : HEADER_END + (next() % DATA.length);
      const file = FILE.slice();
      file[at] ^= 1 << (next() % 8);
      expect(errorOf(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused with a typed error, or read as the one encoding of another model, whichever bit flips under a fitting digest", () => {
    const next = random(13);
    for (let run = 0; run < 2000; run++) {
      const file = FILE.slice();
      file[next() % (HEADER_END + 40)] ^= 1 << (next() % 8);
      sealed(file);
      try {
        expect(writeModel(readModel(file))).toEqual(file);
      } catch (error) {
        if (!(error instanceof CirculantError)) throw error;
      }
    }
  });

  it("is refused with a typed error when bytes are cut out, doubled or swapped", () => {
    const next = random(14);
    for (let run = 0; run < 300; run++) {
      const [a, b] = [next() % FILE.length, next() % FILE.length].sort((x, y) => x - y);
      const spliced =
        run % 3 === 0
          ? [FILE.subarray(0, a), FILE.subarray(b + 1)]
          : run % 3 === 1
            ? [FILE.subarray(0, b), FILE.subarray(a)]
            : [FILE.subarray(b), FILE.subarray(0, b)];
      const file = Buffer.concat(spliced);
      if (Buffer.compare(file, FILE) !== 0) expect(errorOf(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused when it is random bytes", () => {
    const next = random(15);
    for (let run = 0; run < 300; run++) {
      const file = Uint8Array.from({ length: next() % 500 }, () => next());
      if (run % 2 === 0 && file.length > 8) file.fill(0, 2, 8);
      expect(errorOf(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused within two seconds each and without memory in the measure of the sizes it claims", () => {
    const huge = withProgram((program) => {
      program.layers[0].in = 2 ** 20;
      program.layers[0].out = 2 ** 20;
      program.layers[0].k = 1;
      program.layers[0].forward = program.layers[0].inverse = "";
    });
    const nested = fileOf(`{"a":${"[".repeat(500_000)}`);
    const claims = FILE.slice();
    new DataView(claims.buffer).setBigUint64(0, 2n ** 63n, true);
    const keys = fileOf(`{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":0`).join(",")}}`);
    for (const file of [huge, nested, claims, keys]) {
      const before = process.memoryUsage().arrayBuffers;
      const start = performance.now();
      expect(errorOf(file)).toBeInstanceOf(ModelFileError);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8e6);
    }
  });
});

describe("something else in a model's place", () => {
  it.each([
    ["<!DOCTYPE html><html><head><title>404</title></head></html>", /HTML or XML page; check the address/],
    ["\n  <?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", /HTML or XML page/],
    ["<html>", /HTML or XML page/],
    ['{"error":"not found"}', /JSON text/],
    ["version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 200000\n", /Git LFS pointer/],
    ["", /size: expected at least 64 bytes, got 0/],
    ["hello", /size: expected at least 64 bytes, got 5/],
  ])("is named: %j", (text, message) => {
    expect(errorOf(new TextEncoder().encode(text)).message).toMatch(message);
  });
});

describe("a hostile file with a fitting digest", () => {
  // biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
  const layer = (i: number, change: (layer: any) => void) => withProgram((program) => change(program.layers[i]));
  // biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
  const set = (i: number, values: Record<string, any>) => layer(i, (l) => Object.assign(l, values));
  const swapped = (json: string, a: string, b: string) => json.replace(a, "\0").replace(b, a).replace("\0", b);

  const cases: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    [
      "another format",
      () => withHeader((h) => (h.__metadata__.format = "pt")),
      /__metadata__\.format: expected "circulant", got "pt"/,
    ],
    [
      "a later version",
      () => withHeader((h) => (h.__metadata__.version = "2")),
      /version: expected "1", got "2"; update circulant or compile/,
    ],
    [
      "later numerics",
      () => withHeader((h) => (h.__metadata__.numerics = "9")),
      /numerics: expected "1", got "9"; update/,
    ],
    [
      "no digest",
      () => withHeader((h) => delete h.__metadata__.sha256),
      /sha256: expected 64 lower-case.* got nothing/,
    ],
    [
      "a digest of another file",
      () => {
        const f = FILE.slice();
        f[f.length - 1] ^= 1;
        return f;
      },
      /sha256: expected .* of its bytes, got .*; it was altered/,
    ],
    ["no metadata", () => withHeader((h) => delete h.__metadata__), /__metadata__: expected an object, got nothing/],
    [
      "metadata as a list",
      () => withHeader((h) => (h.__metadata__ = [])),
      /__metadata__: expected an object, got \[\]/,
    ],
    [
      "an unknown metadata field",
      () => withHeader((h) => (h.__metadata__.author = "x")),
      /__metadata__: expected only the fields .* got "author"/,
    ],
    [
      "a number in the metadata",
      () => withHeader((h) => (h.__metadata__.version = 1)),
      /version: expected "1".* got 1/,
    ],
    ["a program that is no JSON", () => withProgramText(() => "{"), /program: expected JSON, got "\{"/],
    ["a program that is a list", () => withProgramText(() => "[]"), /program: expected an object, got \[\]/],
    [
      "a deep program",
      () => withProgramText(() => "[".repeat(100_000)),
      /program: expected at most 4 levels of brackets/,
    ],
    ["a deep header", () => fileOf(`{"__metadata__":${"{".repeat(1000)}`), /header: expected at most 4 levels/],
    [
      "bytes that are no UTF-8",
      () => {
        const f = FILE.slice();
        f[HEADER_END - 3] = 0xff;
        return sealed(f);
      },
      /header: expected UTF-8/,
    ],
    [
      "a __proto__ in the header",
      () => fileOf(JSON_TEXT.replace("{", '{"__proto__":{"x":1},')),
      /header: expected only the tensors of its program, got "__proto__"/,
    ],
    [
      "a __proto__ in a layer",
      () => withProgramText((t) => t.replace('{"name"', '{"__proto__":{},"name"')),
      /layers\[0\]: expected only the fields .* got "__proto__"/,
    ],
    [
      "a constructor as tensor",
      () => withHeader((h) => (h.constructor = {})),
      /only the tensors of its program, got "constructor"/,
    ],
    ["no layers", () => withProgram((p) => (p.layers = [])), /program\.layers: expected a list of 1 to/],
    ["a layer that is null", () => withProgram((p) => (p.layers[0] = null)), /program\.layers: expected a list of/],
    ["layers as an object", () => withProgram((p) => (p.layers = { length: 2 })), /program\.layers: expected a list/],
    ["an unknown layer field", () => set(1, { stride: 2 }), /layers\[1\]: expected only the fields .* got "stride"/],
    ["an unknown op", () => set(0, { op: "conv" }), /layers\[0\]\.op: expected "dense", got "conv"/],
    ["a name with a dot", () => set(0, { name: "a.b" }), /layers\[0\]\.name: expected a letter/],
    ["a name that is a prototype key", () => set(0, { name: "__proto__" }), /layers\[0\]\.name: expected a letter/],
    ["one name twice", () => set(1, { name: "dense1" }), /layers\[1\]\.name: expected a name of its own/],
    [
      "k that is no power of two",
      () => set(0, { k: 12 }),
      /layers\[0\]\.k: expected a power of two from 1 to 2048, got 12/,
    ],
    ["k of 0", () => set(0, { k: 0 }), /\.k: expected a power of two/],
    ["k of 4096", () => set(0, { k: 4096 }), /\.k: expected a power of two/],
    ["in of 0", () => set(0, { in: 0 }), /layers\[0\]\.in: expected a positive integer, got 0/],
    ["in of a fraction", () => set(0, { in: 1.5 }), /layers\[0\]\.in: expected a positive integer/],
    [
      "out of 1e999",
      () => withProgramText((t) => t.replace('"out":24', '"out":1e999')),
      /layers\[0\]\.out: expected a positive integer, got Infinity/,
    ],
    [
      "out beyond the limit",
      () => set(0, { out: 2 ** 21 }),
      /layers\[0\]\.out: expected at most 1048576 words, the caller's limit/,
    ],
    [
      "a schedule of other length",
      () => set(0, { forward: "01" }),
      /layers\[0\]\.forward: expected 3 digits for k = 8, got "01"/,
    ],
    ["a schedule of other digits", () => set(0, { inverse: "012" }), /layers\[0\]\.inverse: expected a digit 0 or 1/],
    ["a shift of 32", () => set(0, { shift: 32 }), /layers\[0\]\.shift: expected an integer from 0 to 31, got 32/],
    ["a negative shift", () => set(0, { shift: -1 }), /layers\[0\]\.shift: expected/],
    [
      "an unknown activation",
      () => set(0, { activation: "gelu" }),
      /layers\[0\]\.activation: expected "identity", "relu"/,
    ],
    [
      "bounds for a relu",
      () => set(0, { bounds: [0, 1] }),
      /layers\[0\]\.bounds: expected bounds for a clip and for nothing else/,
    ],
    [
      "a clip without bounds",
      () => layer(1, (l) => delete l.bounds),
      /layers\[1\]\.bounds: expected bounds for a clip/,
    ],
    ["bounds the wrong way", () => set(1, { bounds: [5, 4] }), /layers\[1\]\.bounds: expected \[lo, hi\]/],
    ["bounds beyond a word", () => set(1, { bounds: [-32769, 4] }), /layers\[1\]\.bounds: expected \[lo, hi\]/],
    [
      "fraction bits of 32",
      () => layer(0, (l) => (l.fractionBits[1] = 32)),
      /layers\[0\]\.fractionBits: expected 3 integers/,
    ],
    [
      "output fraction bits that do not follow",
      () => layer(0, (l) => l.fractionBits[2]++),
      /layers\[0\]\.fractionBits: expected -?\d+ for the output/,
    ],
    [
      "input fraction bits that do not follow",
      () =>
        withProgram((p) => {
          p.layers[1].fractionBits[0]++;
          p.layers[1].fractionBits[1]--;
        }),
      /layers\[1\]\.fractionBits: expected -?\d+ for the input/,
    ],
    ["layers that do not chain", () => set(1, { in: 23 }), /layers\[1\]\.in: expected 24, the words before it, got 23/],
    [
      "an input of another size",
      () => withProgram((p) => (p.input.shape = [4, 6])),
      /layers\[0\]\.in: expected 24, the words before it/,
    ],
    [
      "an input of huge sides",
      () => withProgram((p) => (p.input.shape = Array(8).fill(2 ** 30))),
      /layers\[0\]\.in: expected 1\.\d+e\+72/,
    ],
    [
      "an input without sides",
      () => withProgram((p) => (p.input.shape = [])),
      /input\.shape: expected 1 to 8 positive integers/,
    ],
    [
      "a mean of 1e999",
      () => withProgramText((t) => t.replace("0.1307", "1e999")),
      /input\.mean: expected a finite number, got Infinity/,
    ],
    [
      "a mean that is null",
      () => withProgram((p) => (p.input.mean = null)),
      /input\.mean: expected a finite number, got null/,
    ],
    [
      "a deviation of 0",
      () => withProgram((p) => (p.input.deviation = 0)),
      /input\.deviation: expected a finite number above 0/,
    ],
    ["a label too few", () => withProgram((p) => p.labels.pop()), /labels: expected none or 3, the outputs, got 2/],
    ["a label that is a number", () => withProgram((p) => (p.labels[1] = 1)), /labels: expected a list of strings/],
    [
      "a label with an escape code",
      () => withProgram((p) => (p.labels[1] = "\u001b[2J")),
      /labels: expected a list of strings/,
    ],
    [
      "a label of half a character",
      () => withProgram((p) => (p.labels[1] = "\ud800")),
      /labels: expected a list of strings/,
    ],
    [
      "a tensor too many",
      () => withHeader((h) => (h["dense9.weight"] = h["dense1.weight"])),
      /only the tensors of its program, got "dense9\.weight"/,
    ],
    [
      "a tensor too few",
      () => withHeader((h) => delete h["dense2.bias"]),
      /dense2\.bias: expected an object, got nothing/,
    ],
    [
      "another type of words",
      () => withHeader((h) => (h["dense1.bias"].dtype = "F32")),
      /dense1\.bias\.dtype: expected "I16", got "F32"/,
    ],
    [
      "another shape",
      () => withHeader((h) => h["dense1.weight"].shape.reverse()),
      /dense1\.weight\.shape: expected \[3,3,8\] by its layer/,
    ],
    [
      "a shape of another rank",
      () => withHeader((h) => (h["dense1.weight"].shape = [72])),
      /dense1\.weight\.shape: expected \[3,3,8\] by its layer, got \[72\]/,
    ],
    [
      "negative offsets",
      () => withHeader((h) => (h["dense1.weight"].data_offsets = [-144, 0])),
      /dense1\.weight\.data_offsets: expected 2 integers/,
    ],
    [
      "offsets that overlap",
      () => withHeader((h) => (h["dense1.bias"].data_offsets = [0, 48])),
      /dense1\.bias\.data_offsets: expected \[144,192\], got \[0,48\]/,
    ],
    [
      "offsets beyond the file",
      () => withHeader((h) => (h["dense1.bias"].data_offsets = [2 ** 40, 2 ** 40 + 48])),
      /dense1\.bias\.data_offsets: expected/,
    ],
    [
      "offsets that swap two tensors",
      () =>
        withHeader((h) => {
          const [a, b] = [h["dense4.weight"], h["dense4.bias"]];
          [a.data_offsets, b.data_offsets] = [b.data_offsets, a.data_offsets];
        }),
      /dense4\.weight\.data_offsets: expected/,
    ],
    [
      "bytes after the data",
      () => fileOf(JSON_TEXT, Buffer.concat([DATA, Buffer.alloc(2)])),
      /size: expected \d+ bytes by the header, got \d+/,
    ],
    ["bytes missing", () => fileOf(JSON_TEXT, DATA.subarray(2)), /size: expected \d+ bytes by the header, got \d+/],
    [
      "a key twice",
      () => fileOf(JSON_TEXT.replace('"dense1.bias"', '"dense1.bias":0,"dense1.bias"')),
      /header: expected the one encoding that circulant writes/,
    ],
    [
      "a key twice in the program",
      () => withProgramText((t) => t.replace('"shift"', '"shift":3,"shift"')),
      /header: expected the one encoding/,
    ],
    ["a space in the header", () => fileOf(JSON_TEXT.replace('"I16"', ' "I16"')), /header: expected the one encoding/],
    ["a longer header", () => fileOf(JSON_TEXT + " ".repeat(64)), /header: expected the one encoding/],
    [
      "a number spelt otherwise",
      () => withProgramText((t) => t.replace('"shift":10', '"shift":1e1')),
      /header: expected the one encoding/,
    ],
    ["a minus zero", () => withProgramText((t) => t.replace("0.1307", "-0")), /header: expected the one encoding/],
    [
      "fields in another order",
      () => fileOf(swapped(JSON_TEXT, '"version"', '"numerics"')),
      /header: expected the one encoding/,
    ],
    [
      "a weight of -32768",
      () => withWord("dense1.weight", 5, -32768),
      /dense1\.weight\[5\]: expected a word from -32767 to 32767, got -32768/,
    ],
  ];

  it.each(cases)("is refused: %s", (_, make, message) => {
    const error = errorOf(make());
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(message);
    expect(error.fields.field).toBeTypeOf("string");
  });

  it("is refused if weights could make an accumulator wrap", () => {
    const words = JSON.parse(JSON_TEXT)["dense3.weight"].shape[1];
    const file = FILE.slice();
    const start = JSON.parse(JSON_TEXT)["dense3.weight"].data_offsets[0];
    for (let i = 0; i < words; i++) new DataView(file.buffer).setInt16(HEADER_END + start + 2 * i, 32767, true);
    const error = errorOf(sealed(file));
    expect(error).toBeInstanceOf(OverflowError);
    expect(error.fields).toMatchObject({ layer: "dense3", block: 0, bin: 0 });
    expect(error.fields.bound).toBe(words * 32767 * 32768 + 512);
  });

  it("is told that its header does not fit the file, or the data their place", () => {
    const cut = FILE.subarray(0, HEADER_END - 64);
    expect(errorOf(cut).message).toBe(
      `model file: header length: expected at most ${cut.length - 8}, the rest of the file, got ${HEADER_END - 8}; is it cut?`,
    );
    const odd = FILE.slice();
    new DataView(odd.buffer).setUint32(0, HEADER_END - 8 - 1, true);
    expect(errorOf(odd).message).toMatch(/header length: expected 8 less than a multiple of 64, got \d+/);
  });

  it("is held to the caller's limits", () => {
    expect(errorOf(FILE, { bytes: 100 }).message).toMatch(/size: expected at most 100 bytes, the caller's limit/);
    expect(errorOf(FILE, { headerBytes: 100 }).message).toMatch(
      /header length: expected at most 100 bytes, the caller/,
    );
    expect(errorOf(FILE, { layers: 3 }).message).toMatch(/layers: expected at most 3, the caller's limit, got 4/);
    expect(errorOf(FILE, { width: 23 }).message).toMatch(/layers\[0\]\.out: expected at most 23 words, the caller/);
  });
});

describe("the reader", () => {
  it("does not count brackets inside strings as nesting", () => {
    const labels = ['[[[[[["', "\\{{{{{{", "}}"];
    expect(readModel(writeModel({ ...randomModel(1), labels })).labels).toEqual(labels);
  });
});

describe("the writer", () => {
  it("refuses tensors that do not fit their layer", () => {
    const model = randomModel(1);
    const [first, ...rest] = model.layers;
    const cut = { ...model, layers: [{ ...first, weights: first.weights.subarray(1) }, ...rest] };
    expect(() => writeModel(cut)).toThrow(/dense1\.weight: expected 72 words, got 71/);
  });

  it("refuses schedules of more stages than the layer has", () => {
    const model = randomModel(1);
    const [first, ...rest] = model.layers;
    expect(() => writeModel({ ...model, layers: [{ ...first, forward: 8 }, ...rest] })).toThrow(
      /dense1\.forward: expected a schedule from 0 to 7, got 8/,
    );
  });

  it("refuses a mean that is not a number", () => {
    const model = randomModel(1);
    expect(() => writeModel({ ...model, input: { ...model.input, mean: Number.NaN } })).toThrow(/input\.mean/);
  });
});
