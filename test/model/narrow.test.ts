import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CirculantError, ModelFileError } from "../../src/errors.ts";
import type { Model } from "../../src/model/model.ts";
import { largestWeight, packedBytes, packWords, unpackWords } from "../../src/model/narrow.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { errorOf } from "../caught.ts";
import { refusal, sealed } from "./hostile.ts";
import { exampleModel, random, randomModel } from "./random-model.ts";

const BITS = [8, 9, 10, 11, 12, 13, 14, 15] as const;

/** The model with weights of fewer bits: the low bits of its words, none of them the least word. */
function narrowed(model: Model, bitsOf: (index: number) => number): Model {
  const operations = model.operations.map((operation, index) => {
    if (!("weights" in operation)) return operation;
    const weightBits = bitsOf(index);
    const most = largestWeight(weightBits);
    const weights = operation.weights.map((word) => Math.max(-most, Math.min(most, word)));
    return { ...operation, weights, weightBits };
  });
  return { ...model, operations };
}

const MODEL = narrowed(exampleModel(1), (index) => BITS[index % BITS.length]);
const FILE = writeModel(MODEL);
const HEADER_END = 8 + new DataView(FILE.buffer).getUint32(0, true);
const JSON_TEXT = new TextDecoder().decode(FILE.subarray(8, HEADER_END)).trimEnd();

/** The first byte of a tensor in the file, and the byte after its last. */
function placeOf(tensor: string): readonly [number, number] {
  const [start, end] = JSON.parse(JSON_TEXT)[tensor].data_offsets;
  return [HEADER_END + start, HEADER_END + end];
}

/** The words by the definition in docs/model-file.md, bit by bit. */
function wordsByDefinition(bytes: Uint8Array, bits: number, count: number): number[] {
  const bit = (i: number) => (bytes[Math.floor(i / 8)] >> (i % 8)) & 1;
  return Array.from({ length: count }, (_, n) => {
    let word = -bit(n * bits + bits - 1) * 2 ** (bits - 1);
    for (let i = 0; i < bits - 1; i++) word += bit(n * bits + i) * 2 ** i;
    return word;
  });
}

describe("words of 8 to 16 bits", () => {
  it.each([...BITS, 16])("of %i bits are packed as the page says, and come back", (bits) => {
    const next = random(bits);
    for (let count = 0; count < 70; count++) {
      const most = largestWeight(bits);
      const edges = [-most, -1, 0, 1, most];
      const words = Int16Array.from({ length: count }, (_, i) => {
        return i < edges.length ? edges[i] : (next() % (2 * most + 1)) - most;
      });
      const bytes = packWords(words, bits);
      expect(bytes.length).toBe(packedBytes(count, bits));
      expect(wordsByDefinition(bytes, bits, count)).toEqual([...words]);
      expect(unpackWords(bytes, bits, count)).toEqual(words);
    }
  });
});

describe("a model file with narrow weights", () => {
  it("reads what was written and writes the same bytes, for 100 random graphs", () => {
    const next = random(21);
    for (let seed = 1; seed <= 100; seed++) {
      const model = narrowed(randomModel(seed), () => 8 + (next() % 8));
      const written = writeModel(model);
      const read = readModel(written);
      expect(read).toEqual(model);
      expect(Buffer.compare(writeModel(read), written)).toBe(0);
    }
  });

  it("says that it is version 3, holds narrow weights as bytes, and is smaller", () => {
    const { __metadata__, ...tensors } = JSON.parse(JSON_TEXT);
    expect(__metadata__.version).toBe("3");
    for (const { name, weightBits, ...operation } of MODEL.operations) {
      if (!("weights" in operation) || weightBits === undefined) continue;
      const bytes = packedBytes(operation.weights.length, weightBits);
      expect(tensors[`${name}.weight`]).toMatchObject({ dtype: "U8", shape: [bytes] });
      const [start, end] = placeOf(`${name}.weight`);
      expect(start % 2).toBe(0);
      const words = wordsByDefinition(FILE.subarray(start, end), weightBits, operation.weights.length);
      expect(words).toEqual([...operation.weights]);
    }
    expect(FILE.length).toBeLessThan(writeModel(exampleModel(1)).length);
  });

  it("is not what a model without them becomes: the shipped models keep their bytes", () => {
    for (const name of ["mnist-mlp", "mnist-cnn", "fashion-cnn", "cifar10-cnn"]) {
      const file = new Uint8Array(readFileSync(new URL(`../../models/${name}.safetensors`, import.meta.url)));
      expect(Buffer.compare(writeModel(readModel(file)), file), name).toBe(0);
    }
  });

  it("is refused whichever bit of 500 flips", () => {
    const next = random(22);
    for (let run = 0; run < 500; run++) {
      const file = FILE.slice();
      file[next() % FILE.length] ^= 1 << (next() % 8);
      expect(refusal(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused, or read as the one encoding of another model, whichever bit flips under a fitting digest", () => {
    const next = random(23);
    let read = 0;
    for (let run = 0; run < 600; run++) {
      const file = FILE.slice();
      file[next() % FILE.length] ^= 1 << (next() % 8);
      sealed(file);
      try {
        expect(writeModel(readModel(file))).toEqual(file);
        read++;
      } catch (error) {
        if (!(error instanceof CirculantError)) throw error;
      }
    }
    expect(read).toBeGreaterThan(20);
  });

  it("is refused with bits behind the last word, and with the least word of its bits", () => {
    const tensor = MODEL.operations.find(({ weightBits, ...operation }) => {
      return weightBits && "weights" in operation && (operation.weights.length * weightBits) % 16 !== 0;
    });
    const stray = FILE.slice();
    const [, end] = placeOf(`${tensor?.name}.weight`);
    stray[end - 1] |= 0x80;
    expect(refusal(sealed(stray)).message).toMatch(/\.weight: expected zeros after its last word/);

    const eight = narrowed(exampleModel(1), () => 8);
    const file = writeModel(eight);
    const first = 8 + new DataView(file.buffer).getUint32(0, true);
    file[first] = 0x80;
    expect(refusal(sealed(file)).message).toMatch(/conv1\.weight\[0\]: expected a word from -127 to 127, got -128/);
  });

  it("is refused under another version than its own", () => {
    const file = new TextEncoder().encode(new TextDecoder("latin1").decode(FILE.subarray(0, 64)));
    expect(new TextDecoder().decode(file)).toContain('"version":"3"');
    const older = FILE.slice();
    older[Buffer.from(FILE).indexOf('"version":"3"') + '"version":"'.length] = 0x32;
    expect(refusal(sealed(older)).message).toMatch(/header: expected the one encoding/);
    const newer = writeModel(exampleModel(1));
    newer[Buffer.from(newer).indexOf('"version":"2"') + '"version":"'.length] = 0x33;
    expect(refusal(sealed(newer)).message).toMatch(/header: expected the one encoding/);
  });

  it("is not written of a word that is wider than its bits", () => {
    const [conv, ...rest] = MODEL.operations;
    const wide = { ...MODEL, operations: [{ ...conv, weightBits: 8, weights: new Int16Array(72).fill(128) }, ...rest] };
    const error = errorOf(() => writeModel(wide as Model));
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(/conv1\.weight\[0\]: expected a word from -127 to 127, got 128/);
  });
});
