import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SimulationError } from "../../errors.ts";
import { BENCH, benchText, dumpFile, loadFile, RESULT_FILE, TRACE_FILE, WAVE_FILE } from "./bench.ts";
import { simulationDigest } from "./build.ts";
import { cached, digest, writeExecutable } from "./cache.ts";
import { descriptionOf } from "./description.ts";
import type { Design, RunRequest, RunResult, Simulation, WaveRequest } from "./design.ts";
import { rewriteDump } from "./dump.ts";
import { formatHex, getWords, type HexWords, parseHex, putWords } from "./hex.ts";
import { checkPorts, type Ports, readNetlist } from "./netlist.ts";
import { optionalVersions } from "./packages.ts";
import { checkRequest, serial } from "./request.ts";
import { readResult, readTrace } from "./results.ts";
import { findShipped } from "./shipped.ts";
import { type ExternalName, execute, findTool, inFolder, TOOLS } from "./tools.ts";
import { elaboratePorts, isVerilog } from "./yosys.ts";

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
  const ports = await portsOf(design, cacheDirectory, onProgress);
  checkPorts(ports, design);
  const build = (waves: boolean) => buildTool(simulator, design, ports, waves, cacheDirectory, onProgress);
  let waved: Promise<Uint8Array> | undefined;
  return simulate({
    ...{ simulator, design, ports, executable: await build(false) },
    waveExecutable: () => {
      waved ??= build(true);
      return waved;
    },
  });
}

/** The ports of the top module: from the shipped simulation of the design, or else by Yosys. */
async function portsOf(design: Design, cacheDirectory: string, onProgress: (message: string) => void): Promise<Ports> {
  const shipped = findShipped(simulationDigest(design));
  if (shipped) {
    const module = await WebAssembly.compile(Uint8Array.from(shipped));
    return new Map(Object.entries(descriptionOf(module).ports));
  }
  const { sources, top, parameters } = design;
  const key = digest([optionalVersions(), sources, top, parameters]);
  const json = await cached(cacheDirectory, `${key}.ports`, async () => {
    onProgress(`${top}: Yosys reads ${sources.length} Verilog files`);
    return new TextEncoder().encode(await elaboratePorts(sources, top, parameters));
  });
  return readNetlist(new TextDecoder().decode(json)).ports;
}

/** The bench and the design as a program of a simulator; one that can dump waves is built apart, for it is slower. */
function buildTool(
  simulator: ExternalName,
  design: Design,
  ports: Ports,
  waves: boolean,
  cacheDirectory: string,
  onProgress: (message: string) => void,
): Promise<Uint8Array> {
  const tool = TOOLS[simulator];
  const files = [...design.sources, { name: `${BENCH}.v`, text: benchText(design, ports, waves) }];
  const names = files.map(({ name }) => name).filter(isVerilog);
  const [program, commandLine] = tool.build(names, waves);
  const version = spawnSync(program, [tool.programs[0][1]], { encoding: "utf8" }).stdout.split("\n")[0];
  const key = digest([simulator, version, commandLine, files]);
  return cached(cacheDirectory, `${key}.${simulator}`, async () => {
    onProgress(`${design.top}: ${program} builds the simulator${waves ? " with waves" : ""}`);
    return inFolder(async (folder) => {
      for (const { name, text } of files) writeFileSync(join(folder, name), text);
      await execute(simulator, folder, program, commandLine);
      return readFileSync(join(folder, tool.built));
    });
  });
}

/** A design and the programs that run it. */
interface Built {
  readonly simulator: ExternalName;
  readonly design: Design;
  readonly ports: Ports;
  readonly executable: Uint8Array;
  readonly waveExecutable: () => Promise<Uint8Array>;
}

function simulate({ simulator, design, ports, executable, waveExecutable }: Built): Simulation {
  const memories: HexWords[] = design.memories.map(() => []);
  const known = design.memories.map(() => false);
  const inputs = [...ports]
    .filter(([, { direction }]) => direction === "input")
    .map(([name, { width }]) => ({ name, width }));

  /** Runs the bench once in a folder, which then holds what it wrote. */
  const runBench = async (folder: string, program: Uint8Array, request: RunRequest, more: readonly string[]) => {
    for (const { name, text } of design.sources) if (!isVerilog(name)) writeFileSync(join(folder, name), text);
    writeExecutable(join(folder, TOOLS[simulator].built), program);
    memories.forEach((words, i) => {
      if (known[i]) writeFileSync(join(folder, loadFile(i)), formatHex(words));
    });
    const [command, ...fixed] = TOOLS[simulator].run;
    await execute(simulator, folder, command, [
      ...fixed,
      ...inputs
        .filter(({ name }) => name in request.inputs)
        .map(({ name, width }) => `+in_${name}=${BigInt.asUintN(width, BigInt(request.inputs[name]))}`),
      ...known.flatMap((loaded, i) => (loaded ? [`+load${i}_`] : [])),
      ...more,
    ]);
  };

  /** A run of its own that ends with the window, so that no more is dumped. */
  const dumpWaves = async (request: RunRequest, waves: WaveRequest) => {
    const program = await waveExecutable();
    await inFolder(async (folder) => {
      const { from = 0, to = request.maxCycles } = waves;
      const last = Math.min(to, request.maxCycles);
      await runBench(folder, program, request, [`+cycles=${last}`, `+wave_from=${from}`]);
      const dump = join(folder, WAVE_FILE);
      if (existsSync(dump)) rewriteDump(dump, design.top, waves);
    });
  };

  const run = async (request: RunRequest): Promise<RunResult> => {
    checkRequest(design, inputs, request);
    for (const load of request.load ?? []) {
      const index = design.memories.findIndex(({ path }) => path === load.path);
      putWords(design.memories[index], memories[index], load);
      known[index] = true;
    }
    if (request.waves) await dumpWaves(request, request.waves);
    return inFolder(async (folder) => {
      const trace = request.trace === true;
      await runBench(folder, executable, request, [`+cycles=${request.maxCycles}`, ...(trace ? ["+trace"] : [])]);
      const read = (name: string) => readFileSync(join(folder, name), "latin1");
      const { cycles, outputs } = readResult(simulator, design, ports, request, read(RESULT_FILE));
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
        trace: trace ? readTrace(simulator, design, ports, read(TRACE_FILE)) : {},
      };
    });
  };
  return { simulator, run: serial(run), dispose: () => {} };
}
