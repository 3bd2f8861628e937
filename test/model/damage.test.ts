import { describe, expect, it } from "vitest";
import { CirculantError, ModelFileError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { DATA, FILE, fileOf, HEADER_END, refusal, sealed, withProgram } from "./hostile.ts";
import { random } from "./random-model.ts";

describe("a damaged file", () => {
  it("is refused with a typed error wherever it is cut", () => {
    const next = random(11);
    for (let run = 0; run < 200; run++)
      expect(refusal(FILE.subarray(0, next() % FILE.length))).toBeInstanceOf(ModelFileError);
  });

  it("is refused with a typed error whichever bit flips, for every byte of the header and 500 of the data", () => {
    const next = random(12);
    for (let run = 0; run < HEADER_END + 500; run++) {
      const at = run < HEADER_END ? run : HEADER_END + (next() % DATA.length);
      const file = FILE.slice();
      file[at] ^= 1 << (next() % 8);
      expect(refusal(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused with a typed error, or read as the one encoding of another model, whichever bit flips under a fitting digest", () => {
    const next = random(13);
    let read = 0;
    for (let run = 0; run < 2000; run++) {
      const file = FILE.slice();
      file[next() % (HEADER_END + 40)] ^= 1 << (next() % 8);
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

  it("is refused with a typed error, or read as another model, whichever digit of the program becomes another", () => {
    const digits: number[] = [];
    const start = Buffer.from(FILE).indexOf('"operations');
    const end = Buffer.from(FILE).indexOf("labels");
    for (let at = start; at < end; at++) if (FILE[at] >= 0x30 && FILE[at] <= 0x39) digits.push(at);
    expect(digits.length).toBeGreaterThan(100);
    for (const at of digits) {
      for (const digit of [0x30, 0x31, 0x39]) {
        const file = FILE.slice();
        file[at] = digit;
        sealed(file);
        try {
          expect(writeModel(readModel(file))).toEqual(file);
        } catch (error) {
          if (!(error instanceof CirculantError)) throw error;
        }
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
      if (Buffer.compare(file, FILE) !== 0) expect(refusal(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused when it is random bytes", () => {
    const next = random(15);
    for (let run = 0; run < 300; run++) {
      const file = Uint8Array.from({ length: next() % 500 }, () => next());
      if (run % 2 === 0 && file.length > 8) file.fill(0, 2, 8);
      expect(refusal(file)).toBeInstanceOf(ModelFileError);
    }
  });

  it("is refused without memory in the measure of the sizes it claims", () => {
    const wide = withProgram(({ input, operations }) => {
      input.shape = [1, 1, 2 ** 20];
      operations.splice(0, 10, { ...operations[8], inputs: [0], out: 2 ** 20 });
    });
    const tall = withProgram((program) => {
      program.input.shape = [2 ** 10, 2 ** 10, 1];
    });
    const far = withProgram(({ memory }) => {
      memory.words = 2 ** 30;
      memory.offsets[10] = 2 ** 30 - 8;
    });
    const nested = fileOf(`{"a":${"[".repeat(500_000)}`);
    const claims = FILE.slice();
    new DataView(claims.buffer).setBigUint64(0, 2n ** 63n, true);
    const keys = fileOf(`{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":0`).join(",")}}`);
    for (const file of [wide, tall, far, nested, claims, keys]) {
      const before = process.memoryUsage().arrayBuffers;
      expect(refusal(file)).toBeInstanceOf(ModelFileError);
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
    expect(refusal(new TextEncoder().encode(text)).message).toMatch(message);
  });
});
