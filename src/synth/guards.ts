import { SynthesisError } from "../errors.ts";
import type { Synthesis } from "./synthesise.ts";

/**
 * Checks what the cells of a netlist show by themselves: {@link checkMultipliers} and {@link checkMemories}.
 *
 * @throws SynthesisError naming what synthesis lost
 */
export function checkBlocks(synthesis: Synthesis): void {
  checkMultipliers(synthesis);
  checkMemories(synthesis);
}

/** The operands of a block, bit by bit or whole; its cascades and carries may be undefined where they are not used. */
const OPERAND = /^[ABCD]\d*$/;

/**
 * Checks what a netlist's counts alone can show of a multiplier that synthesis lost: no input of a multiplier block is
 * undefined, and there are no fewer blocks than the Verilog has multiplications.
 *
 * @throws SynthesisError naming the block, or both numbers
 */
export function checkMultipliers({ netlist, family, design, multiplications, resources }: Synthesis): void {
  for (const { name, cells } of netlist) {
    for (const [cell, { type, connections, port_directions = {} }] of Object.entries(cells)) {
      if (type !== family.dspCell) continue;
      const undefinedPort = Object.entries(connections).find(
        ([port, bits]) => OPERAND.test(port) && port_directions[port] !== "output" && bits.includes("x"),
      );
      if (undefinedPort === undefined) continue;
      throw new SynthesisError(
        `${design.top}, ${name}.${cell}: expected defined inputs of every ${type}, got x on ${undefinedPort[0]}; ` +
          "synthesis lost a multiplier: put (* keep *) on the registers of its product",
        { family: family.name, top: design.top, cell, port: undefinedPort[0] },
      );
    }
  }
  if (resources.dsp >= multiplications) return;
  throw new SynthesisError(
    `${design.top}: expected at least ${multiplications} ${family.dspCell}, one for each multiplication, got ` +
      `${resources.dsp}; synthesis lost a multiplier: put (* keep *) on the registers of its product`,
    { family: family.name, top: design.top, multiplications, got: resources.dsp },
  );
}

/** Of a written memory of this many bits Yosys gives the ninth bits of the upper half the values of the lower half's. */
const LOST_WIDTH = 72;

/**
 * Checks that no block memory of Xilinx 7 is written in words of 72 bits, of which synthesis loses four.
 *
 * @throws SynthesisError naming the block
 */
export function checkMemories({ netlist, family, design }: Synthesis): void {
  for (const { name, cells } of netlist) {
    for (const [cell, { type, parameters }] of Object.entries(cells)) {
      const widths = [parameters.WRITE_WIDTH_A, parameters.WRITE_WIDTH_B].map((bits) =>
        Number.parseInt(bits ?? "0", 2),
      );
      if (type !== "RAMB36E1" || !widths.includes(LOST_WIDTH)) continue;
      throw new SynthesisError(
        `${design.top}, ${name}.${cell}: expected a ${type} that is written in at most 36 bits, got ${LOST_WIDTH}, of which ` +
          "synthesis loses four; put memories of at most 36 bits side by side",
        { family: family.name, top: design.top, cell },
      );
    }
  }
}
