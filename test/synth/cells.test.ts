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

/** A memory that is written in words of one width and read in words of another, the wider one of several narrower. */
function unevenMemory(written: number, read: number, family: FamilyName): Promise<Synthesis> {
  const narrow = Math.min(written, read);
  const block = family === "ice40" ? 4096 : 16384;
  const depth = block / (narrow % 9 === 0 ? (8 * narrow) / 9 : narrow);
  const port = (width: number) => ({ words: width / narrow, bits: Math.log2((depth * narrow) / width) });
  const place = (address: string, { words }: { words: number }, i: number) =>
    words === 1 ? address : `{${address}, ${Math.log2(words)}'d${i}}`;
  const lines = (width: number, line: (slice: string, i: number) => string) =>
    Array.from({ length: width / narrow }, (_, i) => line(`[${narrow * i}+:${narrow}]`, i)).join("\n");
  const text = `module uneven_memory (
  input wire clk, input wire write_i, input wire [${port(written).bits - 1}:0] write_address_i,
  input wire [${written - 1}:0] data_i, input wire [${port(read).bits - 1}:0] read_address_i,
  output reg [${read - 1}:0] data_o
);
  reg [${narrow - 1}:0] mem [0:${depth - 1}];
  always @(posedge clk) begin
    if (write_i) begin
${lines(written, (slice, i) => `      mem[${place("write_address_i", port(written), i)}] <= data_i${slice};`)}
    end
${lines(read, (slice, i) => `    data_o${slice} <= mem[${place("read_address_i", port(read), i)}];`)}
  end
endmodule
`;
  const design = { sources: [{ name: "uneven_memory.v", text }], top: "uneven_memory", parameters: {} };
  return synthesise(design, FAMILIES[family]);
}

/** The widths of the ports of a netlist's block memories; of iCE40 the modes that stand for them. */
function portWidths({ netlist }: Synthesis): number[][] {
  const memories = Object.values(netlist[0].cells).filter(({ type }) => /^(DP16KD|RAMB\d+E1|SB_RAM40_4K)$/.test(type));
  return memories.map(({ parameters }) =>
    Object.entries(parameters)
      .filter(([name]) => /WIDTH_[AB]$|^(READ|WRITE)_MODE$/.test(name))
      .map(([, bits]) => Number.parseInt(bits, 2)),
  );
}

/** The netlist with two pins of its block memories exchanged. */
function exchanged(synthesis: Synthesis, pin: string, other: string): Synthesis {
  const netlist = synthesis.netlist.map((module) => ({
    ...module,
    cells: Object.fromEntries(
      Object.entries(module.cells).map(([name, cell]) => {
        const { [pin]: a, [other]: b } = cell.connections;
        if (a === undefined || b === undefined) return [name, cell];
        return [name, { ...cell, connections: { ...cell.connections, [pin]: b, [other]: a } }];
      }),
    ),
  }));
  return { ...synthesis, netlist };
}

describe("the models of block memories", () => {
  it.each([
    ["xc7", "RAMB18E1", 16, 10],
    ["xc7", "RAMB18E1", 4, 12],
    ["xc7", "RAMB36E1", 36, 10],
    ["ecp5", "DP16KD", 16, 10],
    ["ecp5", "DP16KD", 4, 12],
    ["ice40", "SB_RAM40_4K", 16, 9],
  ] as const)("of %s, %s, give the words of a memory of %i bits by 2^%i", async (family, cell, width, addressWidth) => {
    const synthesis = await memory(family, width, addressWidth);
    expect(synthesis.cells[cell]).toBeGreaterThan(0);
    expect((await compareOnRandomInputs(synthesis)).words).toBe(4080);
  });

  it.each([
    ["ecp5", 36, 9],
    ["ecp5", 9, 18],
    ["ecp5", 8, 4],
    ["xc7", 18, 9],
    ["xc7", 4, 8],
    ["ice40", 8, 4],
  ] as const)(
    "of %s give the words of a memory that is written in %i bits and read in %i",
    async (family, written, read) => {
      const synthesis = await unevenMemory(written, read, family);
      expect(portWidths(synthesis).length).toBeGreaterThan(0);
      for (const widths of portWidths(synthesis)) expect(new Set(widths.filter((width) => width > 0)).size).toBe(2);
      expect((await compareOnRandomInputs(synthesis)).words).toBe(4080);
    },
  );

  it("give other words where address pins below a wider port's are exchanged", async () => {
    const synthesis = await unevenMemory(36, 9, "ecp5");
    const wrong = exchanged(synthesis, "ADB3", "ADB4");
    await expect(compareOnRandomInputs(wrong)).rejects.toThrow(/another data_o/);
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
