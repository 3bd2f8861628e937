import { describe, expect, it } from "vitest";
import { moduleToSynthesise } from "../../src/synth/catalogue.ts";
import { FAMILIES } from "../../src/synth/family.ts";
import { checkMemories, checkMultipliers } from "../../src/synth/guards.ts";
import { compareOnRandomInputs } from "../../src/synth/stimulus.ts";
import { type Synthesis, synthesise } from "../../src/synth/synthesise.ts";

/** The sum of two registered products, of which Yosys loses one for iCE40 unless the registers are kept. */
function sumOfProducts(attribute: string): Promise<Synthesis> {
  const text = `module sum_of_products (
  input wire clk, input wire signed [15:0] a_i, b_i, c_i, d_i, output wire signed [31:0] y_o
);
  ${attribute} reg signed [31:0] p_q, q_q;
  always @(posedge clk) begin
    p_q <= a_i * b_i;
    q_q <= c_i * d_i;
  end
  assign y_o = p_q + q_q;
endmodule
`;
  const design = { sources: [{ name: "sum_of_products.v", text }], top: "sum_of_products", parameters: {} };
  return synthesise(design, FAMILIES.ice40);
}

describe("a multiplier that synthesis for iCE40 loses", () => {
  it("is seen by the undefined operands of another", async () => {
    const lost = await sumOfProducts("");
    expect(() => checkMultipliers({ ...lost, multiplications: 0 })).toThrow(/defined inputs.*got x on [ABCD]/);
  });

  it("is seen by the number of blocks", async () => {
    const lost = await sumOfProducts("");
    expect(() => checkMultipliers({ ...lost, netlist: [] })).toThrow("expected at least 2 SB_MAC16");
  });

  it("is seen by the simulated netlist", async () => {
    await expect(compareOnRandomInputs(await sumOfProducts(""))).rejects.toThrow(/another y_o, bit \d+, in cycle/);
  });

  it("is there when its registers are kept, and no check complains", async () => {
    const kept = await sumOfProducts("(* keep *)");
    checkMultipliers(kept);
    expect(kept.resources.dsp).toBe(2);
    expect((await compareOnRandomInputs(kept)).words).toBeGreaterThan(4000);
  });
});

describe("a memory of which synthesis for Xilinx 7 loses bits", () => {
  it("is seen by the width of its words", async () => {
    const lost = await synthesise(moduleToSynthesise("memory", { WIDTH: 72, ADDRESS_WIDTH: 9 }), FAMILIES.xc7);
    expect(() => checkMemories(lost)).toThrow("at most 36 bits, got 72");
  });

  it("is not among those of the streaming engine's rows", async () => {
    const rows = await synthesise(moduleToSynthesise("row_memory"), FAMILIES.xc7);
    checkMemories(rows);
    expect(rows.resources.blockRam).toBe(1);
    expect((await compareOnRandomInputs(rows)).words).toBe(4080);
  });
});
