import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulationError } from "../../errors.ts";
import { BENCH, benchText, dumpFile, loadFile, RESULT_FILE, TRACE_FILE } from "./bench.ts";
import { cached, digest, writeExecutable } from "./cache.ts";
import type { Design, RunRequest, RunResult, Simulation, SimulatorName, TraceTable } from "./design.ts";
import { formatHex, getWords, type HexWords, parseHex, putWords } from "./hex.ts";
import { checkPorts, type Netlist, readNetlist } from "./netlist.ts";
import { checkRequest, didNotFinish, serial } from "./request.ts";
import { elaboratePorts, isVerilog, yosysVersion } from "./yosys.ts";

type ExternalName = Exclude<SimulatorName, "wasm">;

/** How a simulator is built and run, in a folder that holds the sources. */
interface Tool {
  /** Programs that must be there, each with the argument that makes it end at once. */
  readonly programs: readonly (readonly [string, string])[];
  readonly remedy: string;
  readonly build: (files: readonly string[]) => readonly [string, readonly string[]];
  /** What the build leaves, in the folder. */
  readonly built: string;
  readonly run: readonly string[];
}

const TOOLS: Readonly<Record<ExternalName, Tool>> = {
  icarus: {
    programs: [
      ["iverilog", "-V"],
      ["vvp", "-V"],
    ],
    remedy: "apt-get install iverilog",
    build: (files) => ["iverilog", ["-g2005", "-s", BENCH, "-o", "simulation", ...files]],
    built: "simulation",
    run: ["vvp", "-n", "simulation"],
  },
  verilator: {
    programs: [
      ["verilator", "--version"],
      ["g++", "--version"],
      ["make", "--version"],
    ],
    remedy: "apt-get install verilator g++ make",
    build: (files) => [
      "verilator",
      [
        ...["--binary", "--timing", "--top-module", BENCH, "-O3", "-CFLAGS", "-O2", "-j", "2"],
        ...["-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-TIMESCALEMOD"],
        ...["--default-language", "1364-2005", "--Mdir", "obj", "-o", "../simulation", ...files],
      ],
    ],
    built: "simulation",
    run: ["./simulation"],
  },
};

/** Whether a simulator can be used here. */
export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** Looks for the programs of an external simulator. */
export function findTool(name: ExternalName): Availability {
  const { programs, remedy } = TOOLS[name];
  const missing = programs.find(([program, argument]) => spawnSync(program, [argument], { stdio: "ignore" }).error);
  return missing ? { available: false, reason: `${missing[0]} is not installed (${remedy})` } : { available: true };
}

/** Makes a design ready on Icarus Verilog or Verilator, which must be installed. */
export async function openExternal(
  simulator: ExternalName,
  design: Design,
  cacheDirectory: string,
  onProgress: (message: string) => void,
): Promise<Simulation> {
  const tool = TOOLS[simulator];
  const found = findTool(simulator);
  if (!found.available) {
    throw new SimulationError(`${simulator}: expected an installed simulator, got none: ${found.reason}`, {
      simulator,
      remedy: tool.remedy,
    });
  }
  const { sources, top, parameters } = design;
  const ports = await cached(
    cacheDirectory,
    `${digest([yosysVersion(), sources, top, parameters])}.ports`,
    async () => {
      onProgress(`${top}: Yosys reads ${sources.length} Verilog files`);
      return new TextEncoder().encode(await elaboratePorts(sources, top, parameters));
    },
  );
  const netlist = readNetlist(new TextDecoder().decode(ports));
  checkPorts(netlist, design);

  const files = [...sources, { name: `${BENCH}.v`, text: benchText(design, netlist) }];
  const names = files.map(({ name }) => name).filter(isVerilog);
  const [program, commandLine] = tool.build(names);
  const version = spawnSync(program, [tool.programs[0][1]], { encoding: "utf8" }).stdout.split("\n")[0];
  const key = digest([simulator, version, commandLine, files]);
  const executable = await cached(cacheDirectory, `${key}.${simulator}`, async () => {
    onProgress(`${top}: ${program} builds the simulator`);
    return inFolder(async (folder) => {
      for (const { name, text } of files) writeFileSync(join(folder, name), text);
      await execute(simulator, folder, program, commandLine);
      return readFileSync(join(folder, tool.built));
    });
  });
  return simulate(simulator, design, netlist, executable);
}

/** Runs with a folder that is gone afterwards. */
async function inFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), "circulant-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function execute(
  simulator: ExternalName,
  folder: string,
  program: string,
  commandLine: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 2 ** 28 };
    execFile(program, commandLine, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const text = `${stderr}\n${stdout}`.trim().slice(0, 2000) || error.message;
      reject(new SimulationError(`${simulator}: expected ${program} to succeed, got ${text}`, { simulator, program }));
    });
  });
}

