import { SynthesisError } from "../errors.ts";
import { cached, defaultCacheDirectory, digest } from "../rtl/simulate/cache.ts";
import { optionalVersions } from "../rtl/simulate/packages.ts";
import { isVerilog, runYosys } from "../rtl/simulate/yosys.ts";
import { type Family, type Resources, resourcesOf } from "./family.ts";
import { countCells, countModules, type MappedNetlist, type NetModule, readMapped } from "./netlist.ts";

/** A design to synthesise. */
export interface SynthesisDesign {
  /** Verilog files, and memory images beside them. */
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  readonly top: string;
  /** Overrides of the top module's parameters: signed integers of 32 bits, or texts such as names of images. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Output ports that are left unconnected, as patterns of Yosys; what only they need is not built. */
  readonly unused?: readonly string[];
}

/** Cells of a module as they are called, and what they amount to. */
export interface ModuleCounts {
  readonly name: string;
  /** How often it stands in the design. */
  readonly instances: number;
  /** Of one instance, without the modules in it. */
  readonly cells: Readonly<Record<string, number>>;
  readonly resources: Resources;
}

export interface Synthesis {
  readonly family: Family;
  readonly design: SynthesisDesign;
  readonly tool: string;
  /** The ports of the top module as the Verilog has them. */
  readonly ports: NetModule["ports"];
  /** One flat module, or with `hierarchical` the modules of the design. */
  readonly netlist: MappedNetlist;
  readonly modules: readonly ModuleCounts[];
  readonly cells: Readonly<Record<string, number>>;
  readonly resources: Resources;
  /** Multiplications of the Verilog, constants folded, before they are mapped. */
  readonly multiplications: number;
  readonly seconds: number;
}

export interface SynthesisOptions {
  /** Keeps the modules apart, for counts by module. */
  readonly hierarchical?: boolean;
  readonly cacheDirectory?: string;
  readonly onProgress?: (message: string) => void;
}

const WRAPPER = "circulant_wrapper";
const NETLIST = "netlist.json";
const COUNTS = "counts.json";
const COARSE = "coarse.json";

/** Commands that elaborate the design with its parameters and leave it as a module of its plain name. */
function elaborate({ sources, top }: SynthesisDesign): readonly string[] {
  const verilog = sources.filter(({ name }) => isVerilog(name)).map(({ name }) => `"${name}"`);
  return [
    `read_verilog -defer ${verilog.join(" ")} ${WRAPPER}.v`,
    `hierarchy -check -top ${WRAPPER}`,
    `delete ${WRAPPER}`,
    "hierarchy -auto-top",
    `rename -top ${top}`,
  ];
}

function wrapper({ top, parameters }: SynthesisDesign): string {
  const overrides = Object.entries(parameters).map(([name, value]) => `.${name}(${JSON.stringify(value)})`);
  return `module ${WRAPPER}; ${top} #(${overrides.join(", ")}) u_top (); endmodule\n`;
}

/** The design in which multiplications are counted: as written, but for those by constants. */
const COUNT_MULTIPLIERS = ["design -save elaborated", "proc", "opt_expr", "opt_clean", "delete t:$meminit*"];

function mapTo(design: SynthesisDesign, family: Family, hierarchical: boolean): readonly string[] {
  return [
    ...(design.unused ?? []).map((ports) => `delete -output ${design.top}/w:${ports}`),
    `${family.synth} ${hierarchical ? family.hierarchical : family.flat} -top ${design.top}`,
  ];
}

function filesOf(design: SynthesisDesign): SynthesisDesign["sources"] {
  return [...design.sources, { name: `${WRAPPER}.v`, text: wrapper(design) }];
}

/** What Yosys is to run for the counts of a flat design alone, without its netlist. */
export interface CountRun {
  readonly script: string;
  readonly files: SynthesisDesign["sources"];
  /** Name of the file that it writes, for {@link cellsCounted}. */
  readonly output: string;
}

