import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { relaxedPlaces } from "../../scripts/kernel-modules.mjs";
import { forbiddenOpcodes } from "../../scripts/opcodes.mjs";
import { TWIDDLES } from "../../src/fft/twiddles.ts";
import { rshr } from "../../src/fixed/arithmetic.ts";
import { engine } from "../../src/runtime/engine.ts";
import { BUILDS, readKernels } from "./realisations.ts";

const kindOf = (build: string) => (build === "relaxed" ? "relaxed" : "plain");

/** A binary of one function with one instruction of two operands. */
function binaryOf(name: string): Uint8Array {
  const body = `(${name} (local.get 0) (local.get 0))`;
  const module = binaryen.parseText(`(module (func (export "f") (param v128) (result v128) ${body}))`);
  module.setFeatures(binaryen.Features.All);
  return module.emitBinary();
}

describe.each(BUILDS)("the kernels, %s", (build) => {
  it("import nothing", () => {
    expect(WebAssembly.Module.imports(new WebAssembly.Module(readKernels(build)))).toEqual([]);
  });

  it("use no instruction that is not on the list", () => {
    expect(forbiddenOpcodes(readKernels(build), kindOf(build))).toEqual([]);
  });
});

describe("the list of instructions", () => {
  it.each(["plain", "relaxed", "training"] as const)("refuses relaxed instructions for %s", (kind) => {
    const product = "i16x8.relaxed_q15mulr_s";
    expect(forbiddenOpcodes(binaryOf(product), kind)).toEqual(kind === "relaxed" ? [] : [product]);
    expect(forbiddenOpcodes(binaryOf("f32x4.relaxed_min"), kind)).toEqual(["f32x4.relaxed_min"]);
  });

  it.each(["plain", "relaxed"] as const)("refuses floats for %s", (kind) => {
    expect(forbiddenOpcodes(binaryOf("f32x4.add"), kind)).toEqual(["f32x4.add"]);
  });

  it("refuses the relaxed kernels as plain ones, and every import", () => {
    expect(forbiddenOpcodes(readKernels("relaxed"), "plain")).toEqual(["i16x8.relaxed_q15mulr_s"]);
    const module = binaryen.parseText('(module (import "a" "b" (func)))');
    for (const kind of ["plain", "relaxed", "training"] as const) {
      expect(forbiddenOpcodes(module.emitBinary(), kind)).toEqual(["import"]);
    }
  });
});

describe("the relaxed product", () => {
  it("is in this engine, so that the relaxed kernels are tested", () => {
    expect(engine().relaxedSimd).toBe(true);
  });

  it("is all in which the relaxed binary differs", () => {
    const [plain, relaxed] = [readKernels("release"), readKernels("relaxed")];
    expect(relaxedPlaces(plain, relaxed).length).toBeGreaterThan(100);
    for (const at of [9, relaxedPlaces(plain, relaxed)[0] + 1]) {
      const altered = relaxed.slice();
      altered[at] ^= 1;
      expect(() => relaxedPlaces(plain, altered)).toThrow(`at ${at === 9 ? 9 : at - 1}`);
    }
    expect(() => relaxedPlaces(plain, plain)).toThrow("got none");
    expect(() => relaxedPlaces(plain, relaxed.subarray(1))).toThrow("one length");
  });

  it("has a twiddle as its second operand wherever it stands", () => {
    let calls = 0;
    for (const file of ["rfft", "irfft"]) {
      const text = readFileSync(new URL(`../../assembly/kernels/${file}.ts`, import.meta.url), "utf8");
      const loaded = /const (\w+) = v128\.load16_splat\((?:twiddles|nextTwiddles|TWIDDLES) \+/g;
      const twiddles = new Set([...text.matchAll(loaded)].map(([, name]) => name));
      for (const [call, operand] of text.matchAll(/mulrTwiddlex8\(\w+, (\w+)\)/g)) {
        expect(twiddles, call).toContain(operand);
        calls++;
      }
      expect(text).not.toMatch(/\bmulrx8\b/);
    }
    expect(calls).toBeGreaterThan(40);
  });

  it("never meets -32768 as a twiddle", () => {
    for (const words of [TWIDDLES, TWIDDLES.map((word) => rshr(word, 1))]) {
      expect(words.every((word) => word > 0)).toBe(true);
    }
  });
});
