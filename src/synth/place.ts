import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { SynthesisError } from "../errors.ts";
import { isVerilog, runYosys } from "../rtl/simulate/yosys.ts";
import { FAMILIES } from "./family.ts";
import type { NetModule } from "./netlist.ts";
import type { SynthesisDesign } from "./synthesise.ts";

export type PartName = "up5k" | "hx8k";

/** Parts that nextpnr places; HX8K has no multiplier blocks. */
const PARTS: Readonly<Record<PartName, { readonly package: string; readonly synth: string }>> = {
  up5k: { package: "sg48", synth: FAMILIES.ice40.synth },
  hx8k: { package: "ct256", synth: "synth_ice40 -device hx" },
};

export interface Placement {
  readonly part: PartName;
  readonly tool: string;
  /** Megahertz of each seed, lowest first; what the tool's timing model says. */
  readonly frequencies: readonly number[];
  /** The middle one. */
  readonly frequency: number;
  readonly utilisation: Readonly<Record<string, { readonly used: number; readonly available: number }>>;
}

/**
 * Places and routes a module between shift registers, which stand in for its pins: a part has fewer than a module.
 *
 * @param ports the module's ports
 * @throws SynthesisError if nextpnr-ice40 is not there, or the module does not fit
 */
export async function place(
  design: SynthesisDesign,
  ports: NetModule["ports"],
  part: PartName,
  {
    seeds = 5,
    onProgress = () => {},
  }: { readonly seeds?: number; readonly onProgress?: (message: string) => void } = {},
): Promise<Placement> {
  const run = await findNextpnr();
  const json = await synthesiseHarness(design, ports, part, onProgress);
  const reports: Report[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    onProgress(`${part}: nextpnr places ${design.top}, seed ${seed} of ${seeds}`);
    const argv = ["--json", "netlist.json", `--${part}`, "--package", PARTS[part].package, "--seed", String(seed)];
    reports.push(JSON.parse(await run([...argv, ...OPTIONS, "--report", "report.json"], json)) as Report);
  }
  const frequencies = reports
    .map(({ fmax }) => Math.min(...Object.values(fmax).map(({ achieved }) => achieved)))
    .sort((a, b) => a - b);
  return {
    part,
    tool: run.tool,
    frequencies,
    frequency: frequencies[frequencies.length >> 1],
    utilisation: reports[0].utilization,
  };
}

const OPTIONS = ["--freq", "100", "--pcf-allow-unconstrained", "--timing-allow-fail", "--quiet"];

interface Report {
  readonly fmax: Readonly<Record<string, { readonly achieved: number }>>;
  readonly utilization: Placement["utilisation"];
}

const HARNESS = "placement_harness";

async function synthesiseHarness(
  design: SynthesisDesign,
  ports: NetModule["ports"],
  part: PartName,
  onProgress: (message: string) => void,
): Promise<string> {
  onProgress(`${part}: Yosys synthesises ${design.top} between shift registers`);
  const files = [...design.sources, { name: `${HARNESS}.v`, text: harness(design, ports) }];
  const verilog = files.filter(({ name }) => isVerilog(name)).map(({ name }) => `"${name}"`);
  const script = [
    `read_verilog -defer ${verilog.join(" ")}`,
    `${PARTS[part].synth} -top ${HARNESS}`,
    // nextpnr of Debian knows no scopes.
    "delete t:$scopeinfo",
    "write_json netlist.json",
  ];
  const { ok, log, files: written } = await runYosys(script.join("; "), files, ["netlist.json"]);
  if (ok) return written["netlist.json"];
  throw new SynthesisError(`${design.top}: expected Verilog that Yosys synthesises, got ${log.slice(-1000)}`, {
    top: design.top,
  });
}

/**
 * A serial bit fills a row of registers that drive the inputs; the outputs are taken into another row and leave bit by
 * bit. A second row of registers each side keeps the shifting out of the paths that are timed.
 */
