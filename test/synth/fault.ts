import type { Bit, NetCell, NetModule } from "../../src/synth/netlist.ts";
import type { Synthesis } from "../../src/synth/synthesise.ts";
import { isTable } from "../../src/synth/verilog.ts";

/** The netlist with one bit changed in the look-up table that is nearest to the first bit of an output port. */
export function withFlippedTable(synthesis: Synthesis, port: string): Synthesis {
  const [top, ...rest] = synthesis.netlist;
  const name = nearestTable(top, port);
  const faulty = { ...top, cells: { ...top.cells, [name]: flipped(top.cells[name]) } };
  return { ...synthesis, netlist: [faulty, ...rest] };
}

/** Searches from the port back, breadth first. */
function nearestTable({ ports, cells }: NetModule, port: string): string {
  const drivers = new Map<Bit, string>();
  for (const [name, cell] of Object.entries(cells)) for (const bit of bitsOf(cell, "output")) drivers.set(bit, name);
  const seen = new Set<string>();
  const queue: Bit[] = [ports[port].bits[0]];
  for (const bit of queue) {
    const name = drivers.get(bit);
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    if (isTable(cells[name].type)) return name;
    queue.push(...bitsOf(cells[name], "input"));
  }
  throw new Error(`${port}: expected a look-up table before it, got none`);
}

function bitsOf({ connections, port_directions = {} }: NetCell, direction: "input" | "output"): Bit[] {
  return Object.entries(connections).flatMap(([pin, bits]) => (port_directions[pin] === direction ? bits : []));
}

/** The entry for all inputs low is the one changed; inputs that are constant count as they are. */
function flipped(cell: NetCell): NetCell {
  const name = "INIT" in cell.parameters ? "INIT" : "LUT_INIT";
  const content = [...cell.parameters[name]];
  const inputs = ["I0", "I1", "I2", "I3", "I4", "I5"].map(
    (pin, i) => cell.connections[pin] ?? cell.connections["ABCD"[i]],
  );
  const entry = inputs.reduce((sum, bits, i) => sum + (bits?.[0] === "1" ? 2 ** i : 0), 0);
  const at = content.length - 1 - entry;
  content[at] = content[at] === "1" ? "0" : "1";
  return { ...cell, parameters: { ...cell.parameters, [name]: content.join("") } };
}
