import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cached, defaultCacheDirectory, digest } from "./cache.ts";
import { openCompiled } from "./compiled.ts";
import { describeModule } from "./description.ts";
import type { Design, Simulation } from "./design.ts";
import { compileNetlist } from "./module.ts";
import { type PortShape, readNetlist } from "./netlist.ts";
import { optionalVersions, resolveOptional } from "./packages.ts";
import { findShipped } from "./shipped.ts";
import { elaborateNetlist } from "./yosys.ts";

/** Makes a design ready on the simulator in WebAssembly: the shipped one, the one in the cache, or a new one. */
export async function openWasm(
  design: Design,
  cacheDirectory: string,
  onProgress: (message: string) => void,
): Promise<Simulation> {
  const shipped = findShipped(simulationDigest(design));
  const wasm = shipped ?? (await cachedSimulation(design, cacheDirectory, onProgress));
  return openCompiled(Uint8Array.from(wasm));
}

/** What {@link compileSimulation} makes, from the folder if it is there. */
export function cachedSimulation(
  design: Design,
  cacheDirectory: string = defaultCacheDirectory(),
  onProgress?: (message: string) => void,
): Promise<Uint8Array> {
  return cached(cacheDirectory, `${simulationDigest(design)}.wasm`, () => compileSimulation(design, onProgress));
}

/** SHA-256, hexadecimal, of all that makes a compiled simulation: design, simulator, the packages that build it. */
export function simulationDigest(design: Design): string {
  return digest([generatorText(), optionalVersions(), design]);
}

let text: readonly string[] | undefined;

/** The text of this program itself, for another generator makes another module. */
function generatorText(): readonly string[] {
  if (text === undefined) {
    const directory = fileURLToPath(new URL(".", import.meta.url));
    const files = readdirSync(directory).filter((name) => /(?<!\.d)\.[jt]s$/.test(name));
    text = files.sort().map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));
  }
  return text;
}

/**
 * Compiles a design to a WebAssembly module, which `openCompiled` runs wherever WebAssembly runs.
 *
 * @throws SimulationError if a package that builds it is absent, Yosys refuses the Verilog, or the design is not
 *   synchronous to one clock
 */
export async function compileSimulation(
  design: Design,
  onProgress: (message: string) => void = () => {},
): Promise<Uint8Array> {
  const binaryen = await import(pathToFileURL(resolveOptional("binaryen")).href);
  onProgress(`${design.top}: Yosys reads ${design.sources.length} Verilog files`);
  const json = await elaborateNetlist(design.sources, design.top, design.parameters, design.mapped);
  onProgress(`${design.top}: the netlist is translated to WebAssembly`);
  const netlist = readNetlist(json);
  const { wasm, layout, nets } = compileNetlist(netlist, design, binaryen.default);
  const { sources: _, ...rest } = design;
  const ports = Object.fromEntries(
    [...netlist.ports].map(([name, { direction, width, signed }]): [string, PortShape] => [
      name,
      { direction, width, signed },
    ]),
  );
  return describeModule(wasm, { digest: simulationDigest(design), design: rest, ports, layout, nets });
}
