import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DESCRIPTOR_BITS, DESCRIPTOR_FIELDS } from "../../src/rtl/descriptor.ts";
import { engineDesign } from "../../src/rtl/engine.ts";
import { formatImage, memoryImages, parseImage } from "../../src/rtl/images.ts";
import { DEFAULT_PARAMETERS, type EngineParameters, parametersFor } from "../../src/rtl/parameters.ts";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { engineSources, RTL_FOLDER } from "../../src/rtl/sources.ts";
import { randomCases, randomLayers, randomNetwork } from "./networks.ts";

describe("the Verilog", () => {
  const build = (changes: Partial<EngineParameters>) =>
    openSimulation("wasm", engineDesign({ ...DEFAULT_PARAMETERS, ...changes }, engineSources()));

  it.each([
    ["LANES", { LANES: 0 }],
    ["LOG2_K_MAX", { LOG2_K_MAX: 12, SPECTRUM_WIDTH: 14 }],
    ["ACTIVATION_WIDTH", { ACTIVATION_WIDTH: 2 }],
    ["SPECTRUM_WIDTH", { SPECTRUM_WIDTH: 11 }],
    ["TABLE_WIDTH", { TABLE_WIDTH: 9 }],
    ["WEIGHT_BITS", { WEIGHT_BITS: 7 }],
    ["WEIGHT_BITS", { WEIGHT_BITS: 17 }],
  ])("refuses at elaboration a %s that cannot be built", async (name, changes) => {
    await expect(build(changes)).rejects.toThrow(`ERROR_circulant_engine_${name}`);
  });

  it("has one module a file, of the file's name, with a comment of what it computes", () => {
    for (const { name, text } of engineSources(RTL_FOLDER)) {
      expect(text.match(/^module (\w+)/gm), name).toEqual([`module ${name.replace(".v", "")}`]);
      expect(text.startsWith("// "), name).toBe(true);
    }
  });
});

describe("memory images", () => {
  it("read back as they were written", () => {
    for (const { program } of [...randomCases(3, 5, randomLayers), ...randomCases(3, 5, randomNetwork)]) {
      for (const image of memoryImages(program, parametersFor(program))) {
        expect(parseImage(formatImage(image), image, image.file)).toEqual(image.limbs);
      }
    }
  });

  it.each([
    ["a word too few", "1234\n", "expected 2 words, got 1"],
    ["a digit that is none", "1234\n12g4\n", "line 2"],
    ["a word too wide", "1234\n12345\n", "line 2"],
  ])("with %s are refused", (_, text, message) => {
    const image = {
      file: "bias.hex",
      parameter: "BIAS_IMAGE",
      paths: [],
      width: 16,
      numberBits: 16,
      limbs: new Uint32Array(2),
    };
    expect(() => parseImage(text, image, "bias.hex")).toThrow(message);
  });

  it("descriptor fields stand in rtl/circulant_engine.v where the emitter puts them", () => {
    const text = readFileSync(`${RTL_FOLDER}/circulant_engine.v`, "utf8");
    expect(text).toContain(`DESCRIPTOR_BITS = ${DESCRIPTOR_BITS};`);
    for (const [name, low, bits] of DESCRIPTOR_FIELDS) {
      const fixed = bits === 1 ? `descriptor[${low}]` : `descriptor[${low + bits - 1}:${low}]`;
      expect(text.includes(fixed) || text.includes(`descriptor[${low}+:`), name).toBe(true);
    }
  });
});
