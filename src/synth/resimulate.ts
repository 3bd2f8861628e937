import type { Design } from "../rtl/simulate/design.ts";
import type { VerilogSource } from "../rtl/sources.ts";
import { takeImages } from "./images.ts";
import { cellModels } from "./models.ts";
import type { NetModule } from "./netlist.ts";
import type { Synthesis } from "./synthesise.ts";
import { netlistToSimulate } from "./verilog.ts";

/**
 * The design of a simulation with a netlist in the place of the Verilog it was made of: every other source stays, the
 * netlist's cells have the models of their family.
 *
 * @param around the simulation of the Verilog; memories inside the synthesised module are none of it any more
 * @param instance name of the synthesised module inside its top module
 */
export async function netlistDesign(synthesis: Synthesis, around: Design, instance: string): Promise<Design> {
  const { design, ports, family } = synthesis;
  const { netlist, images } = takeImages(synthesis.netlist);
  const renamed = netlist.map((module, i) => ({
    ...module,
    name: `${module.name}${SUFFIX}`,
    cells: Object.fromEntries(
      Object.entries(module.cells).map(([name, cell]) => {
        const own = netlist.some((other) => other.name === cell.type);
        return [name, own ? { ...cell, type: `${cell.type}${SUFFIX}` } : cell];
      }),
    ),
    ...(i === 0 ? { name: `${design.top}${SUFFIX}` } : {}),
  }));
  const sources: VerilogSource[] = [
    ...around.sources.filter(({ name }) => name !== `${design.top}.v`),
    { name: `${design.top}${SUFFIX}.v`, text: `${shell(synthesis, ports)}${netlistToSimulate(renamed)}` },
    { name: "cells.v", text: await cellModels(renamed, family) },
    ...images,
  ];
  return {
    ...around,
    sources,
    memories: around.memories.filter(({ path }) => !path.startsWith(`${instance}.`)),
    trace: [],
    mapped: true,
  };
}

const SUFFIX = "_netlist";

/** A module of the name, parameters and ports of the Verilog around the netlist, whose ports may be fewer. */
function shell({ design, netlist }: Synthesis, ports: NetModule["ports"]): string {
  const parameters = Object.keys(design.parameters).map((name) => `parameter ${name} = 0`);
  const declared = Object.entries(ports).map(
    ([name, { direction, bits }]) => `  ${direction} wire [${bits.length - 1}:0] ${name}`,
  );
  const connected = Object.keys(netlist[0].ports).map((name) => `    .${name}(${name})`);
  return [
    `module ${design.top}${parameters.length > 0 ? ` #(${parameters.join(", ")})` : ""} (\n${declared.join(",\n")}\n);`,
    `  ${design.top}${SUFFIX} u_netlist (\n${connected.join(",\n")}\n  );`,
    "endmodule\n",
  ].join("\n");
}
