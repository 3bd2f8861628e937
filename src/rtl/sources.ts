import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SimulationError } from "../errors.ts";

/** A Verilog file. */
export interface VerilogSource {
  readonly name: string;
  readonly text: string;
}

/** The folder of the package's Verilog: two floors above this file, in the sources and in the build alike. */
export const RTL_FOLDER: string = fileURLToPath(new URL("../../rtl", import.meta.url));

/**
 * The Verilog of the engine and its bench.
 *
 * @param folder holds the engine's modules; the package's own if not given
 * @throws SimulationError if the folder has no Verilog
 */
export function engineSources(folder: string = RTL_FOLDER): readonly VerilogSource[] {
  return [...verilogOf(folder), ...verilogOf(`${RTL_FOLDER}/bench`)];
}

export function verilogOf(folder: string): VerilogSource[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".v"));
  } catch (cause) {
    throw new SimulationError(`${folder}: expected a folder of Verilog files (${(cause as Error).message})`, {
      folder,
    });
  }
  if (names.length === 0) throw new SimulationError(`${folder}: expected Verilog files (*.v), got none`, { folder });
  return names.sort().map((name) => ({ name, text: readFileSync(`${folder}/${name}`, "utf8") }));
}