function harness({ top, parameters, unused = [] }: SynthesisDesign, ports: NetModule["ports"]): string {
  const hidden = unused.map((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`));
  const sides = Object.entries(ports).filter(([name]) => name !== "clk" && !hidden.some((it) => it.test(name)));
  const width = (direction: string) =>
    sides.reduce((sum, [, port]) => sum + (port.direction === direction ? port.bits.length : 0), 0);
  const low = { input: 0, output: 0, inout: 0 };
  const connections = sides.map(([name, { direction, bits }]) => {
    const slice = `    .${name}(${direction === "input" ? "drive_q" : "seen"}[${low[direction]}+:${bits.length}])`;
    low[direction] += bits.length;
    return slice;
  });
  const overrides = Object.entries(parameters).map(([name, value]) => `.${name}(${JSON.stringify(value)})`);
  const [inputs, outputs] = [width("input"), width("output")];
  return `module ${HARNESS} (input wire clk, input wire serial_i, input wire take_i, output wire serial_o);
  reg [${inputs}:0] shift_in_q;
  (* keep *) reg [${inputs - 1}:0] drive_q;
  wire [${outputs - 1}:0] seen;
  (* keep *) reg [${outputs - 1}:0] seen_q;
  reg [${outputs}:0] shift_out_q;
  assign serial_o = shift_out_q[${outputs}];
  always @(posedge clk) begin
    shift_in_q <= {shift_in_q[${inputs - 1}:0], serial_i};
    if (take_i) drive_q <= shift_in_q[${inputs}:1];
    seen_q <= seen;
    shift_out_q <= take_i ? {1'b0, seen_q} : {shift_out_q[${outputs - 1}:0], 1'b0};
  end
  ${top}${overrides.length > 0 ? ` #(${overrides.join(", ")})` : ""} u_dut (
${["    .clk(clk)", ...connections].join(",\n")}
  );
endmodule
`;
}

interface Nextpnr {
  (argv: readonly string[], json: string): Promise<string>;
  readonly tool: string;
}

/** nextpnr-ice40 on the path, or the npm package if it is installed. */
async function findNextpnr(): Promise<Nextpnr> {
  const native = await nativeNextpnr();
  if (native !== undefined) return native;
  const packaged = await packagedNextpnr();
  if (packaged !== undefined) return packaged;
  throw new SynthesisError(
    "nextpnr-ice40: expected a program that places and routes, got none; install Debian's nextpnr-ice40, or " +
      "npm install @yowasp/nextpnr-ice40@0.8.621 (220 MB)",
    { tool: "nextpnr-ice40" },
  );
}

async function nativeNextpnr(): Promise<Nextpnr | undefined> {
  const execute = promisify(execFile);
  let tool: string;
  try {
    const { stderr, stdout } = await execute("nextpnr-ice40", ["--version"]);
    tool = /nextpnr-ice40.*?\(Version ([^)]*)\)/.exec(`${stderr}${stdout}`)?.[1] ?? "unknown";
  } catch {
    return undefined;
  }
  const run = async (argv: readonly string[], json: string) => {
    const folder = mkdtempSync(join(tmpdir(), "circulant-place-"));
    try {
      writeFileSync(join(folder, "netlist.json"), json);
      await execute("nextpnr-ice40", [...argv], { cwd: folder, maxBuffer: 2 ** 26 });
      return readFileSync(join(folder, "report.json"), "utf8");
    } catch (error) {
      throw didNotFit(error);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return Object.assign(run, { tool: `nextpnr-ice40 ${tool}` });
}

interface NextpnrPackage {
  readonly version: string;
  readonly runNextpnrIce40: (
    argv: readonly string[],
    files: Readonly<Record<string, string>>,
    options: { readonly stdout: null; readonly stderr: null; readonly decodeASCII: true },
  ) => Promise<Readonly<Record<string, string>>>;
}

async function packagedNextpnr(): Promise<Nextpnr | undefined> {
  let bundle: string;
  try {
    bundle = createRequire(join(process.cwd(), "package.json")).resolve("@yowasp/nextpnr-ice40");
  } catch {
    return undefined;
  }
  const { version, runNextpnrIce40 } = (await import(pathToFileURL(bundle).href)) as NextpnrPackage;
  const run = async (argv: readonly string[], json: string) => {
    try {
      const options = { stdout: null, stderr: null, decodeASCII: true } as const;
      const files = await runNextpnrIce40(argv, { "netlist.json": json }, options);
      return files["report.json"];
    } catch (error) {
      throw didNotFit(error);
    }
  };
  return Object.assign(run, { tool: `@yowasp/nextpnr-ice40 ${version}` });
}

function didNotFit(error: unknown): SynthesisError {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr ?? message).split("\n").filter((line) => /ERROR/.test(line));
  return new SynthesisError(`nextpnr-ice40: expected a design that fits, got ${lines.join("; ") || message}`, {
    tool: "nextpnr-ice40",
  });
}
