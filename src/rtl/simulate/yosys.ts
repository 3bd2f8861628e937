import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { SimulationError } from "../../errors.ts";
import { resolveOptional } from "./packages.ts";

type SourceFile = { readonly name: string; readonly text: string };

/** A worker given as text runs from the sources and from the build alike. */
const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const decoder = new TextDecoder();
let log = "";
const write = (bytes) => { if (bytes) log += decoder.decode(bytes, { stream: true }); };
import(workerData.bundle).then(async ({ runYosys }) => {
  const options = { stdout: write, stderr: write, decodeASCII: true };
  const keep = (tree) => Object.fromEntries(workerData.outputs.map((name) => [name, tree?.[name] ?? ""]));
  try {
    const tree = await runYosys(["-q", "-p", workerData.script], workerData.files, options);
    parentPort.postMessage({ ok: true, log, files: keep(tree) });
  } catch (error) {
    parentPort.postMessage({ ok: false, log: log || String(error), files: keep(error.files) });
  }
});
`;

export interface YosysResult {
  readonly ok: boolean;
  /** Warnings and errors as Yosys prints them. */
  readonly log: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs a Yosys script in a worker thread, for Yosys blocks the thread that it runs in.
 *
 * @param files   texts that the script may read, by name
 * @param outputs names of the text files to hand back; a file that was not written is empty
 * @throws SimulationError with the command that installs Yosys if its package is absent
 */
export async function runYosys(
  script: string,
  files: readonly SourceFile[],
  outputs: readonly string[],
): Promise<YosysResult> {
  const bundle = pathToFileURL(resolveOptional("@yowasp/yosys")).href;
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, {
      eval: true,
      execArgv: [],
      workerData: {
        bundle,
        script,
        files: Object.fromEntries(files.map(({ name, text }) => [name, text])),
        outputs,
      },
    });
    worker.once("message", (result: YosysResult) => {
      resolve(result);
      void worker.terminate();
    });
    worker.once("error", (error) => {
      reject(new SimulationError(`yosys: expected a running worker, got ${error.message}`, { simulator: "wasm" }));
    });
  });
}

const WRAPPER = "circulant_wrapper";
const LINT = "lint.txt";
const INITIAL = "initial.txt";
const PORTS = "ports.json";
const NETLIST = "netlist.json";

/** Whether a source is a Verilog file; others, such as memory images, only lie beside them. */
export function isVerilog(name: string): boolean {
  return name.endsWith(".v");
}

/**
 * The commands that elaborate a design. The parameters are given by an instance in a module that is then dropped,
 * for `chparam` makes them unsigned.
 */
export function elaborateCommands(
  sources: readonly SourceFile[],
  top: string,
  parameters: Readonly<Record<string, number>>,
): { readonly files: readonly SourceFile[]; readonly script: readonly string[] } {
  const overrides = Object.entries(parameters).map(([name, value]) => `.${name}(${value})`);
  const text = `module ${WRAPPER}; ${top} #(${overrides.join(", ")}) u_top (); endmodule\n`;
  const files = [...sources, { name: `${WRAPPER}.v`, text }];
  const verilog = files.filter(({ name }) => isVerilog(name)).map(({ name }) => `"${name}"`);
  return {
    files,
    script: [
      `read_verilog -icells -defer ${verilog.join(" ")}`,
      `hierarchy -check -top ${WRAPPER}`,
      `delete ${WRAPPER}`,
      "hierarchy -auto-top",
      `tee -o ${LINT} select -list t:$sshr r:A_SIGNED=0 %i`,
    ],
  };
}

function errorLines(log: string): string {
  const lines = log.split("\n").filter((line) => /error/i.test(line));
  return (lines.length > 0 ? lines.join("; ") : log.trim()).slice(0, 2000);
}

function check(result: YosysResult, top: string): void {
  if (!result.ok) {
    throw new SimulationError(`${top}: expected Verilog that Yosys accepts, got ${errorLines(result.log)}`, {
      simulator: "wasm",
      top,
      log: result.log,
    });
  }
  const shifts = result.files[LINT].split("\n").filter((line) => line.trim() !== "");
  if (shifts.length > 0) {
    throw new SimulationError(
      `${top}: expected every >>> on a signed operand, got ${shifts.length} on an unsigned one, where it shifts in ` +
        `zeros; put the operand in a signed wire first: ${shifts.slice(0, 8).join(", ")}`,
      { simulator: "wasm", top, shifts },
    );
  }
}

/**
 * Checks that no `>>>` of the elaborated design has an unsigned left operand, a fault that other linters pass over.
 *
 * @throws SimulationError naming file and line of each such shift, or the errors of Yosys
 */
export async function lintUnsignedShifts(
  sources: readonly SourceFile[],
  top: string,
  parameters: Readonly<Record<string, number>> = {},
): Promise<void> {
  const { files, script } = elaborateCommands(sources, top, parameters);
  check(await runYosys(script.join("; "), files, [LINT]), top);
}

interface Lowering {
  /** Whether memories have first words. */
  readonly initialMemories: boolean;
  /** Whether the names of inner signals stay. */
  readonly innerNames: boolean;
}

/**
 * Passes after elaboration. Memories are packed before `opt`, which would drop those that only the host reads. An
 * initial content that nobody gave is cut to one undefined bit, and modules that are flattened are deleted: spelled out,
 * they take most of the time.
 */
function lowering({ initialMemories, innerNames }: Lowering): readonly string[] {
  return [
    "proc",
    innerNames ? "flatten" : "flatten -noscopeinfo",
    "delete A:top %n",
    `tee -o ${INITIAL} select -list t:$meminit*`,
    "memory_collect",
    "setattr -set keep 1 t:$mem_v2",
    ...(initialMemories ? [] : ["setparam -set INIT 1'x t:$mem_v2"]),
    "memory_nordff",
    "opt",
    ...(innerNames ? [] : ["opt_clean -purge", "setattr -unset src -unset hdlname w:* c:*"]),
  ];
}

/**
 * Elaborates a design into one flat module of word-level cells.
 *
 * @param mapped whether it has a netlist in it (`Design.mapped`)
 * @returns the text of the JSON netlist
 * @throws SimulationError if Yosys refuses the design or a `>>>` has an unsigned left operand
 */
export async function elaborateNetlist(
  sources: readonly SourceFile[],
  top: string,
  parameters: Readonly<Record<string, number>>,
  mapped = false,
): Promise<string> {
  const { files, script } = elaborateCommands(sources, top, parameters);
  const lower = async (initialMemories: boolean) => {
    const commands = [...script, ...lowering({ initialMemories, innerNames: !mapped }), `write_json ${NETLIST}`];
    const result = await runYosys(commands.join("; "), files, [LINT, INITIAL, NETLIST]);
    check(result, top);
    return result.files;
  };
  if (mapped) return (await lower(true))[NETLIST];
  const plain = await lower(false);
  return (plain[INITIAL].trim() === "" ? plain : await lower(true))[NETLIST];
}

/**
 * The ports of the top module, for the given parameters.
 *
 * @throws SimulationError as {@link elaborateNetlist} does
 */
export async function elaboratePorts(
  sources: readonly SourceFile[],
  top: string,
  parameters: Readonly<Record<string, number>>,
): Promise<string> {
  const { files, script } = elaborateCommands(sources, top, parameters);
  const commands = [...script, "blackbox *", `write_json ${PORTS}`];
  const result = await runYosys(commands.join("; "), files, [LINT, PORTS]);
  check(result, top);
  return result.files[PORTS];
}
