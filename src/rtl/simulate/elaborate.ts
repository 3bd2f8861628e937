import type { Design, TraceChannel } from "./design.ts";
import { integer, memoryPath, readNetlist } from "./netlist.ts";
import { elaborateNetlist } from "./yosys.ts";

/** A design as its author knows it; memories and outputs are found in the Verilog. */
export interface VerilogDesign {
  readonly sources: Design["sources"];
  readonly top: string;
  readonly parameters?: Design["parameters"];
  readonly trace?: readonly TraceChannel[];
}

/** Widest output that is a number. */
const OUTPUT_BITS = 53;

/**
 * Completes a design: all its memories that start at address 0, and all its outputs of at most 53 bits.
 *
 * @throws SimulationError if a package that is needed is absent, or Yosys refuses the Verilog
 */
export async function elaborateDesign({ sources, top, parameters = {}, trace = [] }: VerilogDesign): Promise<Design> {
  const { cells, ports } = readNetlist(await elaborateNetlist(sources, top, parameters));
  const memories = cells.filter((cell) => cell.type === "$mem_v2" && integer(cell, "OFFSET") === 0);
  const outputs = [...ports].filter(([, { direction, width }]) => direction === "output" && width <= OUTPUT_BITS);
  return {
    ...{ sources, top, parameters, trace },
    memories: memories.map((cell) => ({
      path: memoryPath(cell),
      width: integer(cell, "WIDTH"),
      depth: integer(cell, "SIZE"),
    })),
    outputs: outputs.map(([name]) => name),
  };
}