/** The commands of {@link synthesise} up to the counts, for whoever runs Yosys for many designs in a row. */
export function countRun(design: SynthesisDesign, family: Family): CountRun {
  const script = [...elaborate(design), ...mapTo(design, family, false), `tee -q -o ${COUNTS} stat -json`];
  return { script: script.join("; "), files: filesOf(design), output: COUNTS };
}

/** Cells by type, from the file that a {@link CountRun} writes. */
export function cellsCounted(json: string): Readonly<Record<string, number>> {
  return (JSON.parse(json) as { design: { num_cells_by_type: Record<string, number> } }).design.num_cells_by_type;
}

/**
 * Synthesises a design for a family of devices.
 *
 * @throws SynthesisError if Yosys refuses the design
 * @throws SimulationError if Yosys is not installed
 */
export async function synthesise(
  design: SynthesisDesign,
  family: Family,
  { hierarchical = false, cacheDirectory = defaultCacheDirectory(), onProgress = () => {} }: SynthesisOptions = {},
): Promise<Synthesis> {
  const script = [
    ...elaborate(design),
    ...COUNT_MULTIPLIERS,
    `write_json ${COARSE}`,
    "design -load elaborated",
    ...mapTo(design, family, hierarchical),
    `write_json ${NETLIST}`,
  ];
  const files = filesOf(design);
  const tool = `Yosys ${optionalVersions()["@yowasp/yosys"]}`;
  const started = performance.now();
  const key = digest([tool, script, files]);
  const packed = await cached(cacheDirectory, `${key}.netlist`, async () => {
    onProgress(`${family.name}: Yosys synthesises ${design.top}${hierarchical ? ", modules apart" : ""}`);
    const result = await runYosys(script.join("; "), files, [NETLIST, COARSE]);
    if (!result.ok) {
      throw new SynthesisError(
        `${design.top}: expected Verilog that Yosys synthesises for ${family.name}, got ${lastLines(result.log)}`,
        { family: family.name, top: design.top, log: result.log },
      );
    }
    const coarse = readMapped(result.files[COARSE], design.top);
    const instances = countModules(coarse);
    const multiplications = coarse.reduce(
      (sum, module) => sum + (countCells(module, coarse).$mul ?? 0) * (instances.get(module.name) ?? 0),
      0,
    );
    const { ports } = coarse[0];
    const seconds = (performance.now() - started) / 1000;
    onProgress(`${family.name}: synthesised in ${seconds.toFixed(1)} s`);
    return new TextEncoder().encode(JSON.stringify({ ports, multiplications, seconds, json: result.files[NETLIST] }));
  });
  const { json, ports, multiplications, seconds } = JSON.parse(new TextDecoder().decode(packed)) as Packed;
  const netlist = readMapped(json, design.top);
  const modules = moduleCounts(netlist, family);
  const cells: Record<string, number> = {};
  for (const module of modules) {
    for (const [type, count] of Object.entries(module.cells))
      cells[type] = (cells[type] ?? 0) + count * module.instances;
  }
  const resources = resourcesOf(family, cells);
  return { family, design, tool, ports, netlist, modules, cells, resources, multiplications, seconds };
}

interface Packed {
  readonly json: string;
  readonly ports: NetModule["ports"];
  readonly multiplications: number;
  readonly seconds: number;
}

function moduleCounts(netlist: MappedNetlist, family: Family): ModuleCounts[] {
  const instances = countModules(netlist);
  return netlist
    .filter(({ name }) => instances.has(name))
    .map((module) => {
      const cells = countCells(module, netlist);
      return {
        name: module.name,
        instances: instances.get(module.name) ?? 0,
        cells,
        resources: resourcesOf(family, cells),
      };
    });
}

function lastLines(log: string): string {
  const lines = log.split("\n").filter((line) => /error/i.test(line));
  return (lines.length > 0 ? lines.join("; ") : log.trim()).slice(-2000);
}
