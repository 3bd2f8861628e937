import { describe, expect, it } from "vitest";
import { moduleToSynthesise } from "../../src/synth/catalogue.ts";
import { FAMILIES, type FamilyName } from "../../src/synth/family.ts";
import { compareOnRandomInputs } from "../../src/synth/stimulus.ts";
import { type Synthesis, synthesise } from "../../src/synth/synthesise.ts";

/** The netlist of a memory whose cells have another parameter than Yosys gave them. */
function altered(synthesis: Synthesis, parameters: Readonly<Record<string, string>>): Synthesis {
  const netlist = synthesis.netlist.map((module) => ({
    ...module,
    cells: Object.fromEntries(
      Object.entries(module.cells).map(([name, cell]) => {
        const known = Object.keys(parameters).every((parameter) => parameter in cell.parameters);
        return [name, known ? { ...cell, parameters: { ...cell.parameters, ...parameters } } : cell];
      }),
    ),
  }));
  return { ...synthesis, netlist };
}

const memory = (family: FamilyName, width: number, addressWidth: number) =>
  synthesise(moduleToSynthesise("memory", { WIDTH: width, ADDRESS_WIDTH: addressWidth }), FAMILIES[family]);

describe("the models of block memories", () => {
  it.each([
    ["xc7", "RAMB18E1", 16, 10],
    ["xc7", "RAMB18E1", 4, 12],
    ["xc7", "RAMB36E1", 36, 10],
    ["ecp5", "DP16KD", 16, 10],
    ["ecp5", "DP16KD", 4, 12],
  ] as const)("of %s, %s, give the words of a memory of %i bits by 2^%i", async (family, cell, width, addressWidth) => {
    const synthesis = await memory(family, width, addressWidth);
    expect(synthesis.cells[cell]).toBeGreaterThan(0);
    expect((await compareOnRandomInputs(synthesis)).words).toBe(4080);
  });

  it("show the ninth bits that Yosys writes wrongly in a memory of 72 bits for Xilinx 7", async () => {
    await expect(compareOnRandomInputs(await memory("xc7", 72, 9))).rejects.toThrow(
      /another data_o, bit (44|53|62|71),/,
    );
  });

  it("refuse a mode that they do not have", async () => {
    const synthesis = await memory("xc7", 16, 10);
    await expect(compareOnRandomInputs(altered(synthesis, { DOA_REG: "1" }))).rejects.toThrow(/registers_and_cascades/);
  });

  it("give other words for another first content, so that it counts", async () => {
    const rom = moduleToSynthesise("activation");
    const synthesis = await synthesise(rom, FAMILIES.ecp5);
    await compareOnRandomInputs(synthesis);
    const wrong = altered(synthesis, { INITVAL_00: "1".repeat(320) });
    await expect(compareOnRandomInputs(wrong)).rejects.toThrow(/another y_o/);
  });
});
