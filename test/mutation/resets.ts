import { RESET_CYCLES, type Simulation } from "../../src/rtl/simulate/design.ts";
import type { Bit, Cell, Netlist, Signal } from "../../src/rtl/simulate/netlist.ts";

const PORT = "second_reset_at_i";
const WIDTH = 20;
const NEVER = 2 ** WIDTH - 1;

/**
 * A netlist whose reset is of one cycle, the last of the four: until then the cells run on from what they hold. A second
 * one comes in the cycle that a new port names.
 */
export function withResets(netlist: Netlist): Netlist {
  const { cells, ports } = netlist;
  const reset = ports.get("rst_i")?.bits[0] ?? "0";
  const CLK = ports.get("clk")?.bits ?? [];
  const nets = cells.flatMap(({ connections }) => Object.values(connections).flat());
  let highest = nets.reduce<number>((most, bit) => (typeof bit === "number" && bit > most ? bit : most), 0);
  const fresh = (width = 1): Bit[] => Array.from({ length: width }, () => ++highest);
  const made: Cell[] = [];
  const add = (type: string, connections: Record<string, Signal>, parameters: Record<string, string> = {}) =>
    made.push({ name: `$reset$${made.length}`, type, parameters, connections });
  const operator = (type: string, A: Signal, B: Signal, Y: Signal) => {
    const binary = (signal: Signal) => signal.length.toString(2);
    const widths = { A_WIDTH: binary(A), B_WIDTH: binary(B), Y_WIDTH: binary(Y), A_SIGNED: "0", B_SIGNED: "0" };
    add(type, { A, B, Y }, widths);
  };

  let late: Signal = [reset];
  for (let i = 1; i < RESET_CYCLES; i++) {
    const Q = fresh();
    add("$dff", { CLK, D: late, Q }, { WIDTH: "1", CLK_POLARITY: "1" });
    late = Q;
  }
  const [first, again, any, count, next, at] = [fresh(), fresh(), fresh(), fresh(WIDTH), fresh(WIDTH), fresh(WIDTH)];
  operator("$logic_and", [reset], late, first);
  operator("$add", count, ["1"], next);
  add(
    "$sdff",
    { CLK, SRST: [reset], D: next, Q: count },
    { WIDTH: WIDTH.toString(2), CLK_POLARITY: "1", SRST_POLARITY: "1", SRST_VALUE: "0".repeat(WIDTH) },
  );
  operator("$eq", count, at, again);
  operator("$logic_or", first, again, any);

  const renamed = cells.map((cell) => {
    const entries = Object.entries(cell.connections).map(([name, bits]) => {
      return [name, bits.map((bit) => (bit === reset ? any[0] : bit))] as const;
    });
    return { ...cell, connections: Object.fromEntries(entries) };
  });
  const port = { direction: "input", width: WIDTH, signed: false, bits: at } as const;
  return { ...netlist, cells: [...renamed, ...made], ports: new Map([...ports, [PORT, port]]) };
}

/** A simulation of such a netlist, without a second reset, or with one. */
export function resetAt(simulation: Simulation, cycle: number = NEVER): Simulation {
  return {
    ...simulation,
    run: (request) => simulation.run({ ...request, inputs: { [PORT]: cycle, ...request.inputs } }),
  };
}
