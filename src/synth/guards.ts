import { SynthesisError } from "../errors.ts";
import type { Synthesis } from "./synthesise.ts";

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
