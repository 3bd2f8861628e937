import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SimulationError } from "../../errors.ts";
import { BENCH, benchText, dumpFile, loadFile, RESULT_FILE, TRACE_FILE } from "./bench.ts";
import { cached, digest, writeExecutable } from "./cache.ts";
import type { Design, RunRequest, RunResult, Simulation } from "./design.ts";
import { formatHex, getWords, type HexWords, parseHex, putWords } from "./hex.ts";
import { checkPorts, type Netlist, readNetlist } from "./netlist.ts";
import { checkRequest, serial } from "./request.ts";
import { readResult, readTrace } from "./results.ts";
import { type ExternalName, execute, findTool, inFolder, TOOLS } from "./tools.ts";
import { elaboratePorts, isVerilog, yosysVersion } from "./yosys.ts";

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