function simulate(simulator: ExternalName, design: Design, netlist: Netlist, executable: Uint8Array): Simulation {
  const memories: HexWords[] = design.memories.map(() => []);
  const known = design.memories.map(() => false);
  const inputs = [...netlist.ports]
    .filter(([, { direction }]) => direction === "input")
    .map(([name, { bits }]) => ({ name, width: bits.length }));

  const run = async (request: RunRequest): Promise<RunResult> => {
    checkRequest(design, inputs, request);
    for (const load of request.load ?? []) {
      const index = design.memories.findIndex(({ path }) => path === load.path);
      putWords(design.memories[index], memories[index], load);
      known[index] = true;
    }
    return inFolder(async (folder) => {
      for (const { name, text } of design.sources) if (!isVerilog(name)) writeFileSync(join(folder, name), text);
      writeExecutable(join(folder, TOOLS[simulator].built), executable);
      memories.forEach((words, i) => {
        if (known[i]) writeFileSync(join(folder, loadFile(i)), formatHex(words));
      });
      const [program, ...fixed] = TOOLS[simulator].run;
      await execute(simulator, folder, program, [
        ...fixed,
        ...inputs
          .filter(({ name }) => name in request.inputs)
          .map(({ name, width }) => `+in_${name}=${BigInt.asUintN(width, BigInt(request.inputs[name]))}`),
        `+cycles=${request.maxCycles}`,
        ...(request.trace === true ? ["+trace"] : []),
        ...known.flatMap((loaded, i) => (loaded ? [`+load${i}_`] : [])),
      ]);
      const read = (name: string) => readFileSync(join(folder, name), "latin1");
      const { cycles, outputs } = readResult(simulator, design, netlist, request, read(RESULT_FILE));
      design.memories.forEach((_, i) => {
        memories[i] = parseHex(read(dumpFile(i)));
        known[i] = true;
      });
      return {
        cycles,
        outputs,
        memories: (request.read ?? []).map((range) => {
          const index = design.memories.findIndex(({ path }) => path === range.path);
          return getWords(design.memories[index], memories[index], range);
        }),
        trace: request.trace === true ? readTrace(simulator, design, netlist, read(TRACE_FILE)) : {},
      };
    });
  };
  return { simulator, run: serial(run), dispose: () => {} };
}

function undefinedValue(simulator: ExternalName, port: string, cycle: number, text: string): SimulationError {
  return new SimulationError(`port ${port}: expected a defined value in cycle ${cycle}, got ${text}`, {
    simulator,
    port,
    cycle,
  });
}

/** The value of a port printed in hexadecimal, in two's complement if it is signed. */
function portValue(simulator: ExternalName, netlist: Netlist, port: string, cycle: number, text: string): bigint {
  if (/[^0-9a-f]/i.test(text)) throw undefinedValue(simulator, port, cycle, text);
  const { bits, signed } = netlist.ports.get(port) ?? { bits: [], signed: false };
  const value = BigInt(`0x${text}`);
  return signed ? BigInt.asIntN(bits.length, value) : value;
}

function readResult(
  simulator: ExternalName,
  design: Design,
  netlist: Netlist,
  request: RunRequest,
  text: string,
): Pick<RunResult, "cycles" | "outputs"> {
  const [end, ...values] = text.trim().split("\n");
  const [how, number] = end.split(" ");
  const cycles = Number(number);
  if (how === "unknown") throw undefinedValue(simulator, "done_o", cycles, "x");
  if (how !== "done") throw didNotFinish(simulator, design.top, request.maxCycles);
  return {
    cycles,
    outputs: Object.fromEntries(
      design.outputs.map((name, i) => [name, Number(portValue(simulator, netlist, name, cycles, values[i]))]),
    ),
  };
}

function readTrace(
  simulator: ExternalName,
  design: Design,
  netlist: Netlist,
  text: string,
): Record<string, TraceTable> {
  const rows: string[][][] = design.trace.map(() => []);
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [channel, ...row] = line.split(" ");
    const index = Number(channel);
    if (row[1] !== "1") throw undefinedValue(simulator, design.trace[index].enable, Number(row[0]), row[1]);
    rows[index].push(row);
  }
  return Object.fromEntries(
    design.trace.map(({ name, ports }, i) => {
      const cycles = Uint32Array.from(rows[i], ([cycle]) => Number(cycle));
      const columns = ports.map((port, c) => {
        const values = rows[i].map((row) => portValue(simulator, netlist, port, Number(row[0]), row[2 + c]));
        const wide = (netlist.ports.get(port)?.bits.length ?? 0) > 32;
        return [port, wide ? BigInt64Array.from(values) : Int32Array.from(values, Number)] as const;
      });
      return [name, { cycles, ports: Object.fromEntries(columns) }];
    }),
  );
}
